using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Usage;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// What a row is to the usage of its bucket, and at which location. The row alone tells, so that the commit that changes it and the
/// walk that reads it count the same.
/// </summary>
internal static class Counting
{
    /// <summary>The location that new bytes of the bucket go to. What has no place of its own (small bodies beside their rows, delete markers) is counted there.</summary>
    public static string LocationOf(this LocationCatalog locations, Bucket bucket, string? asked = null) =>
        locations.Named(asked ?? (bucket.Get(BucketSettings.Mirror) is null ? bucket.LocationConstraint : ""));

    /// <summary>The location that a version is counted at: where its bytes, or the first of its parts, are.</summary>
    public static string LocationOf(this LocationCatalog locations, Bucket bucket, ObjectVersion version) =>
        version.Body.Stored?.Location ?? version.Body.Manifest?.Location ?? version.Body.Source?.Location ?? locations.LocationOf(bucket);

    /// <summary>A version. Nothing where there is none.</summary>
    public static UsageChange Of(this LocationCatalog locations, Bucket bucket, ObjectVersion? version) =>
        version is null ? default : UsageChange.OfVersions(locations.LocationOf(bucket, version), version.Size, 1);

    /// <summary>A part of an upload.</summary>
    public static UsageChange Of(this LocationCatalog locations, Bucket bucket, Part part) =>
        UsageChange.OfParts(part.Stored?.Location ?? locations.LocationOf(bucket), part.Size);
}
