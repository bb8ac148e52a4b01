using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>PutPageFromURL: writes pages that are read from elsewhere.</summary>
public sealed class PutPageFromUrl : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("PutPageFromURL", "PUT", Target.Object, "s3:PutObject", "w") { Comp = "page", Headers = ["x-ms-copy-source"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        if (call.Request.ContentLength > 0) return Reply.Refused(BlobErrors.InvalidHeaderValue, "Pages that are read from elsewhere have no body.");
        if (call.Header("x-ms-page-write") is { } write && !write.Equals("update", StringComparison.OrdinalIgnoreCase)) return Reply.Refused(BlobErrors.InvalidHeaderValue, "x-ms-page-write must be update.");
        if (call.Header("x-ms-source-range") is null) return Reply.Refused(BlobErrors.MissingRequiredHeader, "Say in x-ms-source-range which bytes of the source.");
        var request = call.PageRequest();
        var range = call.PageRange();
        if (range.Length > Pages.WriteBytes) return Reply.Refused(BlobErrors.RequestBodyTooLarge, "At most 4 MiB may be written at once.");
        var (md5, crc) = BlobPayload.SourceSums(call);
        var (source, refused) = await BlobSource.Open(call, ct);
        if (source is null) return refused!;
        await using var _ = source;
        if (source.Body.Length != range.Length) return Reply.Refused(BlobErrors.InvalidHeaderValue, "The range of the source must be as long as that of the blob.");
        var result = await BodyPipe.Through(
            source.Body,
            content => call.Installation.PageBlobs.Write(call.Bucket, call.Address.Blob, request, range.Offset, BlobPayload.Announced(content, md5, crc), ct), ct);
        return PutPage.Answer(result, md5);
    }
}
