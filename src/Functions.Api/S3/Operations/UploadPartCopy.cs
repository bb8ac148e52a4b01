using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>UploadPartCopy: a part of a multipart upload that is copied from an object.</summary>
public sealed class UploadPartCopy : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } = new("UploadPartCopy", "PUT", Target.Object, "s3:PutObject")
    {
        Query = ["partNumber", "uploadId"],
        Header = "x-amz-copy-source",
        Anonymous = true,
    };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var headers = call.Request.Headers;
        var number = Numbers.PartNumber(call.Query("partNumber"));
        var range = Ranges.ParseCopySource(call.Header("x-amz-copy-source-range"));
        var (bucket, key, versionId) = await CopySources.Find(call, ct);
        var source = new PartSource(bucket, key, versionId, ConditionHeaders.ForCopySource(headers), range)
        {
            SourceCustomerKey = EncryptionHeaders.ForCopySource(call),
            Encryption = EncryptionHeaders.ForWrite(call),
        };

        var result = await call.Services.Uploads.CopyPart(
            call.Bucket, call.Key, call.Query("uploadId")!, number, source, ct);
        if (result.Refusal is null)
        {
            var part = result.Value.Part;
            return Reply.Document(Shape, new Copied { Part = part })
                .WithSourceVersion(bucket, result.Value.Source)
                .WithEncryption(part.Encryption, call);
        }
        return result.Refusal == Refusal.InvalidRange
            ? Reply.Refused(result).About("RangeRequested", call.Header("x-amz-copy-source-range"))
            : CopySources.Refused(result);
    }

    private sealed class Copied
    {
        public Part? Part { get; init; }
    }

    private static readonly XmlShape<Copied> Shape = new XmlShape<Copied>("CopyPartResult")
        .Date("LastModified", c => c.Part?.Modified)
        .Text("ETag", c => c.Part is { } part ? ETags.Quote(part.ETag) : null)
        .ChecksumElements(c => c.Part?.Checksum);
}
