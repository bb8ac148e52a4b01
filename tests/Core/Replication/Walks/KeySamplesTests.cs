using ZenkoFunctions.Core.Replication.Walks;

namespace ZenkoFunctions.Core.Tests.Replication.Walks;

/// <summary>How keys are split into parts of about the same size by few looks.</summary>
public sealed class KeySamplesTests
{
    /// <summary>The bounds, how many keys each part has, and how often it was looked.</summary>
    private static async Task<(IReadOnlyList<string> Bounds, int[] Sizes, int Looks)> Split(IEnumerable<string> keys, int parts, int page = 64, string? after = null)
    {
        var sorted = keys.Distinct().Order(Utf8Order.Comparer).ToList();
        var looks = 0;
        var bounds = await new KeySamples(Look, page, after).Split(parts, default);
        Assert.InRange(bounds.Count, 0, Math.Max(0, parts - 1));
        Assert.Equal(bounds.Order(Utf8Order.Comparer).Distinct(), bounds);
        Assert.InRange(looks, 1, KeySamples.MostLooks);
        var sizes = new int[bounds.Count + 1];
        foreach (var key in sorted)
        {
            if (after is not null && Utf8Order.Compare(key, after) <= 0) continue;
            var holding = Enumerable.Range(0, bounds.Count + 1).Where(i =>
                (i == 0 || Utf8Order.Compare(key, bounds[i - 1]) > 0) && !new WalkRange(i, null, i == bounds.Count ? null : bounds[i]).IsBehind(key));
            sizes[Assert.Single(holding)]++;
        }
        return (bounds, sizes, looks);

        async IAsyncEnumerable<string> Look(string? behind, int limit, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
        {
            looks++;
            Assert.True(behind is null || System.Text.Encoding.UTF8.GetByteCount(behind) <= 1024, "No service takes a longer key.");
            var at = behind is null ? 0 : sorted.BinarySearch(behind, Utf8Order.Comparer);
            await Task.CompletedTask;
            foreach (var key in sorted.Skip(at >= 0 && behind is not null ? at + 1 : at < 0 ? ~at : 0).Take(limit)) yield return key;
        }
    }

    [Fact]
    public async Task Random_keys_are_in_one_part_each()
    {
        var random = new Random(5);
        string[] pieces = ["a", "b", "/", "0", "é", "日", "🎈", "￿", "\U0010FFFF", "common/prefix/", "-"];
        for (var round = 0; round < 400; round++)
        {
            var begins = pieces[random.Next(pieces.Length)];
            var keys = Enumerable.Range(0, random.Next(1, 90)).Select(_ => begins + string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => pieces[random.Next(pieces.Length)]))).ToList();
            await Split(keys, random.Next(1, 9), random.Next(1, 8), random.Next(3) == 0 ? keys[0] : null);
        }
    }

    public static TheoryData<string, int> Shapes => new()
    {
        { "two prefixes, one with nine of ten", 30 },
        { "one long prefix", 20 },
        { "all in one folder, by number", 20 },
        { "by date", 25 },
        { "hexadecimal", 20 },
        { "beyond the surrogates", 40 },
        { "thousands of first characters", 30 },
    };

    /// <summary>Eight parts, of which none has more than so many per cent.</summary>
    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Parts_are_of_about_the_same_size(string shape, int most)
    {
        var random = new Random(7);
        string Hex() => random.NextInt64().ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
        var keys = Enumerable.Range(0, 20_000).Select(i => shape switch
        {
            "two prefixes, one with nine of ten" => $"{(i % 10 == 0 ? "due" : "kept")}/{i / 100:000}/{i}",
            "one long prefix" => new string('x', 700) + "/logs/2026/" + Hex(),
            "all in one folder, by number" => $"folder/{i:00000}",
            "by date" => $"logs/{2020 + i % 7}/{1 + i % 12:00}/{1 + i % 28:00}/{Hex()}",
            "hexadecimal" => Hex(),
            "beyond the surrogates" => char.ConvertFromUtf32(i % 2 == 0 ? 0xE000 + random.Next(0x1000) : 0x1F300 + random.Next(0x300)) + i,
            _ => char.ConvertFromUtf32(0x4E00 + random.Next(20_000)) + i,
        }).ToList();
        var (bounds, sizes, _) = await Split(keys, 8);
        Assert.InRange(bounds.Count, 4, 7);
        Assert.InRange(sizes.Max() * 100 / sizes.Sum(), 100 / 8, most);
    }

    [Fact]
    public async Task What_cannot_be_split_is_left_whole()
    {
        Assert.Empty((await Split(["one"], 4)).Bounds);
        Assert.Empty((await Split([], 4)).Bounds);
        // Each begins with the one before.
        Assert.Empty((await Split(Enumerable.Range(1, 1000).Select(i => new string('a', i)), 4, page: 32)).Bounds);
    }
}
