using ZenkoFunctions.Core.Locations.Configured;

namespace ZenkoFunctions.Core.Locations;

/// <summary>
/// The locations of the installation by name: those it came with, of which one is the default, and those that were added to it.
/// </summary>
/// <param name="defaultName">The name of the location of buckets that were made without a constraint.</param>
/// <param name="builtIn">Those it came with.</param>
/// <param name="added">Those that were added; null where none can be.</param>
public sealed class LocationCatalog(string defaultName, IReadOnlyDictionary<string, ILocation> builtIn, IAddedLocations? added = null)
{
    /// <summary>The name of the location of buckets that were made without a constraint.</summary>
    public string DefaultName { get; } = builtIn.ContainsKey(defaultName)
        ? defaultName
        : throw new ArgumentException($"There is no location '{defaultName}'.", nameof(defaultName));

    /// <summary>Those it came with, by name.</summary>
    public IReadOnlyDictionary<string, ILocation> BuiltIn => builtIn;

    /// <summary>The name, or the default's where it is empty.</summary>
    public string Named(string name) => name.Length > 0 ? name : DefaultName;

    /// <summary>The location of that name; null where there is none.</summary>
    public ValueTask<ILocation?> Find(string name, CancellationToken ct) =>
        builtIn.TryGetValue(name, out var location) ? new(location) : added?.Find(name, ct) ?? default;

    /// <summary>Whether there is a location of that name.</summary>
    public ValueTask<bool> Has(string name, CancellationToken ct)
    {
        var finding = Find(name, ct);
        return finding.IsCompletedSuccessfully ? new(finding.Result is not null) : Waited(finding);
    }

    /// <summary>The names of all.</summary>
    public async ValueTask<IReadOnlySet<string>> Names(CancellationToken ct)
    {
        var names = new HashSet<string>(builtIn.Keys, StringComparer.Ordinal);
        if (added is not null) names.UnionWith(await added.Names(ct));
        return names;
    }

    /// <summary>The location of that name; throws where it is gone from the configuration while bytes still name it.</summary>
    public async ValueTask<ILocation> Get(string name, CancellationToken ct) => await Find(name, ct)
        ?? throw new InvalidOperationException($"The location '{name}' is not configured any more, but stored bytes name it. Add it again: zenkofn location add {name}");

    /// <summary>What an added location was told; null for the others.</summary>
    public ValueTask<LocationConfig?> Config(string name, CancellationToken ct) =>
        added is null || builtIn.ContainsKey(name) ? default : added.Config(name, ct);

    /// <summary>The same catalog with those that were added.</summary>
    public LocationCatalog With(IAddedLocations locations) => new(DefaultName, builtIn, locations);

    private static async ValueTask<bool> Waited(ValueTask<ILocation?> finding) => await finding is not null;
}

/// <summary>Locations that were added to an installation while it ran.</summary>
public interface IAddedLocations
{
    /// <summary>The location of that name, the same object as long as its configuration stays; null where there is none.</summary>
    ValueTask<ILocation?> Find(string name, CancellationToken ct);

    /// <summary>What the location of that name was told; null where there is none.</summary>
    ValueTask<LocationConfig?> Config(string name, CancellationToken ct);

    /// <summary>Their names.</summary>
    ValueTask<IReadOnlyCollection<string>> Names(CancellationToken ct);
}
