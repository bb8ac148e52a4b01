using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Contracts.Locations;

/// <summary>What every kind of place must do that keeps replicas. A subclass a kind.</summary>
public abstract class ReplicasContract : IAsyncLifetime
{
    private const int MiB = 1 << 20;
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly Dictionary<string, string> Nothing = [];

    /// <summary>A place that is empty.</summary>
    protected abstract ValueTask<IReplicas> Create();

    /// <summary>The same service with a bucket, or container, that is not there.</summary>
    protected abstract ValueTask<IReplicas> CreateWithoutBucket();

    /// <summary>The same place with a key that is wrong.</summary>
    protected abstract ValueTask<IReplicas> CreateWithWrongKey();

    /// <summary>The smallest part that the service takes.</summary>
    protected virtual int PartBytes => 5 * MiB;

    /// <summary>Whether uploads that nobody completes go by themselves, and only so.</summary>
    protected virtual bool ForgetsUploads => false;

    /// <summary>Whether names of metadata with <c>_</c> are other names than those with <c>-</c>.</summary>
    protected virtual bool TellsUnderscores => true;

    /// <summary>The longest key and value of a tag, in bytes of UTF-8: as many as 128 and 256 characters can have, as in S3; some services count bytes.</summary>
    protected virtual (int Key, int Value) LongestTag => (128 * 4, 256 * 4);

    /// <summary>Whether the place can hold the key; what it cannot, it refuses.</summary>
    protected virtual bool Holds(string key) => true;

    /// <summary>The place under test.</summary>
    protected IReplicas Place { get; private set; } = null!;

    public virtual async Task InitializeAsync() => Place = await Create();

    public virtual Task DisposeAsync() => Task.CompletedTask;

