using ZenkoFunctions.Core.Replication.Walks;

namespace ZenkoFunctions.Core.Tests.Replication.Walks;

/// <summary>How keys are split into ranges.</summary>
public sealed class WalkShardsTests
{
    private static async Task<(IReadOnlyList<string> Bounds, int Looks)> Split(IEnumerable<string> keys, int shards)
    {
        var sorted = keys.Distinct().Order(Utf8Order.Comparer).ToList();
        var looks = 0;
        var bounds = await new WalkShards(null!, new() { IsAlone = true, Shards = shards }).Bounds(
            (after, _) =>
            {
                looks++;
                return new(after is null ? sorted.FirstOrDefault() : sorted.Find(key => Utf8Order.Compare(key, after) > 0));
            },
            default);
        return (bounds, looks);
    }

    [Fact]
    public async Task Random_keys_are_in_one_range_each()
    {
        var random = new Random(5);
        string[] pieces = ["a", "b", "/", "0", "é", "日", "🎈", "￿", "common/prefix/", "-"];
        for (var round = 0; round < 300; round++)
        {
            var begins = pieces[random.Next(pieces.Length)];
            var keys = Enumerable.Range(0, random.Next(1, 60)).Select(_ => begins + string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => pieces[random.Next(pieces.Length)]))).ToList();
            var shards = random.Next(1, 9);
            var (bounds, looks) = await Split(keys, shards);
            Assert.InRange(bounds.Count, 0, shards - 1);
            Assert.InRange(looks, 1, 200);
            Assert.Equal(bounds.Order(Utf8Order.Comparer).Distinct(), bounds);
            foreach (var key in keys)
            {
                var holding = Enumerable.Range(0, bounds.Count + 1).Count(i =>
                    (i == 0 || Utf8Order.Compare(key, bounds[i - 1]) > 0) && !new WalkRange(i, null, i == bounds.Count ? null : bounds[i]).IsBehind(key));
                Assert.Equal(1, holding);
            }
        }
    }

    [Fact]
    public async Task What_all_keys_begin_with_is_passed_over()
    {
        var (bounds, _) = await Split(Enumerable.Range(0, 10_000).Select(i => $"logs/2026/{i % 10}/{i}"), 4);
        Assert.Equal(["logs/2026/2", "logs/2026/5", "logs/2026/7"], bounds);
        Assert.Empty((await Split(["one"], 4)).Bounds);
        Assert.Empty((await Split([], 4)).Bounds);
    }
}
