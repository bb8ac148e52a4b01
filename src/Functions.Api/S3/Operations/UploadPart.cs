using ZenkoFunctions.Api.S3.Parsing;

namespace ZenkoFunctions.Api.S3;

/// <summary>UploadPart: stores a part of a multipart upload.</summary>
public sealed class UploadPart : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("UploadPart", "PUT", Target.Object, "s3:PutObject") { Query = ["partNumber", "uploadId"], NeedsLength = true, Anonymous = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var number = Numbers.PartNumber(call.Query("partNumber"));
        var content = Payload.Content(call);
        var result = await call.Services.Uploads.PutPart(
            call.Bucket, call.Key, call.Query("uploadId")!, number, content, ct);
        if (result.Refusal is not null) return Reply.Refused(result);
        return Reply.Empty().With("ETag", ETags.Quote(result.Value.ETag)).WithChecksumValue(result.Value.Checksum)
            .WithEncryption(result.Value.Encryption, call);
    }
}
