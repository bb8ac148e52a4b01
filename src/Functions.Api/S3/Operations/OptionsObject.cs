namespace ZenkoFunctions.Api.S3;

/// <summary>A browser's preflight of a request to an object: may a page of that origin send it? The object need not exist.</summary>
public sealed class OptionsObject : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("OptionsObject", "OPTIONS", Target.Object, "") { IsPreflight = true, TakesVersion = true };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(S3Call call, CancellationToken ct) => Cors.Preflight(call, ct);
}
