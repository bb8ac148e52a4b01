using ZenkoFunctions.Api.S3.Parsing;

namespace ZenkoFunctions.Api.S3;

/// <summary>GetObjectTagging: the tags of a version, none at all too.</summary>
public sealed class GetObjectTagging : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("GetObjectTagging", "GET", Target.Object, "s3:GetObjectTagging") { Query = ["tagging"], TakesVersion = true, Anonymous = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var found = await call.Services.Objects.Find(call.Bucket, call.Key, call.Query("versionId"), ct);
        return found.Refusal is null
            ? TagSet.Document(Sorted(found.Value.Version.Tags)).WithVersion(call, found.Value.Version)
            : ObjectHeaders.RefusedRead(found);
    }

    /// <summary>In the order of their keys, whatever the order they were given in.</summary>
    private static SortedDictionary<string, string>? Sorted(IReadOnlyDictionary<string, string>? tags) =>
        tags is null ? null : new(tags.ToDictionary(), StringComparer.Ordinal);
}
