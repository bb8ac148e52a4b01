namespace ZenkoFunctions.Api.S3;

/// <summary>AbortMultipartUpload: ends an upload and drops its parts.</summary>
public sealed class AbortMultipartUpload : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("AbortMultipartUpload", "DELETE", Target.Object, "s3:AbortMultipartUpload") { Query = ["uploadId"], Anonymous = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var result = await call.Services.Uploads.Abort(call.Bucket, call.Key, call.Query("uploadId")!, call.Request.Token, ct);
        return result.Refusal is null ? Reply.Empty(204) : Reply.Refused(result);
    }
}
