using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>PutPage: writes pages of a page blob, or makes them zeros again.</summary>
public sealed class PutPage : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("PutPage", "PUT", Target.Object, "s3:PutObject", "w") { Comp = "page", NeedsLength = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        var request = call.PageRequest();
        var range = call.PageRange();
        switch (call.Header("x-ms-page-write")?.ToLowerInvariant())
        {
            case "clear":
                if (call.Request.ContentLength != 0) return Reply.Refused(BlobErrors.InvalidHeaderValue, "Pages are cleared without a body.");
                var cleared = await call.Installation.PageBlobs.Clear(call.Bucket, call.Address.Blob, request, range, ct);
                return cleared.Refusal is null ? Reply.Empty(201).WithValidators(cleared.Value).WithSequence(cleared.Value) : BlobReplies.Refused(cleared);
            case "update":
                var content = call.Content(Pages.WriteBytes);
                if (content.Length != range.Length) return Reply.Refused(BlobErrors.InvalidHeaderValue, "Content-Length must be the length of the range.");
                return Answer(await call.Installation.PageBlobs.Write(call.Bucket, call.Address.Blob, request, range.Offset, content, ct), content.Md5);
            case null:
                return Reply.Refused(BlobErrors.MissingRequiredHeader, "x-ms-page-write must be update or clear.");
            default:
                return Reply.Refused(BlobErrors.InvalidHeaderValue, "x-ms-page-write must be update or clear.");
        }
    }

    /// <summary>What is told of pages that were written: the checksum by which they were sent, else CRC-64.</summary>
    internal static Reply Answer(Result<PagesWritten> result, byte[]? md5)
    {
        if (result.Refusal is not null) return BlobPayload.Refused(result, md5 is not null);
        var (version, _, crc) = result.Value;
        return Reply.Empty(201).WithValidators(version).WithSequence(version)
            .With("x-ms-request-server-encrypted", version.Encryption is null ? "false" : "true")
            .With("Content-MD5", md5 is null ? null : Convert.ToBase64String(md5))
            .With("x-ms-content-crc64", md5 is null ? BlobHeaders.Crc64(crc) : null);
    }
}
