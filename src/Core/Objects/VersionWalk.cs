using System.Runtime.CompilerServices;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// Walks all versions of a bucket: by key, then the newest first. Objects, delete markers and older versions are three
/// walks over rows of one kind each, so that no body beside them is read; what they give is merged. They go on together, window by window:
/// else one that finds nothing would look at all the rest of the bucket first.
/// </summary>
internal sealed class VersionWalk(ITable table, string space)
{
    /// <summary>Objects that are read before what else there is up to the last of them; a window is so many times as long as the one before.</summary>
    private const int FirstWindow = 16, LargestWindow = 1024, Growth = 8;

    private readonly VersionRows rows = new(table);

    /// <summary>Whether what stands below a common prefix is not walked, but the prefix itself; else only the marker is understood as one.</summary>
    public bool RollsUp { get; init; } = true;

    /// <summary>The key up to which everything was walked, where the budget ended the walk; null where it came to its end.</summary>
    public string? EndedAt { get; private set; }

    /// <summary>The entries of a listing that has shown what the request says.</summary>
    public async IAsyncEnumerable<VersionEntry> Walk(ListVersionsRequest request, ScanBudget budget, [EnumeratorCancellation] CancellationToken ct)
    {
        var after = await SequenceAfter(request, ct);
        var own = budget.Shared();
        await using var objects = Kind(Rows.Current, request, From(Rows.Current, request, after), null, own, ct).GetAsyncEnumerator(ct);
        var (markersFrom, olderFrom) = (From(Rows.Marker, request, after), From(Rows.Version, request, after));
        (string Name, long Sequence)? current = null;
        List<KeyWalk.Step> window = [];
        for (var size = FirstWindow; ; size = Math.Min(LargestWindow, size * Growth))
        {
            window.Clear();
            while (window.Count < size && await objects.MoveNextAsync()) window.Add(objects.Current);
            var isLast = window.Count < size;
            // Where there are no more objects, what else there is follows to the end; or, where the budget ended them, up to there.
            var end = isLast ? KeyWalk.EndedAt(space, own) : window[^1].Name;
            var (markersTo, olderTo) = (Behind(Rows.Marker, end, isLast, window), Behind(Rows.Version, end, isLast, window));
            await using var listed = new Cursor(InMemory(window).GetAsyncEnumerator(ct), space, own, isLast);
            await using var markers = Bounded(Rows.Marker, request, markersFrom, markersTo, budget, ct);
            await using var older = Bounded(Rows.Version, request, olderFrom, olderTo, budget, ct);
            (markersFrom, olderFrom) = (markersTo, olderTo);
            // In this order: where all three have a row of one key, the current version comes first.
            Cursor[] cursors = [listed, markers, older];
            foreach (var cursor in cursors) await cursor.Next();

            while (true)
            {
                Cursor? first = null;
                foreach (var cursor in cursors)
                    if (cursor.Step is { } step && (first is null || Utf8Order.Compare(step.Name, first.Step!.Value.Name) < 0)) first = cursor;
                // What one of them has not come to, none may show.
                EndedAt = null;
                foreach (var cursor in cursors)
                    if (cursor.EndedAt is { } early && (EndedAt is null || Utf8Order.Compare(early, EndedAt) < 0)) EndedAt = early;
                if (first is null && EndedAt is null && !isLast) break;
                if (first is null || (EndedAt is not null && Utf8Order.Compare(first.Step!.Value.Name, EndedAt) > 0)) yield break;

                var (name, row) = first.Step!.Value;
                if (row is null)
                {
                    foreach (var cursor in cursors)
                        while (cursor.Step is { Row: null } step && step.Name == name) await cursor.Next();
                    yield return new(name, null, false);
                    continue;
                }
                await first.Next();
                var version = ObjectVersionJson.Read(row.Value);
                if (version.Blob?.Deleted is not null && !request.WithKept) continue;
                if (name == request.KeyMarker && version.Sequence >= after) continue;
                if (first == older)
                {
                    // It was not older yet when the current one was read: it has been listed as that, or is newer.
                    if (current is var (key, sequence) && key == name && version.Sequence >= sequence) continue;
                    yield return new(name, version, false);
                    continue;
                }
                // Of an object and a delete marker of one key, the object is the current version: see VersionRows.Head.
                var isLatest = current?.Name != name;
                if (isLatest) current = (name, version.Sequence);
                yield return new(name, version, isLatest);
            }
        }
    }

    /// <summary>
    /// The sequence of the version that the listing has shown last; of its key, only older ones follow. Null where all of the
    /// key has been shown.
    /// </summary>
    private async ValueTask<long?> SequenceAfter(ListVersionsRequest request, CancellationToken ct)
    {
        if (request is not { KeyMarker: { } key, VersionIdMarker: { } id }) return null;
        if (!request.IsMirror && Rows.SequenceIn(id) is { } sequence) return sequence;
        var (_, found) = await rows.Find(KeyCodec.Address(space, key), id, isVersioned: true, ct);
        // The null version may be gone since it was shown. To show some versions again is better than to leave some out.
        return found?.Version.Sequence ?? Rows.SequenceIn(id) ?? long.MaxValue;
    }

    private TableKey? From(char kind, ListVersionsRequest request, long? after) =>
        request.KeyMarker is not { } key ? (request.From is { } first ? KeyCodec.From(space, kind, first) : null)
        : after is null ? KeyWalk.Behind(space, kind, request.Prefix, request.Delimiter, key)
        : kind != Rows.Version ? KeyCodec.From(space, kind, key)
        : KeyCodec.Address(space, key).Row(kind, Rows.NewestFirst(after.Value));

    /// <summary>Where the rows of a kind end that belong to a window; null for the end of all.</summary>
    private TableKey? Behind(char kind, string? end, bool isLast, List<KeyWalk.Step> window) =>
        end is null ? null : !isLast && window[^1].Row is null && RollsUp ? KeyCodec.AfterPrefix(space, kind, end) : KeyCodec.After(space, kind, end);

    private IAsyncEnumerable<KeyWalk.Step> Kind(char kind, ListVersionsRequest request, TableKey? from, TableKey? to, ScanBudget budget, CancellationToken ct) =>
        KeyWalk.Walk(table, space, kind, request.Prefix, RollsUp ? request.Delimiter : null, from, null, budget, ct, to);

    private Cursor Bounded(char kind, ListVersionsRequest request, TableKey? from, TableKey? to, ScanBudget budget, CancellationToken ct)
    {
        var own = budget.Shared();
        return new(Kind(kind, request, from, to, own, ct).GetAsyncEnumerator(ct), space, own, tellsEnd: true);
    }

    private static async IAsyncEnumerable<KeyWalk.Step> InMemory(List<KeyWalk.Step> steps)
    {
        await default(ValueTask);
        foreach (var step in steps) yield return step;
    }

    /// <summary>Where one of the walks stands.</summary>
    private sealed class Cursor(IAsyncEnumerator<KeyWalk.Step> steps, string space, ScanBudget budget, bool tellsEnd) : IAsyncDisposable
    {
        /// <summary>Null at the end.</summary>
        public KeyWalk.Step? Step { get; private set; }

        /// <summary>How far it came, where its budget ended it.</summary>
        public string? EndedAt => Step is null && tellsEnd ? KeyWalk.EndedAt(space, budget) : null;

        public async ValueTask Next() => Step = await steps.MoveNextAsync() ? steps.Current : null;

        public ValueTask DisposeAsync() => steps.DisposeAsync();
    }
}
