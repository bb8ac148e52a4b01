using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Locations.Configured;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Tests.Locations.Configured;

public sealed class ConfiguredLocationsTests
{
    private const string Secret = "the/secret+key";

    private readonly InMemoryTable table = new();
    private readonly ManualClock clock = new();
    private readonly List<Place> opened = [];

    private static LocationConfig Ring { get; } = new()
    {
        Name = "ring", LocationType = "scality-ring-s3", Details = new() { AccessKey = "ID", BucketName = "bucket", Endpoint = "ring.example.com" },
    };

    private ConfiguredLocations Open(Consistency? consistency = null, ILogger? log = null) => new(
        table, new MasterKey(new byte[MasterKey.Length]), [new() { Name = "disk", IsBuiltin = true, LocationType = "location-file-v1" }], "eu-west-3",
        (config, secret) =>
        {
            var place = new Place(config, secret);
            opened.Add(place);
            return place;
        },
        consistency ?? Consistency.OneMachine, clock, log ?? NullLogger.Instance);

    private static ValueTask<string?> NoNeed(bool mayHoldBytes, CancellationToken ct) => new((string?)null);

    [Fact]
    public async Task What_is_added_is_found_tidied_and_told_without_its_secret()
    {
        var locations = Open();
        var added = (await locations.Add(Ring, Secret, default)).Value;
        Assert.Equal(("location-scality-ring-s3-v1", "https://ring.example.com", true), (added.LocationType, added.Details.Endpoint, added.Details.HasSecretKey));
        Assert.Equal(["disk", "ring"], (await locations.All(default)).Select(each => each.Name));
        Assert.Equal(added, await locations.Get("ring", default));
        Assert.NotNull(await locations.Find("ring", default));
        Assert.Null(await locations.Find("sun", default));
        Assert.Equal(Secret, opened[^1].Secret);
    }

