namespace ZenkoFunctions.Core.Objects;

/// <summary>The user metadata by which Zenko's clients name a location when they write. It is kept, and read again, like any other.</summary>
public static class PlacedMetadata
{
    /// <summary>Its name, without <c>x-amz-meta-</c>.</summary>
    public const string Name = "scal-location-constraint";

    /// <summary>A source's metadata as a copy has it: where the source's bytes were put does not count for the copy's.</summary>
    internal static IReadOnlyDictionary<string, string> Of(IReadOnlyDictionary<string, string> source, Description description)
    {
        var given = description.Metadata.GetValueOrDefault(Name);
        if (given is null && !source.ContainsKey(Name)) return source;
        var metadata = new Dictionary<string, string>(source);
        metadata.Remove(Name);
        if (given is not null) metadata[Name] = given;
        return metadata;
    }
}
