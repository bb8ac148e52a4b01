using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>The location that a bucket was made with, or the region. As at AWS, us-east-1 is the empty one.</summary>
public sealed class GetBucketLocation : Operation
{
    private static readonly XmlShape<Result> Shape = new XmlShape<Result>("LocationConstraint").Content(r => r.Constraint);

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("GetBucketLocation", "GET", Target.Bucket, "s3:GetBucketLocation") { Query = ["location"], Anonymous = true };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(S3Call call, CancellationToken ct) =>
        new(Reply.Document(Shape, new Result(Constraint(call.Bucket, call.Services.Region))));

    private static string Constraint(Bucket bucket, string region)
    {
        var constraint = bucket.LocationConstraint.Length > 0 ? bucket.LocationConstraint : region;
        return constraint == "us-east-1" ? "" : constraint;
    }

    private sealed record Result(string Constraint)
    {
        public Result() : this("") { }
    }
}
