using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>
/// GetObjectTagging: the tags of an object. As nothing can set tags yet, the set is empty; the aws CLI asks for it before it
/// copies a large object in parts.
/// </summary>
public sealed class GetObjectTagging : Operation
{
    private static readonly XmlShape<TagSet> SetShape = new XmlShape<TagSet>("TagSet");

    private static readonly XmlShape<Tagging> Shape = new XmlShape<Tagging>("Tagging").Nested("TagSet", SetShape, tagging => tagging.Set);

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("GetObjectTagging", "GET", Target.Object, "s3:GetObjectTagging") { Query = ["tagging"], TakesVersion = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        if (!VersionIds.IsCurrent(call.Query("versionId"))) return Reply.Refused(S3Errors.NoSuchVersion);
        var found = await call.Services.Objects.Open(call.Bucket, call.Key, new ReadRequest { WithBody = false }, ct);
        return found.Refusal is null ? Reply.Document(Shape, new Tagging()) : Reply.Refused(found);
    }

    private sealed class Tagging
    {
        public TagSet Set { get; } = new();
    }

    private sealed class TagSet;
}
