namespace ZenkoFunctions.Api.S3;

/// <summary>A browser's preflight of a request to a bucket: may a page of that origin send it?</summary>
public sealed class OptionsBucket : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } = new("OptionsBucket", "OPTIONS", Target.Bucket, "") { IsPreflight = true };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(S3Call call, CancellationToken ct) => Cors.Preflight(call, ct);
}
