using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>The changes of one commit to the versions of a key, and what they come to.</summary>
internal sealed class VersionChanges(KeyAddress address)
{
    /// <summary>
    /// For so long the row stays that those who found nothing meet in, behind the first version: one of them may be slow, and is not
    /// to find it gone. No commit is sent so long after what it stands on was read.
    /// </summary>
    private static readonly TimeSpan MeetingTime = TimeSpan.FromMinutes(1);

    private readonly List<Change> changes = [];

    /// <summary>Where the key's rows are.</summary>
    public KeyAddress Address => address;

    /// <summary>The changes so far: each row once.</summary>
    public IReadOnlyList<Change> All => changes;

    /// <summary>The version that was made, object or delete marker.</summary>
    public ObjectVersion? Made { get; set; }

    /// <summary>The version that is gone for good.</summary>
    public ObjectVersion? Removed { get; private set; }

    /// <summary>The version that was deleted, and is kept as this.</summary>
    public ObjectVersion? Hidden { get; private set; }

    /// <summary>The version that was kept, and is <see cref="Made"/> now.</summary>
    public ObjectVersion? Restored { get; private set; }

    /// <summary>Whether the new version takes over the bytes of the one that is gone.</summary>
    public bool KeepsBytes { get; init; }

    /// <summary>Of the parts of the version that is gone, those that the new one does not take over; null where it takes over none.</summary>
    public ManifestPlace? Left { get; init; }

    /// <summary>What in a location is nobody's after the commit; null for nothing.</summary>
    public BodyPlace? LosesBytes => !KeepsBytes && Removed is { Body: { } body } && (body.Stored is not null || body.Manifest is not null || body.Pages is not null) ? body : null;

    /// <summary>Adds a change.</summary>
    public void Add(Change change) => changes.Add(change);

    /// <summary>Stores a small body beside its version; gives the version that names it.</summary>
    public ObjectVersion PutBody(ObjectVersion version, ReadOnlyMemory<byte> body)
    {
        var tail = Rows.NewestFirst(version.Sequence);
        Add(Change.Put(address.RowName(Rows.Data, tail), Condition.Any, body));
        return version with { Body = new() { Inline = tail } };
    }

    /// <summary>Makes a version the newest, in place of the one that was.</summary>
    public void PutCurrent(VersionRows.Head was, ObjectVersion version)
    {
        var row = VersionRows.CurrentRow(address, version);
        var isSameRow = was.Current?.Row.Key.Row == row;
        if (was.Current is { } other && !isSameRow) DeleteRow(other);
        Add(Change.Put(row, isSameRow ? Condition.Is(was.Current!.Row.Stamp) : Condition.Absent, VersionRows.Write(version)));
        if (was.HighWater is { } mark && (was.Current is null || version.Modified - was.Current.Version.Modified > MeetingTime))
            Add(Change.Delete(mark.Key.Row, Condition.Is(mark.Stamp)));
    }

    /// <summary>Keeps a version that is not the newest any more among the older ones.</summary>
    public void Keep(ObjectVersion version) =>
        Add(Change.Put(VersionRows.OlderRow(address, version), Condition.Absent, VersionRows.WriteOlder(version)));

    /// <summary>The version is gone for good; its own row is the caller's matter.</summary>
    public void Remove(ObjectVersion version)
    {
        Removed = version;
        if (!KeepsBytes && version.Body.Inline is { } tail) Add(Change.Delete(address.RowName(Rows.Data, tail), Condition.Any));
    }

    /// <summary>Keeps a version that was the newest as one that was deleted, with its body beside it where it had one; its own row is the caller's matter.</summary>
    public void Hide(ObjectVersion was, ObjectVersion version, ReadOnlyMemory<byte>? body)
    {
        if (body is { } bytes)
        {
            Add(Change.Delete(address.RowName(Rows.Data, was.Body.Inline!), Condition.Any));
            version = PutBody(version, bytes);
        }
        Keep(version);
        Hidden = version;
    }

    /// <summary>Says of an older version in its place that it was deleted, and is kept.</summary>
    public void Hide(VersionRows.Found found, ObjectVersion version)
    {
        Add(Change.Put(found.Row.Key.Row, Condition.Is(found.Row.Stamp), VersionRows.WriteOlder(version)));
        Hidden = version;
    }

    /// <summary>Makes a version that was deleted and kept the newest again.</summary>
    public void Restore(VersionRows.Head head, VersionRows.Found kept, ObjectVersion version)
    {
        DeleteRow(kept);
        PutCurrent(head, version);
        (Restored, Made) = (kept.Version, version);
    }

    /// <summary>Removes the row of a version, if it is as it was read.</summary>
    public void DeleteRow(VersionRows.Found found) => Add(Change.Delete(found.Row.Key.Row, Condition.Is(found.Row.Stamp)));
}
