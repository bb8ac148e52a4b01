namespace ZenkoFunctions.Core.Locations;

/// <summary>The locations of the installation by name; one of them is the default.</summary>
public sealed class LocationCatalog(string defaultName, IReadOnlyDictionary<string, ILocation> locations)
{
    /// <summary>The name of the location of buckets that were made without a constraint.</summary>
    public string DefaultName { get; } = locations.ContainsKey(defaultName)
        ? defaultName
        : throw new ArgumentException($"There is no location '{defaultName}'.", nameof(defaultName));

    /// <summary>The name, or the default's where it is empty.</summary>
    public string Named(string name) => name.Length > 0 ? name : DefaultName;

    /// <summary>Whether there is a location of that name.</summary>
    public bool Has(string name) => locations.ContainsKey(name);

    /// <summary>The location of that name; throws where it is gone from the configuration while bytes still name it.</summary>
    public ILocation this[string name] => locations.TryGetValue(name, out var location)
        ? location
        : throw new InvalidOperationException($"The location '{name}' is not configured any more, but stored bytes name it.");
}
