using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>SetBlobProperties, of a block or append blob: all of the properties at once, those that are not named are cleared.</summary>
public sealed class SetBlobHttpHeaders : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("SetBlobProperties", "PUT", Target.Object, "s3:PutObject", "w") { Comp = "properties" };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        var headers = BlobHeaders.PropertiesOf(call.Request.Headers, fallsBack: false);
        var md5 = BlobHeaders.Md5(call.Header("x-ms-blob-content-md5"));
        var told = md5 is null ? "" : Convert.ToBase64String(md5);
        var result = await call.Touch(version => version with { Headers = headers, Blob = (version.Blob ?? new()) with { ContentMd5 = told } }, ct);
        if (result.Refusal is not null) return BlobReplies.Refused(result);
        var sequence = result.Value.Blob is { Type: BlobType.PageBlob } page ? $"{page.SequenceNumber ?? 0}" : null;
        return Reply.Empty().WithValidators(result.Value).With("x-ms-blob-sequence-number", sequence);
    }
}
