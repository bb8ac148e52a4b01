using ZenkoFunctions.Core.Replication;

namespace ZenkoFunctions.Core.Tests.Replication;

public sealed class FailedListTests
{
    private readonly Room room = new();

    [Fact]
    public async Task Pages_have_a_hundred_in_the_order_of_time_and_none_is_told_twice_or_left_out()
    {
        // All at the same moment: markers are of milliseconds.
        for (var i = 0; i < 230; i++) await room.Failed.Add(Room.Copy($"k{i:d3}"), default);
        await room.Failed.Add(Room.Copy("elsewhere", site: "azure"), default);
        var (keys, pages, marker) = (new List<string>(), new List<int>(), 0L);
        while (true)
        {
            var (copies, more) = await room.Failed.Page("wasabi", marker, default);
            keys.AddRange(copies.Select(copy => copy.Key));
            pages.Add(copies.Count);
            if (!more) break;
            marker = copies[^1].Marker;
        }
        Assert.Equal([100, 100, 30], pages);
        Assert.Equal(Enumerable.Range(0, 230).Select(i => $"k{i:d3}"), keys);
    }

    [Fact]
    public async Task What_fails_again_moves_to_the_end()
    {
        await room.Failed.Add(Room.Copy("a"), default);
        await room.Failed.Add(Room.Copy("b"), default);
        room.Clock.MoveTo(room.Clock.GetUtcNow().AddHours(1));
        await room.Failed.Add(Room.Copy("a") with { Reason = "again" }, default);
        Assert.Equal(["b", "a"], (await room.Failed.Page("wasabi", 0, default)).Copies.Select(copy => copy.Key));
        Assert.Equal("again", (await room.Failed.Find(Room.Copy("a").BucketId, "a", "v1", "wasabi", default))?.Reason);
    }

    [Fact]
    public async Task A_version_is_found_at_each_of_its_sites_and_a_key_with_all_its_versions()
    {
        var id = Room.Copy("a").BucketId;
        await room.Failed.Add(Room.Copy("a"), default);
        await room.Failed.Add(Room.Copy("a", site: "azure"), default);
        await room.Failed.Add(Room.Copy("a", "v2"), default);
        await room.Failed.Add(Room.Copy("ab"), default);
        Assert.Equal(["azure", "wasabi"], (await room.Failed.Find(id, "a", "v1", default)).Select(copy => copy.Site));
        Assert.Equal(3, (await room.Failed.Find(id, "a", null, default)).Count);
        Assert.Empty(await room.Failed.Find(id, "a", "no/such", default));
    }

    [Fact]
    public async Task Keys_too_long_for_a_partition_s_name_are_told_apart()
    {
        var (start, id) = (new string('x', 1000), Room.Copy("a").BucketId);
        await room.Failed.Add(Room.Copy(start + "a"), default);
        await room.Failed.Add(Room.Copy(start + "b"), default);
        Assert.Equal(start + "a", Assert.Single(await room.Failed.Find(id, start + "a", null, default)).Key);
        await room.Failed.Remove(id, start + "a", "v1", "wasabi", default);
        Assert.Equal(start + "b", Assert.Single((await room.Failed.Page("wasabi", 0, default)).Copies).Key);
    }

    [Fact]
    public async Task What_was_removed_is_nowhere_and_may_be_removed_again()
    {
        var id = Room.Copy("a").BucketId;
        await room.Failed.Add(Room.Copy("a"), default);
        for (var i = 0; i < 2; i++) await room.Failed.Remove(id, "a", "v1", "wasabi", default);
        Assert.Empty((await room.Failed.Page("wasabi", 0, default)).Copies);
        Assert.Empty(room.Table.Rows);
    }

    [Fact]
    public async Task What_an_addition_that_was_cut_off_left_in_the_list_is_swept_out_of_it()
    {
        await room.Failed.Add(Room.Copy("a"), default);
        room.Clock.MoveTo(room.Clock.GetUtcNow().AddHours(1));
        var applied = 0;
        room.Table.BeforeApply = _ => applied++ == 2 ? throw new IOException("cut off") : default;
        await Assert.ThrowsAsync<IOException>(async () => await room.Failed.Add(Room.Copy("a"), default));
        room.Table.BeforeApply = null;
        Assert.Equal(2, room.Table.Rows.Count(row => row.Key.Partition == "l.wasabi"));
        Assert.Single((await room.Failed.Page("wasabi", 0, default)).Copies);
        Assert.Single(room.Table.Rows, row => row.Key.Partition == "l.wasabi");
    }
}