    /// <summary>Keys that S3 allows and that URLs, XML or paths treat as something else.</summary>
    public static TheoryData<string> OddKeys =>
    [
        "b/a", "b/a/b/c", "b/with space", "b/ü/é/日本/🎈", "b/a+b%20c%2Fd", "b/?q=1&x#y", "b/'quote\"<xml>&amp;", "b/a//b", "b/dir/", "b/~tilde;semi:colon@at,=$!*()",
        "b/|{}[]^`", "b/back\\slash", "b/./c", "b/../../c", "b/a/..", "b/ends.", "b/ends./c",
    ];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(70_001)]
    [InlineData((9 * MiB) + 7)]
    public async Task A_replica_comes_back_as_it_was(int size)
    {
        var bytes = Bytes(size);
        var marks = new Dictionary<string, string> { ["scal-version-id"] = "39383...v", ["colour"] = "blue" };
        var stored = await Place.Put(Plan("b/key", bytes) with { Metadata = marks }, Whole(bytes), None);
        Assert.Equal(("b/key", (long)size), (stored.Key, stored.Size));
        var found = (await Place.Find("b/key", null, None))!;
        Assert.Equal((stored.Key, stored.Size, stored.ETag, stored.VersionId), (found.Key, found.Size, found.ETag, found.VersionId));
        Assert.NotEqual("", found.ETag);
        Assert.True(found.IsWhole);
        Assert.Equal(marks, found.Metadata);
        Assert.Empty(found.Tags);
        Assert.InRange(found.Modified, DateTimeOffset.UtcNow.AddMinutes(-10), DateTimeOffset.UtcNow.AddMinutes(10));
        Assert.Equal(bytes, await Read(found));
    }

    [Fact]
    public async Task What_is_said_of_a_replica_comes_back_in_any_characters()
    {
        var said = new Dictionary<string, string>
        {
            ["scal-version-id"] = "1", ["scal_version_id"] = "2", ["scal.version.id"] = "3", ["x_2d_y"] = "4", ["x-y"] = "5", ["0x"] = "6", ["class"] = "7",
            ["dutch"] = "één tweede", ["japanese"] = "日本語", ["balloon"] = "🎈", ["long"] = string.Concat(Enumerable.Repeat("ü-", 100)),
            ["encoded"] = "=?UTF-8?B?YWJj?=", ["punctuation"] = "a,b;c=d \"e\" 'f' <g> %41 \\h", ["spaces"] = " both ends ", ["empty"] = "",
        };
        if (!TellsUnderscores) foreach (var name in said.Keys.Where(name => name.Contains('_', StringComparison.Ordinal)).ToList()) said.Remove(name);
        await Place.Put(Plan("b/said", [1]) with { Metadata = said }, Whole([1]), None);
        Assert.Equal(Sorted(said), Sorted((await Place.Find("b/said", null, None))!.Metadata));
    }

    [Fact]
    public async Task Headers_come_back_as_they_were_whether_it_came_in_one_piece_or_in_parts()
    {
        var bytes = Bytes(PartBytes);
        var plan = Plan("b/said", bytes) with
        {
            PartBytes = PartBytes,
            Headers = new Dictionary<string, string>
            {
                ["Content-Type"] = "text/x-poem; charset=utf-8", ["Cache-Control"] = "max-age=9", ["Content-Disposition"] = "attachment; filename=\"a b.txt\"",
                ["Content-Encoding"] = "x-none", ["Content-Language"] = "cy", ["Expires"] = "Wed, 21 Oct 2037 07:28:00 GMT",
            },
        };
        await Place.Put(plan, Whole(bytes), None);
        var parts = plan with { Key = "b/parts", Md5 = null };
        var upload = await Place.Begin(parts, None);
        await Place.Complete(parts, upload, [await PutPart(parts, upload, 1, bytes)], None);
        await Place.Put(Plan("b/nothing", [1]), Whole([1]), None);
        foreach (var key in new[] { "b/said", "b/parts" }) Assert.Equal(Lower(plan.Headers), Lower((await Place.Find(key, null, None))!.Headers));
        Assert.DoesNotContain((await Place.Find("b/nothing", null, None))!.Headers, each => !each.Key.Equals("Content-Type", StringComparison.OrdinalIgnoreCase));
        foreach (var one in await All(Place.List("b/", null, None)))
            if (one.IsWhole) Assert.Equal(Lower((await Place.Find(one.Key, null, None))!.Headers), Lower(one.Headers));

        static IEnumerable<(string, string)> Lower(IReadOnlyDictionary<string, string> headers) =>
            headers.Select(each => (each.Key.ToLowerInvariant(), each.Value)).OrderBy(each => each.Item1, StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_delete_marker_is_found_by_its_version_id_also_beneath_newer_versions()
    {
        if (!Place.ReplicaTraits.KeepsVersions) return;
        var first = await Place.Put(Plan("b/key ü", [1]), Whole([1]), None);
        var marker = (await Place.Delete("b/key ü", None))!;
        await Place.Put(Plan("b/key üx", [1]), Whole([1]), None);
        Assert.True(await Place.IsMarker("b/key ü", marker, None));
        await Place.Put(Plan("b/key ü", [2]), Whole([2]), None);
        Assert.True(await Place.IsMarker("b/key ü", marker, None));
        Assert.False(await Place.IsMarker("b/key ü", first.VersionId!, None));
        Assert.False(await Place.IsMarker("b/key üx", marker, None));
        Assert.False(await Place.IsMarker("b/never", marker, None));
    }

    [Theory]
    [MemberData(nameof(OddKeys))]
    public async Task Any_key_names_one_replica(string key)
    {
        var (bytes, other) = (Bytes(100), Bytes(101));
        if (!Holds(key))
        {
            await Refused(async () => await Place.Put(Plan(key, bytes), Whole(bytes), None));
            await Refused(async () => await Place.Find(key, null, None));
            await Refused(async () => await Place.Delete(key, None));
            Assert.Empty(await All(Place.List("", null, None)));
            return;
        }
        await Place.Put(Plan(key, bytes), Whole(bytes), None);
        await Place.Put(Plan(key + "x", other), Whole(other), None);
        var found = (await Place.Find(key, null, None))!;
        Assert.Equal(key, found.Key);
        Assert.Equal(bytes, await Read(found));
        Assert.Equal([key, key + "x"], (await All(Place.List("", null, None))).Select(one => one.Key));
        Assert.Equal([key + "x"], (await All(Place.List(key, key, None))).Select(one => one.Key));
        await Place.Delete(key, None);
        Assert.Null(await Place.Find(key, null, None));
        Assert.NotNull(await Place.Find(key + "x", null, None));
    }

    [Fact]
    public async Task Nothing_is_found_where_nothing_is()
    {
        Assert.Null(await Place.Find("b/none", null, None));
        await Place.Put(Plan("b/one", [1]), Whole([1]), None);
        Assert.Null(await Place.Find("b/on", null, None));
        Assert.Empty(await All(Place.List("c/", null, None)));
    }

    [Fact]
    public async Task A_replica_that_is_written_over_stays_only_where_versions_are_kept()
    {
        var (old, young) = (Bytes(10), Bytes(11));
        var first = await Place.Put(Plan("b/key", old), Whole(old), None);
        var second = await Place.Put(Plan("b/key", young), Whole(young), None);
        Assert.NotEqual(first.ETag, second.ETag);
        Assert.Equal(second.ETag, (await Place.Find("b/key", null, None))!.ETag);
        Assert.Equal(young, await Read(second));
        Assert.Equal(Place.ReplicaTraits.KeepsVersions, first.VersionId is not null);
        if (Place.ReplicaTraits.KeepsVersions)
        {
            Assert.Equal(first.ETag, (await Place.Find("b/key", first.VersionId, None))!.ETag);
            Assert.Equal(old, await Read(first));
        }
        else
        {
            Assert.Null(await Place.Open(first, ByteRange.All(10), None));
        }
    }

    [Fact]
    public async Task Bytes_that_are_not_those_of_the_MD5_are_not_stored()
    {
        var bytes = Bytes(1000);
        var before = await Place.Put(Plan("b/key", bytes), Whole(bytes), None);
        bytes[500] ^= 1;
        await Assert.ThrowsAsync<LocationUnavailableException>(async () => await Place.Put(Plan("b/key", Bytes(1000)), Whole(bytes), None));
        await Assert.ThrowsAsync<LocationUnavailableException>(async () => await Place.Put(Plan("b/new", Bytes(1000)), Whole(bytes), None));
        Assert.Equal(before.ETag, (await Place.Find("b/key", null, None))!.ETag);
        Assert.Null(await Place.Find("b/new", null, None));
    }

    [Theory]
    [InlineData(999)]
    [InlineData(1001)]
    public async Task A_body_of_another_length_is_not_stored(int length)
    {
        await Assert.ThrowsAsync<BodyLengthException>(async () => await Place.Put(Plan("b/key", Bytes(1000)), Whole(Bytes(length)), None));
        Assert.Null(await Place.Find("b/key", null, None));
    }

    [Fact]
    public async Task What_reading_the_body_throws_comes_through_and_nothing_is_stored()
    {
        var pipe = new Pipe();
        var put = Place.Put(Plan("b/key", Bytes(1000)), pipe.Reader, None).AsTask();
        await pipe.Writer.WriteAsync(Bytes(10));
        await pipe.Writer.CompleteAsync(new FormatException("cut off"));
        await Assert.ThrowsAsync<FormatException>(() => put);
        Assert.Null(await Place.Find("b/key", null, None));
    }

    [Fact]
    public async Task Parts_in_any_order_make_one_replica()
    {
        var bytes = Bytes((2 * PartBytes) + 3);
        var plan = Plan("b/large ü", bytes) with
        {
            Md5 = null,
            PartBytes = PartBytes,
            Metadata = new Dictionary<string, string> { ["scal-version-id"] = "7", ["who"] = "Ångström" },
            Tags = Place.ReplicaTraits.HasTags ? new Dictionary<string, string> { ["colour"] = "blue" } : Nothing,
        };
        var upload = await Place.Begin(plan, None);
        var third = await PutPart(plan, upload, 3, bytes);
        var wrong = new byte[PartBytes];
        await Place.PutPart(plan, upload, 1, PartBytes, Whole(wrong), None);
        var first = await PutPart(plan, upload, 1, bytes); // in its place
        var second = await PutPart(plan, upload, 2, bytes);
        Assert.Equal((2, (long)PartBytes), (second.Number, second.Length));
        Assert.Null(await Place.Find(plan.Key, null, None));

        var stored = await Place.Complete(plan, upload, [first, second, third], None);
        var found = (await Place.Find(plan.Key, null, None))!;
        Assert.Equal((stored.ETag, stored.VersionId, (long)bytes.Length), (found.ETag, found.VersionId, found.Size));
        Assert.NotEqual("", stored.ETag);
        Assert.Equal(Sorted(plan.Metadata), Sorted(found.Metadata));
        Assert.Equal(plan.Tags, found.Tags);
        Assert.Equal(bytes, await Read(found));

        var again = await Place.Complete(plan, upload, [first, second, third], None); // as after a lost answer
        Assert.Equal((stored.ETag, stored.VersionId), (again.ETag, again.VersionId));
    }

    [Fact]
    public async Task A_part_of_another_length_is_not_taken()
    {
        var plan = Plan("b/large", Bytes(2 * PartBytes)) with { Md5 = null, PartBytes = PartBytes };
        var upload = await Place.Begin(plan, None);
        await Assert.ThrowsAsync<BodyLengthException>(async () => await Place.PutPart(plan, upload, 1, PartBytes, Whole(Bytes(PartBytes - 1)), None));
        await Assert.ThrowsAsync<BodyLengthException>(async () => await Place.PutPart(plan, upload, 1, 10, Whole(Bytes(11)), None));
        await Place.Abort(plan.Key, upload, None);
    }

    [Fact]
    public async Task What_is_aborted_leaves_nothing_and_may_be_aborted_again()
    {
        var bytes = Bytes(PartBytes);
        var before = await Place.Put(Plan("b/before", [1]), Whole([1]), None);
        foreach (var key in new[] { "b/large", "b/before" })
        {
            var plan = Plan(key, bytes) with { Md5 = null, PartBytes = PartBytes };
            var upload = await Place.Begin(plan, None);
            var part = await PutPart(plan, upload, 1, bytes);
            await Place.Abort(plan.Key, upload, None);
            await Place.Abort(plan.Key, upload, None);
        }
        Assert.Null(await Place.Find("b/large", null, None));
        Assert.Equal(before.ETag, (await Place.Find("b/before", null, None))!.ETag);
        Assert.Equal(["b/before"], (await All(Place.List("", null, None))).Select(one => one.Key));
    }

    [Fact]
    public async Task What_was_begun_under_a_key_and_not_heard_of_is_ended_by_its_key_and_time()
    {
        var plan = Plan("b/large +ü", Bytes(10)) with { Md5 = null, PartBytes = PartBytes };
        var other = plan with { Key = plan.Key + "r" };
        var uploads = new[] { await Place.Begin(plan, None), await Place.Begin(plan, None) };
        var another = await Place.Begin(other, None);
        var now = DateTimeOffset.UtcNow;
        await Place.AbortBegun(plan.Key, now.AddHours(-3), now.AddHours(-2), None);
        foreach (var upload in uploads) await PutPart(plan, upload, 1, Bytes(10));

        await Place.AbortBegun(plan.Key, now.AddMinutes(-15), now.AddMinutes(15), None);
        foreach (var upload in uploads)
        {
            if (ForgetsUploads) continue;
            // Ceph answers 500 to the completion of what was aborted.
            var e = await Assert.ThrowsAsync<ReplicaRefusedException>(async () => await PutPart(plan, upload, 1, Bytes(10)));
            Assert.Equal("NoSuchUpload", e.Code);
        }
        await Place.Complete(other, another, [await PutPart(other, another, 1, Bytes(10))], None);
        Assert.Equal([other.Key], (await All(Place.List("", null, None))).Select(one => one.Key));
        await Place.AbortBegun("b/never", now.AddMinutes(-15), now.AddMinutes(15), None);
    }

    [Fact]
    public async Task Tags_come_with_a_replica_and_are_replaced_and_removed()
    {
        if (!Place.ReplicaTraits.HasTags)
        {
            await Place.Put(Plan("b/key", [1]) with { Tags = new Dictionary<string, string> { ["a"] = "b" } }, Whole([1]), None);
            Assert.Empty((await Place.Find("b/key", null, None))!.Tags);
            return;
        }
        var tags = new Dictionary<string, string> { ["colour"] = "blue", ["a b"] = "c+d=e/f:g@h", ["kéy"] = "välue", ["empty"] = "" };
        var stored = await Place.Put(Plan("b/key", [1, 2]) with { Tags = tags, Metadata = new Dictionary<string, string> { ["m"] = "x" } }, Whole([1, 2]), None);
        Assert.Equal(Sorted(tags), Sorted((await Place.Find("b/key", null, None))!.Tags));

        var fewer = new Dictionary<string, string> { ["size"] = "2" };
        var tagged = await Place.SetTags(stored, fewer, None);
        var found = (await Place.Find("b/key", null, None))!;
        Assert.Equal(fewer, found.Tags);
        Assert.Equal((tagged.ETag, tagged.VersionId), (found.ETag, found.VersionId));
        Assert.Equal("x", found.Metadata["m"]);

        await Place.SetTags(tagged, Nothing, None);
        found = (await Place.Find("b/key", null, None))!;
        Assert.Empty(found.Tags);
        Assert.Equal([1, 2], await Read(found));
    }

    [Fact]
    public async Task What_is_gone_cannot_be_tagged_just_now()
    {
        if (!Place.ReplicaTraits.HasTags) return;
        var gone = new Replica("b/gone", 1, "5f363e0e58a95f06cbe9bbc662c5dfb6", null, default);
        await Assert.ThrowsAsync<LocationUnavailableException>(async () => await Place.SetTags(gone, new Dictionary<string, string> { ["a"] = "b" }, None));
        Assert.Null(await Place.Find("b/gone", null, None));
    }

    [Fact]
    public async Task Ten_tags_of_the_greatest_length_are_kept()
    {
        if (!Place.ReplicaTraits.HasTags) return;
        var (key, value) = (Math.Min(127, (LongestTag.Key - 1) / 2), Math.Min(256, LongestTag.Value / 3));
        var tags = Enumerable.Range(0, 10).ToDictionary(i => $"{i}" + new string('ü', key), i => new string('日', value));
        await Place.Put(Plan("b/key", [1]) with { Tags = tags }, Whole([1]), None);
        Assert.Equal(Sorted(tags), Sorted((await Place.Find("b/key", null, None))!.Tags));
    }

    [Fact]
    public async Task Deleting_hides_what_is_current_and_may_be_done_again()
    {
        var stored = await Place.Put(Plan("b/key", [1]), Whole([1]), None);
        var marker = await Place.Delete("b/key", None);
        Assert.Equal(Place.ReplicaTraits.KeepsVersions, marker is not null);
        Assert.Null(await Place.Find("b/key", null, None));
        Assert.Empty(await All(Place.List("", null, None)));
        if (marker is not null)
        {
            Assert.Null(await Place.Find("b/key", marker, None));
            Assert.Equal([1], await Read(stored));
        }
        else
        {
            Assert.Null(await Place.Open(stored, ByteRange.All(1), None));
        }
        await Place.Delete("b/key", None);
        await Place.Delete("b/never", None);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 1)]
    [InlineData(0, 700_000)]
    [InlineData(131_071, 262_145)]
    [InlineData(699_999, 1)]
    [InlineData(700_000, 0)]
    public async Task A_range_gives_those_bytes_and_no_others(int offset, int length)
    {
        var bytes = Bytes(700_000);
        var stored = await Place.Put(Plan("b/key", bytes), Whole(bytes), None);
        Assert.Equal(bytes[offset..(offset + length)], await Read(stored, new(offset, length)));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Place.Open(stored, new(offset, 700_001 - offset), None));
    }

    [Fact]
    public async Task A_listing_is_in_the_order_of_UTF_8_whole_and_begins_where_it_is_told()
    {
        // U+FF5E stands before U+1F388 in UTF-8, and behind it in UTF-16.
        string[] keys = ["b/A", "b/Z/1", "b/a", "b/a!", "b/a/1", "b/a0", "b/é", "b/～", "b/🎈"];
        foreach (var key in keys.Reverse().Append("c/other")) await Place.Put(Plan(key, Bytes(key.Length)), Whole(Bytes(key.Length)), None);
        var listed = await All(Place.List("b/", null, None));
        Assert.Equal(keys, listed.Select(one => one.Key));
        foreach (var one in listed)
        {
            var found = (await Place.Find(one.Key, null, None))!;
            Assert.Equal((found.Size, found.ETag), (one.Size, one.ETag));
            if (one.IsWhole) Assert.Equal((found.VersionId, found.Metadata.Count), (one.VersionId, one.Metadata.Count));
        }
        Assert.Equal(["b/a/1", "b/a0", "b/é", "b/～", "b/🎈"], (await All(Place.List("b/", "b/a!", None))).Select(one => one.Key));
        Assert.Equal(["b/a/1", "b/a0"], (await All(Place.List("b/a", "b/a.", None))).Select(one => one.Key));
        Assert.Empty(await All(Place.List("b/", "b/🎈", None)));
    }

    [Fact]
    public async Task Versions_are_listed_by_key_the_newest_first_and_can_be_removed()
    {
        List<Replica> made = [];
        foreach (var (key, size) in new[] { ("v/a", 1), ("v/a", 2), ("v/b", 3), ("v/é", 4) }) made.Add(await Place.Put(Plan(key, Bytes(size)), Whole(Bytes(size)), None));
        var marker = await Place.Delete("v/b", None);
        if (await Place.Versioning(None) != SourceVersioning.Enabled)
        {
            Assert.False(Place.ReplicaTraits.KeepsVersions);
            Assert.Equal([("v/a", null, 2), ("v/é", null, 4)], (await Listed("v/", null)).Select(each => (each.Key, each.VersionId, (int)each.Size)));
            Assert.Equal(["v/é"], (await Listed("v/", "v/a")).Select(each => each.Key));
            return;
        }
        var listed = await Listed("v/", null);
        Assert.Equal(
            [("v/a", made[1].VersionId, true, false), ("v/a", made[0].VersionId, false, false), ("v/b", marker, true, true), ("v/b", made[2].VersionId, false, false), ("v/é", made[3].VersionId, true, false)],
            listed.Select(each => (each.Key, each.VersionId, each.IsLatest, each.IsMarker)));
        Assert.Equal([2, 1, 0, 3, 4], listed.Select(each => each.Size));
        Assert.Equal(made[1].ETag, listed[0].ETag);
        Assert.InRange(listed[0].Modified, DateTimeOffset.UtcNow.AddMinutes(-10), DateTimeOffset.UtcNow.AddMinutes(10));
        Assert.Equal(["v/b", "v/b", "v/é"], (await Listed("v/", "v/a")).Select(each => each.Key));

        foreach (var _ in new[] { "once", "again" }) await Place.DeleteVersion("v/b", marker!, None);
        Assert.Equal(3, (await Place.Find("v/b", null, None))!.Size);
        await Place.DeleteVersion("v/a", made[1].VersionId!, None);
        Assert.Equal(1, (await Place.Find("v/a", null, None))!.Size);

        async Task<List<SourceVersion>> Listed(string prefix, string? after)
        {
            List<SourceVersion> all = [];
            await foreach (var each in Place.ListVersions(prefix, after, None)) all.Add(each);
            return all;
        }
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task A_listing_of_many_pages_has_each_once()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 1205), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, ct) =>
            await Place.Put(Plan($"b/{i:d5}", [1]), Whole([1]), ct));
        Assert.Equal(Enumerable.Range(0, 1205).Select(i => $"b/{i:d5}"), (await All(Place.List("b/", null, None))).Select(one => one.Key));
    }

    [Fact]
    public async Task Where_there_is_no_bucket_everything_is_refused()
    {
        var place = await CreateWithoutBucket();
        await Refused(async () => await place.Find("b/key", null, None));
        await Refused(async () => await place.Put(Plan("b/key", [1]), Whole([1]), None));
        await Refused(async () => await All(place.List("", null, None)));
        await Refused(async () => await place.Delete("b/key", None));
        await Refused(async () =>
        {
            var plan = Plan("b/key", [1]) with { Md5 = null, PartBytes = PartBytes };
            var upload = await place.Begin(plan, None);
            await place.Complete(plan, upload, [await place.PutPart(plan, upload, 1, 1, Whole([1]), None)], None);
        });
    }

    [Fact]
    public async Task With_a_wrong_key_everything_is_refused()
    {
        var place = await CreateWithWrongKey();
        await Refused(async () => await place.Find("b/key", null, None));
        await Refused(async () => await place.Put(Plan("b/key", [1]), Whole([1]), None));
        await Refused(async () => await All(place.List("", null, None)));
        await Refused(async () => await place.Delete("b/key", None));
        Assert.Null(await Place.Find("b/key", null, None));
    }

    [Fact]
    public async Task A_cancelled_call_ends_as_one()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Place.Find("b/key", null, cancelled.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Place.Put(Plan("b/key", [1]), Whole([1]), cancelled.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await All(Place.List("", null, cancelled.Token)));
    }

    /// <summary>A plan for these bytes in one call.</summary>
    protected static ReplicaPlan Plan(string key, byte[] bytes) => new() { Key = key, Size = bytes.Length, Md5 = MD5.HashData(bytes) };

    /// <summary>Bytes that look like none at another place.</summary>
    protected static byte[] Bytes(int size)
    {
        var bytes = new byte[size];
        new Random(size + 31).NextBytes(bytes);
        return bytes;
    }

    /// <summary>A reader of bytes in memory.</summary>
    protected static PipeReader Whole(byte[] bytes) => PipeReader.Create(new ReadOnlySequence<byte>(bytes));

    /// <summary>All the bytes of a replica.</summary>
    protected Task<byte[]> Read(Replica at) => Read(at, ByteRange.All(at.Size));

    /// <summary>The bytes of a range.</summary>
    protected async Task<byte[]> Read(Replica at, ByteRange range)
    {
        await using var body = await Place.Open(at, range, None);
        Assert.NotNull(body);
        Assert.Equal(range.Length, body.Length);
        using var all = new MemoryStream();
        await body.CopyTo(PipeWriter.Create(all), None);
        return all.ToArray();
    }

    /// <summary>What a listing gives.</summary>
    protected static async Task<List<Replica>> All(IAsyncEnumerable<Replica> listing)
    {
        var all = new List<Replica>();
        await foreach (var one in listing) all.Add(one);
        return all;
    }

    /// <summary>Sends the part of that number out of the whole body.</summary>
    protected async Task<ReplicaPart> PutPart(ReplicaPlan plan, string upload, int number, byte[] bytes)
    {
        var at = (number - 1) * (int)plan.PartBytes;
        var part = bytes[at..(int)Math.Min(at + plan.PartBytes, bytes.Length)];
        return await Place.PutPart(plan, upload, number, part.Length, Whole(part), None);
    }

    private static async Task Refused(Func<Task> call)
    {
        var e = await Assert.ThrowsAsync<ReplicaRefusedException>(call);
        Assert.NotEqual("", e.Code);
        Assert.NotEqual("", e.Location);
    }

    private static IEnumerable<(string, string)> Sorted(IReadOnlyDictionary<string, string> said) =>
        said.Select(one => (one.Key, one.Value)).OrderBy(one => one.Key, StringComparer.Ordinal);
}
