namespace ZenkoFunctions.Core.Objects;

/// <summary>What is mirrored: its versions may have appeared with no more than a listing tells, which nobody is to notice.</summary>
public sealed partial class ObjectStore
{
    /// <summary>Versions of a page whose source is asked side by side.</summary>
    private const int WidthOfPages = 16;

    private SourceDetails? details;

    /// <summary>Brings keys of mirrored buckets up to date.</summary>
    internal KeyMirror Mirror { get; } = new(table, buckets, locations, new FollowUps(table, queue, clock), options, clock);

    /// <summary>What listings of sources do not tell.</summary>
    internal SourceDetails Details => details ??= new(table, Mirror, writer);

    private async ValueTask<Result<OpenVersion>> OpenWhole(Bucket bucket, string key, ReadRequest request, CancellationToken ct)
    {
        var ensured = await Details.Ensure(bucket, key, request.VersionId, ct);
        return ensured.Refusal is null ? await reader.Open(bucket, key, request, ct) : ensured.As<OpenVersion>();
    }

    private async ValueTask<Result<ObjectVersion>> AmendWhole(
        Bucket bucket, string key, string? versionId, Conditions conditions, Cause? cause, Func<ObjectVersion, Result<ObjectVersion>> next, CancellationToken ct)
    {
        var ensured = await Details.Ensure(bucket, key, versionId, ct);
        return ensured.Refusal is null ? await writer.Amend(bucket, key, versionId, conditions, cause, next, ct) : ensured.As<ObjectVersion>();
    }

    private async ValueTask<ListPage> Whole(Bucket bucket, ListPage page, CancellationToken ct)
    {
        var entries = page.Entries.ToArray();
        await Parallel.ForAsync(0, entries.Length, Widely(ct), async (i, stop) =>
        {
            if (entries[i].Version is { } version && await Details.Whole(bucket, entries[i].Name, version, stop) is { } whole) entries[i] = entries[i] with { Version = whole };
        });
        return page with { Entries = entries };
    }

    private async ValueTask<VersionPage> Whole(Bucket bucket, VersionPage page, CancellationToken ct)
    {
        var entries = page.Entries.ToArray();
        await Parallel.ForAsync(0, entries.Length, Widely(ct), async (i, stop) =>
        {
            if (entries[i].Version is { } version && await Details.Whole(bucket, entries[i].Name, version, stop) is { } whole) entries[i] = entries[i] with { Version = whole };
        });
        return page with { Entries = entries };
    }

    private static ParallelOptions Widely(CancellationToken ct) => new() { MaxDegreeOfParallelism = WidthOfPages, CancellationToken = ct };
}
