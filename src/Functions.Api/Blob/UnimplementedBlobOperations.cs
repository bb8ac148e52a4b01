using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Blob;

/// <summary>An operation of Azure's Blob protocol that this server does not have: it is routed, so that it is answered 501.</summary>
/// <param name="spec">By which requests are recognised; no SAS permits it.</param>
public sealed class UnimplementedBlobOperation(BlobSpec spec) : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec => spec;

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(BlobCall call, CancellationToken ct) => new(Reply.Refused(BlobErrors.NotImplemented, $"This server does not implement {spec.Name}."));
}

/// <summary>The other operations of Azure's Blob protocol. One that is implemented moves from here to <see cref="BlobOperations.All"/>.</summary>
public static class UnimplementedBlobOperations
{
    /// <summary>The table, by name.</summary>
    public static IReadOnlyList<BlobOperation> All { get; } =
    [
        Of("QueryBlobContents", "POST", Target.Object, "query"),
        new UnimplementedBlobOperation(new("RenameContainer", "PUT", Target.Bucket, "s3:CreateBucket", "") { Restype = "container", Comp = "rename", ContainerMayBeAbsent = true }),
        new UnimplementedBlobOperation(new("RestoreContainer", "PUT", Target.Bucket, "s3:CreateBucket", "") { Restype = "container", Comp = "undelete", ContainerMayBeAbsent = true }),
        Of("SetBlobExpiry", "PUT", Target.Object, "expiry"),
    ];

    private static UnimplementedBlobOperation Of(string name, string verb, Target target, string? comp, params string[] headers) =>
        new(new(name, verb, target, verb == "PUT" ? "s3:PutObject" : "s3:GetObject", "") { Comp = comp, Headers = headers });
}
