namespace ZenkoFunctions.Core.Objects;

/// <summary>The user metadata by which Zenko's clients name a location when they write. It is kept, and read again, like any other.</summary>
public static class PlacedMetadata
{
    /// <summary>Its name, without <c>x-amz-meta-</c>.</summary>
    public const string Name = "scal-location-constraint";

    /// <summary>What a source's metadata says of the source alone: where its bytes were put, and that a site's replica it was.</summary>
    private static readonly string[] Own = [Name, ReplicationState.StatusMark, ReplicationState.VersionMark];

    /// <summary>A source's metadata as a copy has it that a client makes.</summary>
    internal static IReadOnlyDictionary<string, string> Of(IReadOnlyDictionary<string, string> source, Description description)
    {
        var given = description.Metadata.GetValueOrDefault(Name);
        if (given is null && !Array.Exists(Own, source.ContainsKey)) return source;
        var metadata = new Dictionary<string, string>(source);
        foreach (var name in Own) metadata.Remove(name);
        if (given is not null) metadata[Name] = given;
        return metadata;
    }
}
