using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>
/// DeleteObject: 204 whether or not there was an object. Without a version id a versioned bucket gets a delete marker; with
/// one the version is gone for good.
/// </summary>
public sealed class DeleteObject : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } = new("DeleteObject", "DELETE", Target.Object, "s3:DeleteObject") { TakesVersion = true, Anonymous = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var request = new DeleteRequest
        {
            VersionId = call.Query("versionId"),
            Conditions = ConditionHeaders.ForDelete(call.Request.Headers),
            By = call.Writer(),
            BypassesGovernance = await call.BypassesGovernance(call.Key, call.Query("versionId"), ct),
        };
        var result = await call.Services.Objects.Delete(call.Bucket, call.Key, request, ct);
        if (!IsGone(result)) return ObjectHeaders.RefusedWrite(result, request.Conditions);

        var reply = Reply.Empty(204);
        if (Marker(result) is { } marker) return reply.WithMarker(marker);
        return reply.With("x-amz-version-id", request.VersionId);
    }

    /// <summary>
    /// Whether the key or version is absent now. It counts as success that it was absent before, whatever a condition said: a
    /// client that sends its conditional delete again must not be told that it failed.
    /// </summary>
    internal static bool IsGone(Result<Removal> result) => result.Refusal is null or Refusal.NoSuchKey;

    /// <summary>The delete marker that was made or removed; null for neither.</summary>
    internal static ObjectVersion? Marker(Result<Removal> result) =>
        result.Refusal is not null ? null
        : result.Value.Marker ?? (result.Value.Removed is { IsDeleteMarker: true } removed ? removed : null);
}
