using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>The document of a blob's tags.</summary>
public sealed class BlobTags
{
    /// <summary>The most bytes of a document.</summary>
    internal const int MaxBytes = 64 * 1024;

    private static readonly XmlShape<Tag> TagShape = new XmlShape<Tag>("Tag")
        .Text("Key", t => t.Key, (t, v) => t.Key = v, required: true)
        .Text("Value", t => t.Value, (t, v) => t.Value = v, required: true);

    /// <summary>How it is written.</summary>
    internal static readonly XmlShape<BlobTags> Shape = new XmlShape<BlobTags>("Tags", xmlns: null)
        .Wrapped("TagSet", "Tag", TagShape, t => t.Tags, (t, tag) => t.Tags.Add(tag), required: true);

    internal List<Tag> Tags { get; } = [];

    /// <summary>Reads a document; InvalidXmlDocument and InvalidTag where it is none.</summary>
    internal static async ValueTask<IReadOnlyDictionary<string, string>> Read(BlobCall call, CancellationToken ct)
    {
        return Read(await S3Body.ReadAll(call.Request.Body, call.Request.ContentLength, MaxBytes, call.Spec.Name, ct));
    }

    /// <inheritdoc cref="Read(BlobCall, CancellationToken)"/>
    internal static IReadOnlyDictionary<string, string> Read(ReadOnlyMemory<byte> document)
    {
        var tags = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var tag in Shape.Read(document).Tags) BlobHeaders.AddTag(tags, tag.Key, tag.Value);
        return tags;
    }
}

/// <summary>GetBlobTags.</summary>
public sealed class GetBlobTags : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("GetBlobTags", "GET", Target.Object, "s3:GetObjectTagging", "t") { Comp = "tags" };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        var conditions = call.Conditions();
        var result = await GetBlob.Open(call, new() { Conditions = conditions, WithBody = false }, ct);
        if (result.Refusal is not null) return GetBlob.Refused(result);
        if (Leases.ForRead(conditions, result.Value.Version, call.Installation.Clock.GetUtcNow()) is { } leased) return BlobReplies.Refused<OpenVersion>(leased);
        var document = new BlobTags();
        foreach (var (key, value) in result.Value.Version.Tags ?? new Dictionary<string, string>()) document.Tags.Add(new() { Key = key, Value = value });
        return Reply.Document(BlobTags.Shape, document);
    }
}

/// <summary>SetBlobTags: other tags in the place of the present, of the blob, a version or a snapshot. Neither the ETag nor the date of the blob moves.</summary>
public sealed class SetBlobTags : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("SetBlobTags", "PUT", Target.Object, "s3:PutObjectTagging", "t")
    {
        Comp = "tags", NeedsLength = true, DocumentBytes = 64 * 1024, ChangesSnapshots = true,
    };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        var tags = await BlobTags.Read(call, ct);
        var result = await call.Amend(call.Cause(EventNames.TaggingPut), version => version with { Tags = tags.Count == 0 ? null : tags }, ct);
        return result.Refusal is null ? Reply.Empty(204) : BlobReplies.Refused(result);
    }
}
