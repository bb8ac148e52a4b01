using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>PutBucketRequestPayment: who pays for requests. Where it is the requester, others than the owner must say that they know.</summary>
public sealed class PutBucketRequestPayment : Operation
{
    private const int MaxBody = 16 * 1024;

    /// <summary>The message, here and in the reply of Get.</summary>
    internal static readonly XmlShape<Configuration> Shape = new XmlShape<Configuration>("RequestPaymentConfiguration")
        .Text("Payer", c => c.Payer, (c, v) => c.Payer = v, required: true);

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("PutBucketRequestPayment", "PUT", Target.Bucket, "s3:PutBucketRequestPayment") { Query = ["requestPayment"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var configuration = Shape.Read(await Payload.ReadMessage(call, MaxBody, false, ct));
        return configuration.Payer switch
        {
            Configuration.Requester => await call.ChangeSetting(BucketSettings.RequestPayment, new(), 200, ct),
            Configuration.Owner => await call.ChangeSetting(BucketSettings.RequestPayment, null, 200, ct),
            _ => throw XmlReading.Malformed($"Payer must be {Configuration.Owner} or {Configuration.Requester}."),
        };
    }

    internal sealed class Configuration
    {
        public const string Owner = "BucketOwner";
        public const string Requester = "Requester";

        public string Payer { get; set; } = Owner;
    }
}
