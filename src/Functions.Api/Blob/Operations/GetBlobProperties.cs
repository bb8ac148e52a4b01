using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>GetBlobProperties: what GetBlob tells, without the bytes.</summary>
public sealed class GetBlobProperties : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("GetBlobProperties", "HEAD", Target.Object, "s3:GetObject", "r") { Public = ContainerAccess.Blob, SeesVersion = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        var conditions = call.Conditions();
        var result = await GetBlob.Open(call, new() { Conditions = conditions, WithBody = false }, ct);
        if (result.Refusal is not null) return GetBlob.Refused(result);
        var version = result.Value.Version;
        if (Leases.ForRead(conditions, version, call.Installation.Clock.GetUtcNow()) is { } leased) return BlobReplies.Refused<OpenVersion>(leased);
        var reply = Reply.LengthOnly(version.Size, 200).WithProperties(call.View(version) with { IsCurrent = result.Value.IsCurrent });
        foreach (var (name, value) in call.Sender.Grant?.Overrides ?? new Dictionary<string, string>()) reply.With(name, value);
        return reply;
    }
}
