using ZenkoFunctions.Api.S3.Parsing;

namespace ZenkoFunctions.Api.S3;

/// <summary>PutObject: stores a body under a key.</summary>
public sealed class PutObject : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } = new("PutObject", "PUT", Target.Object, "s3:PutObject") { NeedsLength = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var headers = call.Request.Headers;
        var conditions = ConditionHeaders.ForWrite(headers);
        var description = Descriptions.Parse(headers);
        await call.CheckDescription(description, ct);
        var content = Payload.Content(call);
        if ((description.Retention is not null || description.LegalHold is not null) && content is { Md5: null, Announced: null })
            throw Invalid.Request(
                "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters");

        var result = await call.Services.Objects.Put(
            call.Bucket, call.Key, call.Writer(), description, content, conditions, ct);
        if (result.Refusal is not null) return ObjectHeaders.RefusedWrite(result, conditions);

        var version = result.Value.Version;
        return Reply.Empty().With("ETag", ETags.Quote(version.ETag)).WithChecksum(version.Checksum)
            .WithExpiration(call.Bucket, call.Key, version);
    }
}
