using ZenkoFunctions.Api.S3.Parsing;

namespace ZenkoFunctions.Api.S3;

/// <summary>PutObjectTagging: replaces the tags of a version.</summary>
public sealed class PutObjectTagging : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("PutObjectTagging", "PUT", Target.Object, "s3:PutObjectTagging") { Query = ["tagging"], TakesVersion = true, Anonymous = true, AsksItself = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var tags = await TagSet.Read(call, TagLimit.Object, ct);
        var question = new AccessQuestion(Spec.Action, call.Bucket, call.Key, call.Query("versionId")) { Tags = tags };
        if (!await call.May(question, ct)) return Reply.Refused(S3Errors.AccessDenied);
        var amended = await call.Services.Objects.Amend(
            call.Permitting(question), call.Key, call.Query("versionId"), call.Cause(), version => version with { Tags = tags.Count == 0 ? null : tags }, ct);
        return amended.Refusal is null ? Reply.Empty().WithVersion(call, amended.Value) : ObjectHeaders.RefusedChange(amended);
    }
}
