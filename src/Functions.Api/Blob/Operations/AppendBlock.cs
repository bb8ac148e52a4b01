using System.Globalization;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>AppendBlock: adds bytes at the end of an append blob.</summary>
public sealed class AppendBlock : BlobOperation
{
    /// <summary>The most bytes of a block, since version 2022-11-02.</summary>
    internal const long MaxBytes = 100L << 20;

    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("AppendBlock", "PUT", Target.Object, "s3:PutObject", "aw") { Comp = "appendblock", NeedsLength = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        if (call.Request.ContentLength == 0) return Reply.Refused(BlobErrors.InvalidHeaderValue, "A block has at least one byte.");
        var content = call.Content(MaxBytes);
        var result = await call.Installation.AppendBlobs.Append(call.Bucket, call.Address.Blob, Request(call), content, ct);
        return Answer(result, content.Md5);
    }

    /// <summary>The conditions of an append.</summary>
    internal static AppendRequest Request(BlobCall call) => new()
    {
        Conditions = call.Conditions(),
        Position = Number(call, "x-ms-blob-condition-appendpos"),
        MaxSize = Number(call, "x-ms-blob-condition-maxsize"),
        Cause = call.Cause(EventNames.Put),
    };

    /// <summary>What is told of a block that was appended: the checksum by which it was sent, else its CRC.</summary>
    internal static Reply Answer(Result<Appended> result, byte[]? md5)
    {
        if (result.Refusal is not null) return BlobPayload.Refused(result, md5 is not null);
        var (version, offset, crc) = result.Value;
        return Reply.Empty(201).WithWritten(version)
            .With("x-ms-blob-append-offset", offset.ToString(CultureInfo.InvariantCulture))
            .With("x-ms-blob-committed-block-count", version.Blob!.Appended!.Value.ToString(CultureInfo.InvariantCulture))
            .With("Content-MD5", md5 is null ? null : Convert.ToBase64String(md5))
            .With("x-ms-content-crc64", md5 is null ? BlobHeaders.Crc64(crc) : null);
    }

    private static long? Number(BlobCall call, string header) => call.Header(header) is not { } text ? null
        : Numbers.Parse(text) ?? throw new S3Exception(BlobErrors.InvalidHeaderValue, $"{header} must be a number of bytes.");
}
