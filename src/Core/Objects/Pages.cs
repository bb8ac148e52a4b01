using System.Text.Json.Serialization;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Core.Objects;

/// <summary>What the pages of a version are found by: rows in its own partition, one for each chunk of 4 MiB that was ever written.</summary>
/// <param name="Id">What the rows' names begin with.</param>
public sealed record PagePlace(string Id)
{
    /// <summary>Of a snapshot's pages: the id of those that they were copied from.</summary>
    public string? Origin { get; init; }
}

/// <summary>Pages in a row.</summary>
/// <param name="Offset">The first byte.</param>
/// <param name="Length">Bytes, a multiple of 512.</param>
/// <param name="IsCleared">Whether they are zeros again, where differences are asked for.</param>
public readonly record struct PageRange(long Offset, long Length, bool IsCleared);

/// <summary>The numbers of page blobs.</summary>
public static class Pages
{
    /// <summary>Bytes of a page.</summary>
    public const int PageBytes = 512;

    /// <summary>Bytes that one row tells of.</summary>
    public const int ChunkBytes = 4 << 20;

    /// <summary>The largest blob: 8 TiB.</summary>
    public const long MostBytes = 8L << 40;

    /// <summary>The most bytes of one write.</summary>
    public const int WriteBytes = 4 << 20;

    /// <summary>How many chunks so many bytes have.</summary>
    internal static int ChunksOf(long bytes) => (int)((bytes + ChunkBytes - 1) / ChunkBytes);

    /// <summary>Bodies of a chunk before it is written anew as one.</summary>
    internal const int MostBodies = 64;

    /// <summary>Runs of a chunk; before there are more it is written anew, and the shortest gaps count as written.</summary>
    internal const int MostRuns = 512;
}

/// <summary>Bytes of pages of one chunk, and how they are encrypted.</summary>
internal sealed record PageBody(Stored Stored, SealedKey? Key)
{
    [JsonIgnore]
    public long Size => Key.SizeOf(Stored);
}

/// <summary>The row of a chunk.</summary>
internal sealed record PageRow
{
    public int Format { get; init; } = 1;

    /// <summary>That of the blob when the chunk was last changed.</summary>
    public required long Revision { get; init; }

    public required IReadOnlyList<PageBody> Bodies { get; init; }

    /// <summary>Five numbers for each <see cref="PageRun"/>, in its order.</summary>
    public required IReadOnlyList<long> Runs { get; init; }
}

/// <summary>Pages in a row that one body holds. All but the revision in pages.</summary>
/// <param name="Start">The first, in the chunk.</param>
/// <param name="Count">How many.</param>
/// <param name="Body">Which body.</param>
/// <param name="From">The first, in the body.</param>
/// <param name="Revision">The blob's when they were written.</param>
internal readonly record struct PageRun(int Start, int Count, int Body, int From, long Revision)
{
    public int End => Start + Count;

    /// <summary>What is left of it between two pages.</summary>
    public PageRun Within(int start, int end) => this with { Start = start, Count = end - start, From = From + start - Start };

    /// <summary>Whether the other goes on where this one ends, in the body too.</summary>
    public bool GoesOnIn(PageRun next) => next.Start == End && next.Body == Body && next.From == From + Count;
}

/// <summary>
/// What is where in 4 MiB of a page blob: runs of written pages, ascending, that do not overlap; between them are zeros. Pure; each change
/// gives another one.
/// </summary>
internal sealed record PageChunk(IReadOnlyList<PageBody> Bodies, IReadOnlyList<PageRun> Runs)
{
    public static readonly PageChunk Empty = new([], []);

    private const int RunNumbers = 5;

    /// <summary>Whether it must be written anew as one body.</summary>
    public bool IsTooFine => Bodies.Count > Pages.MostBodies || Runs.Count > Pages.MostRuns;

    public static PageChunk Read(PageRow row)
    {
        var runs = new PageRun[row.Runs.Count / RunNumbers];
        for (var i = 0; i < runs.Length; i++)
        {
            var at = i * RunNumbers;
            runs[i] = new((int)row.Runs[at], (int)row.Runs[at + 1], (int)row.Runs[at + 2], (int)row.Runs[at + 3], row.Runs[at + 4]);
        }
        return new(row.Bodies, runs);
    }

