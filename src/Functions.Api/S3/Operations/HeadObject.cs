namespace ZenkoFunctions.Api.S3;

/// <summary>HeadObject: what GetObject would answer, without the bytes.</summary>
public sealed class HeadObject : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } = new("HeadObject", "HEAD", Target.Object, "s3:GetObject") { Anonymous = true, SeesVersion = true, TakesVersion = true };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(S3Call call, CancellationToken ct) => GetObject.Read(call, withBody: false, ct);
}
