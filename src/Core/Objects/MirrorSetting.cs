namespace ZenkoFunctions.Core.Objects;

/// <summary>A bucket shows what a bucket or container of a location has, whoever wrote it there.</summary>
/// <param name="Location">The location: one that keeps objects under their own keys.</param>
public sealed record MirrorSetting(string Location)
{
    /// <summary>What follows the location's name in a LocationConstraint (Zenko's way to say it).</summary>
    public const string Suffix = ":ingest";
}