    public PageRow Row(long revision) => new()
    {
        Revision = revision,
        Bodies = Bodies,
        Runs = [.. Runs.SelectMany(run => new[] { run.Start, run.Count, run.Body, run.From, run.Revision })],
    };

    /// <summary>With a body's pages, from its first on, at <paramref name="start"/>.</summary>
    public PageChunk Write(int start, PageBody body, long revision)
    {
        var count = (int)(body.Size / Pages.PageBytes);
        var without = Clear(start, count);
        PageRun run = new(start, count, without.Bodies.Count, 0, revision);
        return new([.. without.Bodies, body], [.. without.Runs.Where(each => each.Start < start), run, .. without.Runs.Where(each => each.Start > start)]);
    }

    /// <summary>With zeros in these pages; bodies of which nothing is left are left out.</summary>
    public PageChunk Clear(int start, int count) => Without(start, start + count);

    /// <summary>
    /// The same with one body that has all bytes from the first written page to the last. Where there would be too many runs still, the
    /// shortest gaps between them count as written, and neighbours as written by the later of the two.
    /// </summary>
    public PageChunk Merged(PageBody body)
    {
        var first = Runs[0].Start;
        List<PageRun> runs = [.. Runs.Select(run => run with { Body = 0, From = run.Start - first })];
        for (var gap = -1; gap < 0 || runs.Count > Pages.MostRuns / 2; gap = gap < 1 ? gap + 1 : gap * 2)
        {
            List<PageRun> joined = [runs[0]];
            foreach (var run in runs.Skip(1))
            {
                var last = joined[^1];
                // First only what nobody could tell apart.
                if (gap < 0 ? last.GoesOnIn(run) && last.Revision == run.Revision : run.Start - last.End <= gap)
                    joined[^1] = last with { Count = run.End - last.Start, Revision = Math.Max(last.Revision, run.Revision) };
                else joined.Add(run);
            }
            runs = joined;
        }
        return new([body], runs);
    }

    /// <summary>
    /// The same pages in another blob, of one body that has them all from the first on: older than whatever is written there, but for those that
    /// are newer here than <paramref name="since"/>, which are of that revision there.
    /// </summary>
    public PageChunk Copied(PageBody body, long since, long revision) =>
        (this with { Runs = [.. Runs.Select(run => run with { Revision = run.Revision > since ? revision : 0 })] }).Merged(body);

    /// <summary>Whether it has some of a body's pages.</summary>
    public bool Has(Stored stored) => Bodies.Any(body => body.Stored.Name == stored.Name);

    /// <summary>The bodies of another state that this one has not.</summary>
    public IEnumerable<PageBody> Lost(PageChunk before) => before.Bodies.Where(body => !Has(body.Stored));

    /// <summary>The pages that were written since an earlier state, and those that it had and this one has not, ascending.</summary>
    public IEnumerable<(int Start, int End, bool IsCleared)> Since(PageChunk earlier, long revision)
    {
        const byte Same = 0, Written = 1, Cleared = 2;
        var pages = new byte[Pages.ChunkBytes / Pages.PageBytes];
        foreach (var run in earlier.Runs) pages.AsSpan(run.Start, run.Count).Fill(Cleared);
        foreach (var run in Runs) pages.AsSpan(run.Start, run.Count).Fill(run.Revision > revision ? Written : Same);
        for (int start = 0, end; start < pages.Length; start = end)
        {
            end = start + 1;
            while (end < pages.Length && pages[end] == pages[start]) end++;
            if (pages[start] != Same) yield return (start, end, pages[start] == Cleared);
        }
    }

    private PageChunk Without(int start, int end)
    {
        if (!Runs.Any(run => run.Start < end && run.End > start)) return this;
        var runs = new List<PageRun>(Runs.Count + 1);
        foreach (var run in Runs)
        {
            if (run.Start >= end || run.End <= start)
            {
                runs.Add(run);
                continue;
            }
            if (run.Start < start) runs.Add(run.Within(run.Start, start));
            if (run.End > end) runs.Add(run.Within(end, run.End));
        }
        List<PageBody> kept = [];
        var places = new int[Bodies.Count];
        for (var i = 0; i < places.Length; i++)
        {
            places[i] = kept.Count;
            if (runs.Exists(run => run.Body == i)) kept.Add(Bodies[i]);
        }
        return new(kept, [.. runs.Select(run => run with { Body = places[run.Body] })]);
    }
}
