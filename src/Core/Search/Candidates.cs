using System.Runtime.CompilerServices;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Search;

/// <summary>Where a search has come to: behind a key or common prefix, or behind a version of the key.</summary>
/// <param name="Key">Null at the beginning.</param>
/// <param name="VersionId">The version as it is named in <see cref="VersionPage.NextVersionId"/>; null behind all of the key.</param>
internal readonly record struct SearchPlace(string? Key, string? VersionId);

/// <summary>What may be what is searched for, in the order of a listing; more than it is, never less.</summary>
internal interface ICandidates
{
    /// <summary>Those behind a place.</summary>
    IAsyncEnumerable<VersionEntry> From(SearchPlace place, CancellationToken ct);

    /// <summary>The key up to which all were given, where that took more than a page may; null where they came to their end.</summary>
    string? EndedAt { get; }
}

/// <summary>The current versions of all keys that start with <paramref name="within"/>, which starts with the prefix.</summary>
internal sealed class CurrentScan(ITable table, string space, string prefix, string within, string? delimiter, ScanBudget budget) : ICandidates
{
    public string? EndedAt => KeyWalk.EndedAt(space, budget);

    public async IAsyncEnumerable<VersionEntry> From(SearchPlace place, [EnumeratorCancellation] CancellationToken ct)
    {
        var from = KeyWalk.Behind(space, Rows.Current, prefix, delimiter, place.Key);
        // Not rolled up: the first key below a common prefix need not be one that is searched for.
        await foreach (var (name, row) in KeyWalk.Walk(table, space, Rows.Current, within, null, from, null, budget, ct))
            yield return new(name, ObjectVersionJson.Read(row!.Value), true);
    }
}

/// <summary>All versions of all keys.</summary>
internal sealed class VersionScan(ITable table, string space, string prefix, string? delimiter, ScanBudget budget) : ICandidates
{
    public string? EndedAt { get; private set; }

    public async IAsyncEnumerable<VersionEntry> From(SearchPlace place, [EnumeratorCancellation] CancellationToken ct)
    {
        var walk = new VersionWalk(table, space) { RollsUp = false };
        var request = new ListVersionsRequest { Prefix = prefix, Delimiter = delimiter, KeyMarker = place.Key, VersionIdMarker = place.VersionId };
        await foreach (var entry in walk.Walk(request, budget, ct)) yield return entry;
        EndedAt = walk.EndedAt;
    }
}

/// <summary>The versions of keys that an index has found, each read as it is now.</summary>
/// <param name="keys">The keys in order.</param>
/// <param name="prefix">What the listing is of.</param>
/// <param name="delimiter">Where its keys are rolled up.</param>
/// <param name="read">Reads those of a key, behind a version where one is given.</param>
/// <param name="met">Told of each key that was read as a whole, with what there is of it.</param>
internal sealed class IndexedKeys(
    IReadOnlyList<string> keys, string prefix, string? delimiter, Func<string, string?, CancellationToken, Task<IReadOnlyList<VersionEntry>>> read,
    Action<string, IReadOnlyList<VersionEntry>> met) : ICandidates
{
    /// <summary>Keys that are read side by side.</summary>
    private const int Width = 32;

    public string? EndedAt => null;

    public async IAsyncEnumerable<VersionEntry> From(SearchPlace place, [EnumeratorCancellation] CancellationToken ct)
    {
        var isPrefix = place.Key is { } shown && KeyWalk.CommonPrefix(shown, prefix, delimiter) == shown;
        var behind = keys.SkipWhile(key => place.Key is { } at && (place.VersionId is not null ? Utf8Order.Compare(key, at) < 0
            : Utf8Order.Compare(key, at) <= 0 || (isPrefix && key.StartsWith(at, StringComparison.Ordinal))));
        foreach (var some in behind.Chunk(Width))
        {
            var versions = await Task.WhenAll(some.Select(key => read(key, key == place.Key ? place.VersionId : null, ct)));
            for (var i = 0; i < some.Length; i++)
            {
                if (some[i] != place.Key) met(some[i], versions[i]);
                foreach (var entry in versions[i]) yield return entry;
            }
        }
    }
}
