using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>Which written pages are asked for.</summary>
public sealed record PageRangesRequest
{
    /// <summary>The version or snapshot, and the conditions.</summary>
    public ReadRequest Read { get; init; } = new();

    /// <summary>Between which bytes; null for all.</summary>
    public RangeRequest? Range { get; init; }

    /// <summary>The snapshot since which pages have changed; null for all written pages.</summary>
    public ObjectVersion? Since { get; init; }

    /// <summary>Where the page before ended.</summary>
    public long From { get; init; }

    /// <summary>At most so many ranges.</summary>
    public required int Limit { get; init; }
}

/// <summary>Ranges of pages, ascending.</summary>
/// <param name="Version">The blob.</param>
/// <param name="Ranges">The ranges.</param>
/// <param name="Next">Where to go on; null where these are all.</param>
public sealed record PageRangeList(ObjectVersion Version, IReadOnlyList<PageRange> Ranges, long? Next);

// Which pages were written, and which have changed.
public sealed partial class PageBlobs
{
    /// <summary>
    /// The pages that were written, or those that were written or cleared since a snapshot. Refuses as a read, and with
    /// <see cref="Refusal.WrongBlobType"/>, <see cref="Refusal.InvalidPageRange"/> and, where the snapshot is of another blob,
    /// <see cref="Refusal.BlobOverwritten"/>.
    /// </summary>
    public async ValueTask<Result<PageRangeList>> Ranges(Bucket bucket, string key, PageRangesRequest request, CancellationToken ct)
    {
        while (true)
        {
            var opened = await objects.Open(bucket, key, request.Read with { WithBody = false }, ct);
            if (opened.Refusal is not null) return opened.As<PageRangeList>();
            var version = opened.Value.Version;
            if (version is { Blob.Type: BlobType.PageBlob, Size: 0, Body.Pages: null }) return new PageRangeList(version, [], null); // its copy is under way
            if (version is not { Blob.Type: BlobType.PageBlob, Body.Pages: { } place }) return Refusal.WrongBlobType;
            if (request.Since is { Body.Pages: var since } && (since?.Origin ?? since?.Id) != (place.Origin ?? place.Id)) return Refusal.BlobOverwritten;
            if (request.Range?.First >= version.Size) return Refusal.InvalidPageRange.Because($"The blob has {version.Size} bytes.");
            var from = Math.Max(request.From, request.Range?.First ?? 0);
            var to = request.Range?.Last is { } last && last < version.Size ? last + 1 : version.Size;
            if (await Ranges(AddressOf(bucket, key), version, request.Since, from, to, request.Limit, ct) is not { } ranges) continue;
            return new PageRangeList(version, ranges.Count > request.Limit ? ranges.GetRange(0, request.Limit) : ranges, ranges.Count > request.Limit ? ranges[request.Limit].Offset : null);
        }
    }

    /// <summary>One range more than the limit, where there are more; null where the blob was written meanwhile.</summary>
    private async ValueTask<List<PageRange>?> Ranges(
        KeyAddress address, ObjectVersion version, ObjectVersion? since, long from, long to, int limit, CancellationToken ct)
    {
        List<PageRange> ranges = [];
        var end = Pages.ChunksOf(to);
        for (var next = (int)(from / Pages.ChunkBytes); next < end && ranges.Count <= limit;)
        {
            if (await objects.Reader.Chunks(address, version, version.Body.Pages!, next, end, ct) is not var (chunks, behind)) return null;
            IReadOnlyList<PlacedChunk> earlier = [];
            if (since is not null)
            {
                if (await objects.Reader.Chunks(address, since, since.Body.Pages!, next, behind, ct) is not var (some, upTo)) return null;
                (earlier, behind) = (some, Math.Min(behind, upTo));
            }
            foreach (var index in chunks.Concat(earlier).Select(chunk => chunk.Index).Distinct().Order().TakeWhile(index => index < behind))
            {
                var offset = (long)index * Pages.ChunkBytes;
                var now = chunks.FirstOrDefault(chunk => chunk.Index == index).Chunk ?? PageChunk.Empty;
                var spans = since is null
                    ? now.Runs.Select(run => (run.Start, run.End, IsCleared: false))
                    : now.Since(earlier.FirstOrDefault(chunk => chunk.Index == index).Chunk ?? PageChunk.Empty, VersionReader.RevisionOf(since));
                foreach (var (start, stop, isCleared) in spans)
                {
                    var (first, behindLast) = (Math.Max(from, offset + (long)start * Pages.PageBytes), Math.Min(to, offset + (long)stop * Pages.PageBytes));
                    if (first >= behindLast) continue;
                    if (ranges is [.., var last] && last.Offset + last.Length == first && last.IsCleared == isCleared) ranges[^1] = last with { Length = last.Length + behindLast - first };
                    else ranges.Add(new(first, behindLast - first, isCleared));
                }
            }
            next = behind;
        }
        return ranges;
    }
}