    [Fact]
    public async Task The_secret_is_sealed_for_the_name_of_its_location()
    {
        await Open().Add(Ring, Secret, default);
        var row = Assert.Single(table.Rows);
        Assert.DoesNotContain(Secret, Encoding.UTF8.GetString(row.Value.Span), StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(Secret)), Encoding.UTF8.GetString(row.Value.Span), StringComparison.Ordinal);
        // Put under another name it does not open.
        await table.Apply(row.Key.Partition, [Change.Put("moon", Condition.Any, Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(row.Value.Span).Replace("\"ring\"", "\"moon\"")))], default);
        await Assert.ThrowsAsync<InvalidDataException>(async () => await Open().Find("moon", default));
    }

    [Theory]
    [InlineData("disk", Refusal.Conflict)]
    [InlineData("ring", Refusal.Conflict)]
    [InlineData("all", Refusal.InvalidRequest)]
    [InlineData("eu-west-3", Refusal.InvalidRequest)]
    [InlineData("Ring", Refusal.InvalidRequest)]
    [InlineData("a_b", Refusal.InvalidRequest)]
    [InlineData("-a", Refusal.InvalidRequest)]
    [InlineData("", Refusal.InvalidRequest)]
    public async Task A_name_is_free_and_well_formed(string name, Refusal refusal)
    {
        var locations = Open();
        await locations.Add(Ring, Secret, default);
        Assert.Equal(refusal, (await locations.Add(Ring with { Name = name }, Secret, default)).Refusal);
        Assert.Single(table.Rows);
    }

    [Fact]
    public async Task It_stays_the_same_object_until_it_is_changed()
    {
        var locations = Open();
        await locations.Add(Ring, Secret, default);
        var first = await locations.Find("ring", default);
        await locations.Add(Ring with { Name = "other" }, Secret, default);
        Assert.Same(first, await locations.Find("ring", default));
        await locations.Change(Ring, "another", default);
        Assert.NotSame(first, await locations.Find("ring", default));
        Assert.Equal("another", opened[^1].Secret);
    }

    [Fact]
    public async Task A_limit_is_changed_without_opening_the_place_again()
    {
        var locations = Open();
        await locations.Add(Ring, Secret, default);
        await locations.Find("ring", default);
        var count = opened.Count;
        await locations.Change(Ring with { SizeLimitGb = 5 }, null, default);
        Assert.Equal(5, ((ConfiguredPlace)(await locations.Find("ring", default))!).Config.SizeLimitGb);
        Assert.Equal(count, opened.Count);
    }

    [Fact]
    public async Task A_place_that_was_replaced_is_disposed_only_when_nobody_can_use_it_any_more()
    {
        var locations = Open();
        await locations.Add(Ring, Secret, default);
        await locations.Find("ring", default);
        var place = opened[^1];
        await locations.Change(Ring, "another", default);
        await locations.Find("ring", default);
        clock.Advance(TimeSpan.FromMinutes(30));
        Assert.False(place.IsDisposed);
        clock.Advance(TimeSpan.FromMinutes(31));
        Assert.True(SpinWait.SpinUntil(() => place.IsDisposed, TimeSpan.FromMinutes(2)));
    }

    [Fact]
    public async Task Another_instance_sees_an_addition_at_once_and_a_change_in_time()
    {
        var age = TimeSpan.FromSeconds(5);
        var (one, other) = (Open(Consistency.Shared(age)), Open(Consistency.Shared(age)));
        Assert.Null(await other.Find("ring", default));
        await one.Add(Ring, Secret, default);
        Assert.NotNull(await other.Find("ring", default));
        await one.Change(Ring with { SizeLimitGb = 7 }, null, default);
        Assert.Null((await other.Config("ring", default))!.SizeLimitGb);
        clock.Advance(age);
        Assert.Equal(7, (await other.Config("ring", default))!.SizeLimitGb);
    }

    [Fact]
    public async Task A_directory_is_no_location_of_several_instances()
    {
        var added = await Open(Consistency.Shared(TimeSpan.FromSeconds(5))).Add(new() { Name = "dir", LocationType = "file", Details = new() { Path = "/srv/dir" } }, null, default);
        Assert.Equal(Refusal.InvalidRequest, added.Refusal);
        Assert.Contains("several instances", added.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_stays_where_it_is_once_bytes_have_gone_there()
    {
        var locations = Open();
        await locations.Add(Ring, Secret, default);
        Assert.Null((await locations.Change(Ring with { Details = Ring.Details with { BucketName = "other" } }, null, default)).Refusal);
        await Put(locations, 10);
        var moved = await locations.Change(Ring, null, default);
        Assert.Equal(Refusal.InvalidRequest, moved.Refusal);
        Assert.Null((await locations.Change(Ring with { Details = Ring.Details with { BucketName = "other", AccessKey = "NEW" } }, "new", default)).Refusal);
        Assert.Equal(Refusal.InvalidRequest, (await locations.Change(Ring with { LocationType = "location-aws-s3-v1" }, null, default)).Refusal);
    }

    [Fact]
    public async Task What_is_needed_is_not_removed()
    {
        var locations = Open();
        await locations.Add(Ring, Secret, default);
        var refused = await locations.Remove("ring", (_, _) => new("somebody needs it."), default);
        Assert.Equal((Refusal.Conflict, "The location 'ring' is in use: somebody needs it."), (refused.Refusal, refused.Detail));
        Assert.Equal(Refusal.InvalidRequest, (await locations.Remove("disk", NoNeed, default)).Refusal);
        Assert.NotNull(await locations.Find("ring", default));
        Assert.Null((await locations.Remove("ring", NoNeed, default)).Refusal);
        Assert.Null(await locations.Find("ring", default));
        Assert.Equal(Refusal.NoSuchLocation, (await locations.Remove("ring", NoNeed, default)).Refusal);
    }

    [Fact]
    public async Task What_comes_to_be_needed_while_it_is_removed_gets_it_back()
    {
        var locations = Open();
        await locations.Add(Ring, Secret, default);
        var asked = 0;
        var refused = await locations.Remove("ring", (_, _) => new(++asked == 1 ? null : "a bucket was made in it meanwhile."), default);
        Assert.Equal(Refusal.Conflict, refused.Refusal);
        Assert.NotNull(await locations.Find("ring", default));
    }

    [Fact]
    public async Task Whether_bytes_may_be_there_is_told_even_by_another_process()
    {
        var locations = Open();
        await locations.Add(Ring, Secret, default);
        List<bool> told = [];
        ValueTask<string?> Need(bool mayHoldBytes, CancellationToken ct)
        {
            told.Add(mayHoldBytes);
            return new("…");
        }
        await locations.Remove("ring", Need, default);
        await Put(locations, 10);
        await Open().Remove("ring", Need, default);
        Assert.Equal([false, true], told);
    }

    [Fact]
    public async Task Bytes_are_counted_across_processes_and_bound_by_the_limit()
    {
        var locations = Open();
        await locations.Add(Ring with { SizeLimitGb = 1 }, Secret, default);
        var place = (ConfiguredPlace)(await locations.Find("ring", default))!;
        Assert.False(place.WouldBeFull(1_000_000_000));
        var stored = await Put(locations, 1000);
        Assert.True(place.WouldBeFull(1_000_000_000));
        Assert.False(place.WouldBeFull(null));
        Assert.Equal(1000, (await locations.Get("ring", default))!.BytesStored);
        await locations.Bytes.Flush(default);

        var other = Open();
        await Put(other, 500);
        Assert.Equal(1500, (await other.Get("ring", default))!.BytesStored);
        await other.Bytes.Flush(default);
        await place.Delete(stored, default);
        await locations.Bytes.Flush(default);
        Assert.Equal(500, (await other.Get("ring", default))!.BytesStored);
    }

    [Fact]
    public async Task While_a_place_is_down_one_request_a_second_waits_for_it()
    {
        var locations = Open();
        await locations.Add(Ring, Secret, default);
        await locations.Add(Ring with { Name = "other" }, Secret, default);
        var far = (await locations.Find("ring", default))!;
        var place = opened[^1];
        place.IsDown = true;
        for (var i = 0; i < 20; i++) await Assert.ThrowsAsync<LocationUnavailableException>(async () => await far.Delete(new("ring", "x", 0), default));
        Assert.Equal(3, place.Calls);
        clock.Advance(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 20; i++) await Assert.ThrowsAsync<LocationUnavailableException>(async () => await far.Delete(new("ring", "x", 0), default));
        Assert.Equal(4, place.Calls);
        await (await locations.Find("other", default))!.Delete(new("other", "x", 0), default);

        place.IsDown = false;
        clock.Advance(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 20; i++) await far.Delete(new("ring", "x", 0), default);
        Assert.Equal(24, place.Calls);
    }

    [Fact]
    public async Task That_a_place_refuses_us_is_told_once_with_the_command_that_helps_until_it_was_tried()
    {
        var told = new List<string>();
        var locations = Open(log: new Listener(told));
        await locations.Add(Ring, Secret, default);
        async Task Fail(int times)
        {
            var far = (await locations.Find("ring", default))!;
            (opened[^1].IsDown, opened[^1].IsDenied) = (true, true);
            for (var i = 0; i < times; i++) await Assert.ThrowsAsync<LocationUnavailableException>(async () => await far.Delete(new("ring", "x", 0), default));
            // Some calls may be allowed.
            opened[^1].IsDown = false;
            clock.Advance(TimeSpan.FromSeconds(1));
            await far.Delete(new("ring", "x", 0), default);
        }

        for (var i = 0; i < 5; i++) await Fail(10);
        var line = Assert.Single(told, each => each.Contains("refuses us", StringComparison.Ordinal));
        Assert.Contains("zenkofn location set ring --access-key ID --secret-key-file FILE", line, StringComparison.Ordinal);
        Assert.DoesNotContain(told, each => each.Contains(Secret, StringComparison.Ordinal) || each.Contains("does not answer", StringComparison.Ordinal));

        // Whoever has set it learns whether that was it.
        await locations.Change(Ring, "another", default);
        await Fail(10);
        Assert.Equal(2, told.Count(each => each.Contains("refuses us", StringComparison.Ordinal)));
        clock.Advance(TimeSpan.FromMinutes(15));
        await Fail(10);
        Assert.Equal(3, told.Count(each => each.Contains("refuses us", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_place_that_cannot_be_opened_now_is_an_outage_and_is_opened_later()
    {
        var isThere = true;
        var locations = new ConfiguredLocations(
            table, new MasterKey(new byte[MasterKey.Length]), [], "us-east-1",
            (config, secret) => isThere ? new Place(config, secret) : throw new IOException("The directory is not mounted."), Consistency.OneMachine, clock, NullLogger.Instance);
        await locations.Add(Ring, Secret, default);
        isThere = false;
        var down = await Assert.ThrowsAsync<LocationUnavailableException>(async () => await locations.Find("ring", default));
        Assert.Equal("The directory is not mounted.", down.Message);
        isThere = true;
        Assert.NotNull(await locations.Find("ring", default));
    }

    private static async Task<Stored> Put(ConfiguredLocations locations, int length) =>
        await (await locations.Find("ring", default))!.Put(new($"n{length}", length), PipeReader.Create(new ReadOnlySequence<byte>(new byte[length])), default);

    private sealed class Place(LocationConfig config, string? secret) : ILocation, IDisposable
    {
        private readonly ConcurrentDictionary<string, byte[]> kept = new();

        public string? Secret => secret;
        public volatile bool IsDown, IsDenied, IsDisposed;
        public int Calls;

        public LocationTraits Traits { get; } = new(long.MaxValue);

        public async ValueTask<Stored> Put(PutPlan plan, PipeReader body, CancellationToken ct)
        {
            Called();
            var read = await body.ReadAtLeastAsync((int)plan.Length!, ct);
            kept[plan.Name] = read.Buffer.ToArray();
            return new(config.Name, plan.Name, kept[plan.Name].Length);
        }

        public ValueTask<IObjectBody?> Open(Stored at, ByteRange range, CancellationToken ct)
        {
            Called();
            return new(kept.TryGetValue(at.Name, out var bytes) ? new MemoryBody(bytes.AsMemory((int)range.Offset, (int)range.Length)) : null);
        }

        public ValueTask Delete(Stored at, CancellationToken ct)
        {
            Called();
            kept.TryRemove(at.Name, out _);
            return default;
        }

        public void Dispose() => IsDisposed = true;

        private void Called()
        {
            Calls++;
            if (IsDown) throw new LocationUnavailableException(config.Name, "It is down.") { IsDenied = IsDenied };
        }
    }
}
