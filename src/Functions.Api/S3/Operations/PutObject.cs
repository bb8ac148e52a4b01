using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>PutObject: stores a body under a key.</summary>
public sealed class PutObject : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } = new("PutObject", "PUT", Target.Object, "s3:PutObject") { NeedsLength = true, Anonymous = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var conditions = ConditionHeaders.ForWrite(call.Request.Headers);
        var result = await Write(call, conditions, ct);
        return result.Refusal is null ? Describe(Reply.Empty(), call, result.Value.Version) : ObjectHeaders.RefusedWrite(result, conditions);
    }

    /// <summary>Stores the body as the headers describe it; a form's fields have become headers.</summary>
    internal static async ValueTask<Result<Written>> Write(S3Call call, Conditions conditions, CancellationToken ct)
    {
        var description = Descriptions.Parse(call.Request.Headers, call.Services.Region);
        await call.CheckDescription(description, ct);
        var (writer, acl) = await call.NewObjectAccess(ct);
        var content = Payload.Content(call);
        if ((description.Retention is not null || description.LegalHold is not null) && content is { Md5: null, Announced: null })
            throw Invalid.Request(
                "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters");
        return await call.Services.Objects.Put(call.Bucket, call.Key, writer, acl is null ? description : description with { Acl = acl }, content, conditions, ct);
    }

    /// <summary>What is told of the version that was stored.</summary>
    internal static Reply Describe(Reply reply, S3Call call, ObjectVersion version) => reply
        .With("ETag", ETags.Quote(version.ETag)).WithNewVersion(version).WithChecksum(version.Checksum)
        .WithExpiration(call.Bucket, call.Key, version).WithNewEncryption(version.Encryption, call);
}
