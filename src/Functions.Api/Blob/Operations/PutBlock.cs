using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>PutBlock: stores a block that a list can name later.</summary>
public sealed class PutBlock : BlobOperation
{
    /// <summary>The most bytes of a block, since version 2019-12-12.</summary>
    public const long MaxBytes = 4000L << 20;

    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("PutBlock", "PUT", Target.Object, "s3:PutObject", "w") { Comp = "block", NeedsLength = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        var id = BlockIds.Parse(call.Query("blockid"));
        if (call.Request.ContentLength == 0) return Reply.Refused(BlobErrors.InvalidHeaderValue, "A block has at least one byte.");
        var content = call.Content(MaxBytes);
        var result = await call.Installation.Blocks.Put(
            call.Bucket, call.Address.Blob, call.Writer(EventNames.Put), id, content, call.Conditions(), ct);
        return result.Refusal is null ? Stored(result.Value, content.Md5) : BlobPayload.Refused(result, content.Md5 is not null);
    }

    /// <summary>What is told of a block that was stored: the checksum by which the client sent it, else its CRC.</summary>
    internal static Reply Stored(Part block, byte[]? md5) => Reply.Empty(201)
        .With("Content-MD5", md5 is null ? null : Convert.ToBase64String(md5))
        .With("x-ms-content-crc64", md5 is null ? BlobHeaders.Crc64(Checksums.FullObject(ChecksumAlgorithm.Crc64Nvme, Convert.FromBase64String(block.Crc64Nvme))) : null)
        .With("x-ms-request-server-encrypted", block.Encryption is null ? "false" : "true");
}
