using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>PutBucketLifecycleConfiguration: replaces the rules by which a bucket's objects expire and move.</summary>
public sealed class PutBucketLifecycleConfiguration : Operation
{
    /// <summary>Which small objects are transitioned; in the request and in replies.</summary>
    internal const string MinimumHeader = "x-amz-transition-default-minimum-object-size";

    private const int MaxBody = 2 * 1024 * 1024; // a thousand rules with long ids, prefixes and tags
    private const string Varies = "varies_by_storage_class";
    private const string Least = "all_storage_classes_128K";

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("PutBucketLifecycleConfiguration", "PUT", Target.Bucket, "s3:PutLifecycleConfiguration") { Query = ["lifecycle"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var minimum = call.Header(MinimumHeader);
        if (minimum is not (null or Varies or Least)) throw Invalid.Argument(MinimumHeader, minimum, $"Either {Varies} or {Least}.");
        var locations = await call.Services.Buckets.Locations.Names(ct);
        var parsed = LifecycleDocument.Parse(await Payload.ReadVerified(call, MaxBody, ct), locations.Contains);
        var setting = parsed with { MinimumVariesByStorageClass = minimum == Varies };
        var changed = await call.Services.Buckets.Change<LifecycleSetting>(call.Bucket, BucketSettings.Lifecycle, _ => setting, ct);
        if (changed.Refusal is not null) return Reply.Refused(changed);
        if (call.Services.Walks is { } walks) await walks.StartLifecycle(changed.Value, ct);
        return Reply.Empty().With(MinimumHeader, Minimum(setting));
    }

    /// <summary>The value of <see cref="MinimumHeader"/>.</summary>
    internal static string Minimum(LifecycleSetting setting) => setting.MinimumVariesByStorageClass ? Varies : Least;
}
