using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>DeleteObject: 204 whether or not there was an object.</summary>
public sealed class DeleteObject : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } = new("DeleteObject", "DELETE", Target.Object, "s3:DeleteObject") { TakesVersion = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var conditions = ConditionHeaders.ForDelete(call.Request.Headers);
        // A version that does not exist is as good as deleted.
        if (!VersionIds.IsCurrent(call.Query("versionId"))) return Reply.Empty(204);
        var result = await call.Services.Objects.Delete(call.Bucket, call.Key, conditions, ct);
        return Removed(result) ? Reply.Empty(204) : ObjectHeaders.RefusedWrite(result, conditions);
    }

    /// <summary>
    /// Whether the key is absent now. It counts as success that it was absent before, whatever If-Match said: a client that
    /// sends its conditional delete again must not be told that it failed.
    /// </summary>
    internal static bool Removed(Result<Removal> result) => result.Refusal is null or Refusal.NoSuchKey;
}
