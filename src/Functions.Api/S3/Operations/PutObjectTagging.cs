using ZenkoFunctions.Api.S3.Parsing;

namespace ZenkoFunctions.Api.S3;

/// <summary>PutObjectTagging: replaces the tags of a version.</summary>
public sealed class PutObjectTagging : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("PutObjectTagging", "PUT", Target.Object, "s3:PutObjectTagging") { Query = ["tagging"], TakesVersion = true, Anonymous = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var tags = await TagSet.Read(call, TagLimit.Object, ct);
        var amended = await call.Services.Objects.Amend(
            call.Bucket, call.Key, call.Query("versionId"), call.Cause(), version => version with { Tags = tags.Count == 0 ? null : tags }, ct);
        return amended.Refusal is null ? Reply.Empty().WithVersion(call, amended.Value) : ObjectHeaders.RefusedChange(amended);
    }
}
