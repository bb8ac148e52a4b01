using System.Text;
using ZenkoFunctions.Contracts.Locations;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Locations.Disk;

namespace ZenkoFunctions.Core.Tests.Locations;

/// <summary>Replicas as files of a directory.</summary>
public sealed class DiskReplicasTests : ReplicasContract
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly string root = Path.Combine(Path.GetTempPath(), "disk-replicas-" + Guid.NewGuid().ToString("n"));
    private readonly List<DiskSite> open = [];

    protected override int PartBytes => 100_000;

    private string Files => Path.Combine(root, "here", "replicas");

    protected override ValueTask<IReplicas> Create() => new(Start("here"));

    protected override ValueTask<IReplicas> CreateWithoutBucket()
    {
        var place = Start("gone");
        Directory.Delete(Path.Combine(root, "gone"), recursive: true);
        return new(place);
    }

    // Who may do everything is refused nothing; but a file in the directory's place is no directory for anybody.
    protected override ValueTask<IReplicas> CreateWithWrongKey()
    {
        var place = Start("wrong");
        var files = Path.Combine(root, "wrong", "replicas");
        Directory.Delete(files);
        File.WriteAllText(files, "");
        return new(place);
    }

    public override Task DisposeAsync()
    {
        open.ForEach(place => place.Dispose());
        Directory.Delete(root, recursive: true);
        return Task.CompletedTask;
    }

    private DiskSite Start(string name)
    {
        var place = new DiskSite(new DiskLocation(name, Path.Combine(root, name)));
        open.Add(place);
        return place;
    }

    private DiskSite Restart()
    {
        open[0].Dispose();
        open.RemoveAt(0);
        var place = Start("here");
        open.Remove(place);
        open.Insert(0, place);
        return place;
    }

    private string[] Tree() => [.. Directory.GetFiles(Files, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Files, path)).Order(StringComparer.Ordinal)];

    private async Task<Replica> Put(string key, string text) => await Place.Put(Plan(key, Encoding.UTF8.GetBytes(text)), Whole(Encoding.UTF8.GetBytes(text)), None);

    [Fact]
    public async Task People_find_plain_files_under_the_names_of_the_keys()
    {
        await Put("photos/2026/a photo & 日本.jpg", "bytes");
        Assert.Equal(["photos/2026/a photo & 日本.jpg"], Tree());
        Assert.Equal("bytes", await File.ReadAllTextAsync(Path.Combine(Files, Tree()[0])));
    }

    [Fact]
    public async Task A_key_and_keys_below_it_stand_side_by_side_whichever_came_first()
    {
        await Put("b/file-first", "1");
        await Put("b/file-first/x/y", "2");
        await Put("b/dir-first/x", "3");
        await Put("b/dir-first", "4");
        Assert.Equal(["b/dir-first%file", "b/dir-first/x", "b/file-first", "b/file-first%dir/x/y"], Tree());
        string[] keys = ["b/dir-first", "b/dir-first/x", "b/file-first", "b/file-first/x/y"];
        Assert.Equal(keys, (await All(Place.List("", null, None))).Select(one => one.Key));
        await Place.Delete("b/file-first", None);
        await Place.Delete("b/dir-first/x", None);
        await Put("b/file-first/z", "5");
        await Put("b/dir-first", "6");
        await Put("b/dir-first/w", "7");
        keys = ["b/dir-first", "b/dir-first/w", "b/file-first/x/y", "b/file-first/z"];
        Assert.Equal(keys, (await All(Place.List("", null, None))).Select(one => one.Key));
        foreach (var key in keys)
        {
            Assert.NotNull(await Place.Find(key, null, None));
            await Place.Delete(key, None);
        }
        Assert.Empty(Directory.GetFileSystemEntries(Files));
        Assert.Empty(Directory.GetFiles(Path.Combine(root, "here", "replicas-meta"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Long_segments_of_any_characters_come_back_in_order()
    {
        string[] keys =
        [
            .. new[]
            {
                "b/" + new string('a', 139), "b/" + new string('a', 140), "b/" + new string('a', 140) + "!", "b/" + new string('a', 140) + "/x", "b/" + new string('a', 141),
                "b/" + new string('a', 280), "b/" + new string('日', 300), "b/x" + new string('日', 300) + "/y", "b/" + new string('z', 1000), "b/%", "b/%25", "b/%more", "b/a%dir/x", "b/a%file", "b/%empty", "b/\u0001",
            }.OrderBy(key => key, Comparer<string>.Create((a, b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b)))),
        ];
        foreach (var key in keys) await Put(key, key);
        Assert.Equal(keys, (await All(Place.List("", null, None))).Select(one => one.Key));
        for (var i = 0; i < keys.Length; i++)
        {
            Assert.Equal(keys[i], Encoding.UTF8.GetString(await Read((await Place.Find(keys[i], null, None))!)));
            Assert.Equal(keys[(i + 1)..], (await All(Place.List("b/", keys[i], None))).Select(one => one.Key));
        }
        var e = await Assert.ThrowsAsync<ReplicaRefusedException>(() => Put("b/" + new string('\u0001', 200), "x"));
        Assert.Equal("KeyNotSupported", e.Code);
    }

    [Fact]
    public async Task Killed_between_the_names_of_file_and_sidecar_a_file_is_found_with_what_was_said_of_it()
    {
        var plan = Plan("b/key", [1, 2]) with { Metadata = new Dictionary<string, string> { ["scal-version-id"] = "7" } };
        await Place.Put(plan, Whole([1, 2]), None);
        var sidecar = Assert.Single(Directory.GetFiles(Path.Combine(root, "here", "replicas-meta"), "*", SearchOption.AllDirectories));
        var file = Path.Combine(Files, "b", "key");

        // Before the new file got its name: the old one stands, and what is said of it.
        File.WriteAllText(sidecar + ".next", (await File.ReadAllTextAsync(sidecar)).Replace("\"size\": 2", "\"size\": 3", StringComparison.Ordinal));
        Assert.Equal("7", (await Restart().Find("b/key", null, None))!.Metadata["scal-version-id"]);
        // And after: its own sidecar is not at its place yet.
        File.Move(sidecar, sidecar + ".next", overwrite: true);
        var place = Restart();
        Assert.Equal("7", (await place.Find("b/key", null, None))!.Metadata["scal-version-id"]);
        Assert.Equal("7", Assert.Single(await All(place.List("", null, None))).Metadata["scal-version-id"]);

        var second = await place.Put(plan with { Metadata = new Dictionary<string, string> { ["scal-version-id"] = "8" } }, Whole([1, 2]), None);
        Assert.Equal("8", (await place.Find("b/key", null, None))!.Metadata["scal-version-id"]);
        Assert.Equal([sidecar], Directory.GetFiles(Path.Combine(root, "here", "replicas-meta"), "*", SearchOption.AllDirectories));

        // What somebody else writes there is nobody's copy.
        await File.WriteAllBytesAsync(file, [9, 9]);
        var theirs = (await place.Find("b/key", null, None))!;
        Assert.Empty(theirs.Metadata);
        Assert.NotEqual(second.ETag, theirs.ETag);
        Assert.Null(await place.Open(second, ByteRange.All(2), None));
    }

    [Fact]
    public async Task Parts_outlive_the_process_and_what_is_no_upload_is_refused()
    {
        var bytes = Bytes(PartBytes + 5);
        var plan = Plan("b/large", bytes) with { Md5 = null, PartBytes = PartBytes };
        var upload = await Place.Begin(plan, None);
        var first = await PutPart(plan, upload, 1, bytes);
        var place = Restart();
        var second = await place.PutPart(plan, upload, 2, 5, Whole(bytes[PartBytes..]), None);
        await place.Complete(plan, upload, [first, second], None);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(Path.Combine(Files, "b", "large")));
        foreach (var name in new[] { "../here/lock", "0123456789abcdef0123456789abcdef" })
        {
            Assert.Equal("NoSuchUpload", (await Assert.ThrowsAsync<ReplicaRefusedException>(async () => await place.PutPart(plan, name, 1, 1, Whole([1]), None))).Code);
            await place.Abort(plan.Key, name, None);
        }
        Assert.True(File.Exists(Path.Combine(root, "here", "lock")));
    }
}
