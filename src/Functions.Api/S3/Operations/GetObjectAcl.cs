using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>GetObjectAcl: the access control list of a version.</summary>
public sealed class GetObjectAcl : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("GetObjectAcl", "GET", Target.Object, "s3:GetObjectAcl") { Query = ["acl"], TakesVersion = true, Anonymous = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var found = await call.Services.Objects.Find(call.Bucket, call.Key, call.Query("versionId"), ct);
        if (found.Refusal is not null) return Reply.Refused(found);
        var version = found.Value.Version;
        return AclDocument.Write(call.Bucket.OwnerOf(version), version.Acl);
    }
}
