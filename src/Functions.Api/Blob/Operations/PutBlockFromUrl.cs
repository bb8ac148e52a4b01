using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>PutBlockFromURL: stores a block that is read from elsewhere.</summary>
public sealed class PutBlockFromUrl : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } =
        new("PutBlockFromURL", "PUT", Target.Object, "s3:PutObject", "w") { Comp = "block", Headers = ["x-ms-copy-source"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        if (call.Request.ContentLength > 0) return Reply.Refused(BlobErrors.InvalidHeaderValue, "A block that is read from elsewhere has no body.");
        var id = BlockIds.Parse(call.Query("blockid"));
        var (md5, crc) = BlobPayload.SourceSums(call);
        var (source, refused) = await BlobSource.Open(call, ct);
        if (source is null) return refused!;
        await using var _ = source;
        if (source.Body.Length is 0 or > PutBlock.MaxBytes) return Reply.Refused(BlobErrors.OutOfRangeInput, "A block has 1 byte to 4,000 MiB; name a range of the source.");
        var result = await BodyPipe.Through(
            source.Body,
            content => call.Installation.Blocks.Put(
                call.Bucket, call.Address.Blob, call.Writer(EventNames.Put), id, BlobPayload.Announced(content, md5, crc), call.Conditions(), ct),
            ct);
        return result.Refusal is null ? PutBlock.Stored(result.Value, md5) : BlobPayload.Refused(result, md5 is not null);
    }
}
