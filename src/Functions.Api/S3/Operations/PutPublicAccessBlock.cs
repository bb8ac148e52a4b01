using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>PutPublicAccessBlock: keeps the bucket from being opened to the public. A switch that is left out is off.</summary>
public sealed class PutPublicAccessBlock : Operation
{
    private const int MaxBody = 64 * 1024;

    internal static readonly XmlShape<Configuration> Shape = new XmlShape<Configuration>("PublicAccessBlockConfiguration")
        .Flag("BlockPublicAcls", c => c.BlockPublicAcls, (c, v) => c.BlockPublicAcls = v)
        .Flag("IgnorePublicAcls", c => c.IgnorePublicAcls, (c, v) => c.IgnorePublicAcls = v)
        .Flag("BlockPublicPolicy", c => c.BlockPublicPolicy, (c, v) => c.BlockPublicPolicy = v)
        .Flag("RestrictPublicBuckets", c => c.RestrictPublicBuckets, (c, v) => c.RestrictPublicBuckets = v);

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("PutPublicAccessBlock", "PUT", Target.Bucket, "s3:PutBucketPublicAccessBlock") { Query = ["publicAccessBlock"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var c = Shape.Read(await Payload.ReadMessage(call, MaxBody, mustSay: false, ct));
        var block = new PublicAccessBlock(c.BlockPublicAcls, c.IgnorePublicAcls, c.BlockPublicPolicy, c.RestrictPublicBuckets);
        return await call.ChangeSetting(BucketSettings.PublicAccessBlock, block, 200, ct);
    }

    internal sealed class Configuration
    {
        public bool BlockPublicAcls { get; set; }

        public bool IgnorePublicAcls { get; set; }

        public bool BlockPublicPolicy { get; set; }

        public bool RestrictPublicBuckets { get; set; }
    }
}
