using System.Globalization;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>GetBucketQuota, Zenko's: the most bytes that the bucket may hold, or NoSuchQuota; either way, in headers, what it does hold.</summary>
public sealed class GetBucketQuota : Operation
{
    private static readonly XmlShape<Answer> Shape = new XmlShape<Answer>("GetBucketQuota", xmlns: null)
        .Text("Name", a => a.Name)
        .Integer("Quota", a => a.Quota);

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } = new("GetBucketQuota", "GET", Target.Bucket, "scality:GetBucketQuota") { Query = ["quota"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var usage = (await call.Services.Buckets.Usage.Read(call.Bucket.Id, ct)).Total;
        var reply = call.Bucket.Get(BucketSettings.Quota) is { } quota
            ? Reply.Document(Shape, new Answer { Name = call.BucketName, Quota = quota.Bytes })
            : Reply.Refused(S3Errors.NoSuchQuota).About("BucketName", call.BucketName);
        // Ours: Zenko's answer has no place for them.
        return reply
            .With("x-zenkofn-usage-bytes", usage.Held.ToString(CultureInfo.InvariantCulture))
            .With("x-zenkofn-usage-versions", usage.Versions.ToString(CultureInfo.InvariantCulture));
    }

    private sealed class Answer
    {
        public string Name { get; init; } = "";

        public long Quota { get; init; }
    }
}
