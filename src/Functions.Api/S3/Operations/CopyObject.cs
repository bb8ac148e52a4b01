using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>CopyObject: a copy of an object of up to 5 GiB, made by the server.</summary>
public sealed class CopyObject : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("CopyObject", "PUT", Target.Object, "s3:PutObject") { Header = "x-amz-copy-source", Anonymous = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var headers = call.Request.Headers;
        var isReplacing = IsReplace(call, "x-amz-metadata-directive");
        var copiesTags = !IsReplace(call, "x-amz-tagging-directive");
        var conditions = ConditionHeaders.ForWrite(headers);
        var description = Descriptions.ParseCopy(headers, call.Services.Region, copiesMetadata: !isReplacing, copiesTags);
        await call.CheckDescription(description, ct);
        var encryption = EncryptionHeaders.ForWrite(call);
        var sourceKey = EncryptionHeaders.ForCopySource(call);
        var (writer, acl) = await call.NewObjectAccess(ct);
        var (bucket, key, versionId) = await CopySources.Find(call, ct);
        if (!isReplacing)
            CheckUnchanged(call, bucket, key, encryption is not null || versionId is not null || description.Location is not null);

        if (copiesTags && !await MayCopyTags(call, bucket, key, versionId, ct))
            return Reply.Refused(S3Errors.AccessDenied, "This sender may not copy the source's tags; use x-amz-tagging-directive REPLACE.");

        var result = await call.Services.Objects.Copy(
            new CopyRequest
            {
                SourceBucket = bucket,
                SourceKey = key,
                SourceVersionId = versionId,
                SourceConditions = ConditionHeaders.ForCopySource(headers),
                Bucket = call.Bucket,
                Key = call.Key,
                Writer = writer,
                Description = description with { Acl = acl },
                CopiesMetadata = !isReplacing,
                CopiesTags = copiesTags,
                Algorithm = ChecksumHeaders.Algorithm(headers),
                SourceCustomerKey = sourceKey,
                Encryption = encryption,
                Conditions = conditions,
            },
            ct);
        if (result.Refusal is not null) return CopySources.Refused(result);
        var version = result.Value.Version;
        return Reply.Document(Shape, new Copied { Version = version })
            .WithNewVersion(version)
            .WithSourceVersion(bucket, result.Value.Source)
            .WithExpiration(call.Bucket, call.Key, version)
            .WithNewEncryption(version.Encryption, call);
    }

    /// <summary>Who may not both read the source's tags and set the copy's can copy only what has none.</summary>
    private static async ValueTask<bool> MayCopyTags(S3Call call, Bucket bucket, string key, string? versionId, CancellationToken ct)
    {
        if (await call.May(new("s3:GetObjectTagging", bucket, key, versionId), ct)
            && await call.May(new("s3:PutObjectTagging", call.Bucket, call.Key) { IsOfOwnWrite = true }, ct)) return true;
        var source = await call.Services.Objects.Find(bucket, key, versionId, ct);
        // What is refused for another reason is told by the copy itself.
        return source.Refusal is not null || source.Value.Version.Tags is null;
    }

    private static bool IsReplace(S3Call call, string directive) => call.Header(directive) switch
    {
        null or "COPY" => false,
        "REPLACE" => true,
        var other => throw Invalid.Argument(directive, other, $"Unknown {directive}: use COPY or REPLACE."),
    };

    /// <summary>
    /// What a copy with the source's metadata cannot do. One that is encrypted anew, goes to a named location, or brings a
    /// named version back, is another.
    /// </summary>
    private static void CheckUnchanged(S3Call call, Bucket bucket, string key, bool isOther)
    {
        if (call.Header("x-amz-website-redirect-location") is not null) throw Invalid.NotServed("x-amz-website-redirect-location");
        if (bucket.Id == call.Bucket.Id && key == call.Key && call.Header("x-amz-storage-class") is null && !isOther)
            throw Invalid.Request(
                "This copy request is illegal because it is trying to copy an object to itself without changing the object's "
                + "metadata, storage class, website redirect location or encryption attributes.");
    }

    private sealed class Copied
    {
        public ObjectVersion? Version { get; init; }
    }

    private static readonly XmlShape<Copied> Shape = new XmlShape<Copied>("CopyObjectResult")
        .Date("LastModified", c => c.Version?.Modified)
        .Text("ETag", c => c.Version is { } version ? ETags.Quote(version.ETag) : null)
        .Text("ChecksumType", c => c.Version?.Checksum is { } checksum ? Checksums.Name(checksum.Type) : null)
        .ChecksumElements(c => c.Version?.Checksum);
}
