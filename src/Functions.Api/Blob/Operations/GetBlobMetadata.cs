using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>GetBlobMetadata: the metadata of a blob, a snapshot or a version.</summary>
/// <param name="verb">GET or HEAD.</param>
public sealed class GetBlobMetadata(string verb) : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("GetBlobMetadata", verb, Target.Object, "s3:GetObject", "r") { Comp = "metadata", Public = ContainerAccess.Blob, SeesVersion = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        var conditions = call.Conditions();
        var result = await GetBlob.Open(call, new() { Conditions = conditions, WithBody = false }, ct);
        if (result.Refusal is not null) return GetBlob.Refused(result);
        var version = result.Value.Version;
        if (Leases.ForRead(conditions, version, call.Installation.Clock.GetUtcNow()) is { } leased) return BlobReplies.Refused<OpenVersion>(leased);
        var reply = Reply.Empty().WithValidators(version);
        foreach (var (name, value) in version.Metadata) reply.With(BlobHeaders.MetadataPrefix + name, value);
        return reply;
    }
}
