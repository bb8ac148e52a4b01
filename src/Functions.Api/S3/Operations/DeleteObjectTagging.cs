namespace ZenkoFunctions.Api.S3;

/// <summary>DeleteObjectTagging: takes all tags off a version.</summary>
public sealed class DeleteObjectTagging : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("DeleteObjectTagging", "DELETE", Target.Object, "s3:DeleteObjectTagging") { Query = ["tagging"], TakesVersion = true, Anonymous = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var amended = await call.Services.Objects.Amend(
            call.Bucket, call.Key, call.Query("versionId"), call.Cause(), version => version with { Tags = null }, ct);
        return amended.Refusal is null ? Reply.Empty(204).WithVersion(call, amended.Value) : ObjectHeaders.RefusedChange(amended);
    }
}
