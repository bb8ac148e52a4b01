using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>AppendBlockFromURL: adds bytes that are read from elsewhere.</summary>
public sealed class AppendBlockFromUrl : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("AppendBlockFromURL", "PUT", Target.Object, "s3:PutObject", "aw") { Comp = "appendblock", Headers = ["x-ms-copy-source"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        if (call.Request.ContentLength > 0) return Reply.Refused(BlobErrors.InvalidHeaderValue, "A block that is read from elsewhere has no body.");
        var request = AppendBlock.Request(call);
        var (md5, crc) = BlobPayload.SourceSums(call);
        var (source, refused) = await BlobSource.Open(call, ct);
        if (source is null) return refused!;
        await using var _ = source;
        if (source.Body.Length is 0 or > AppendBlock.MaxBytes) return Reply.Refused(BlobErrors.OutOfRangeInput, "A block has 1 byte to 100 MiB; name a range of the source.");
        var result = await BodyPipe.Through(
            source.Body,
            content => call.Installation.AppendBlobs.Append(call.Bucket, call.Address.Blob, request, BlobPayload.Announced(content, md5, crc), ct), ct);
        return AppendBlock.Answer(result, md5);
    }
}
