using System.Text;

namespace ZenkoFunctions.Core.Replication.Walks;

/// <summary>
/// Finds keys that split a listing into parts of about the same size by few looks at it. A look gives the first keys behind a place. Keys that
/// begin alike branch somewhere, into groups; the group that seems largest is looked into next, until none is more than half a
/// part. A group that a single look shows whole is small; how large the others are is not known, so groups that branched off together
/// count the same.
/// </summary>
/// <param name="look">Keys behind another (or, null, from the first on) in the order of their UTF-8 bytes: at most so many.</param>
/// <param name="page">So many are looked at.</param>
/// <param name="after">Behind this key; null from the first on.</param>
internal sealed class KeySamples(Func<string?, int, CancellationToken, IAsyncEnumerable<string>> look, int page, string? after)
{
    /// <summary>Looks, at most.</summary>
    public const int MostLooks = 128;

    /// <summary>A group of less than that part of a part is small enough.</summary>
    private const int Fineness = 2;

    /// <summary>Branches of a group that are found one after another; then others are passed over, so that there are about so many more.</summary>
    private const int Nearby = 16;

    private const int MostBytes = 1024;
    private const int LastRune = 0x10FFFF;

    private readonly List<Group> groups = [];
    private int looks;

    /// <summary>Keys from one on, up to the first of the next group; how much of all that is supposed to be; and whether it is worth another look.</summary>
    private readonly record struct Group(IReadOnlyList<string> First, double Weight, bool IsOpen);

    /// <summary>Keys that split all of them into parts, each of which ends with one; fewer, or none, where there is not more to split.</summary>
    public async ValueTask<IReadOnlyList<string>> Split(int parts, CancellationToken ct)
    {
        var first = await Look(after, ct);
        if (first.Count < page || parts < 2) return [];
        groups.Add(new(first, 1, true));
        while (looks < MostLooks)
        {
            var largest = -1;
            for (var i = 0; i < groups.Count; i++)
                if (groups[i].IsOpen && (largest < 0 || groups[i].Weight > groups[largest].Weight)) largest = i;
            if (largest < 0 || groups[largest].Weight * parts * Fineness <= groups.Sum(group => group.Weight)) break;
            await Branch(largest, ct);
        }
        return Bounds(parts);
    }

    private List<string> Bounds(int parts)
    {
        List<string> bounds = [];
        var (all, sum) = (groups.Sum(group => group.Weight), 0.0);
        for (var i = 1; i < groups.Count && bounds.Count < parts - 1; i++)
        {
            sum += groups[i - 1].Weight;
            // It counts to the side on which more of it would be.
            if (sum + groups[i].Weight / 2 >= all * (bounds.Count + 1) / parts) bounds.Add(groups[i].First[0]);
        }
        return bounds;
    }

    /// <summary>Puts what branches off in a group in its place.</summary>
    private async ValueTask Branch(int at, CancellationToken ct)
    {
        var (group, end) = (groups[at], at + 1 < groups.Count ? groups[at + 1].First[0] : null);
        // Keys that begin with others tell nothing of where they branch.
        var first = group.First.FirstOrDefault(key => !group.First[^1].StartsWith(key, StringComparison.Ordinal));
        if (first is null)
        {
            groups[at] = group with { IsOpen = false };
            return;
        }
        // Up to where all begin alike.
        var common = Common(first, group.First[^1]);
        IReadOnlyList<string>? second = null;
        while (await Behind(common) is { } next) (second, common) = (next, Common(first, next[0]));
        second ??= await Behind(common + Rune.GetRuneAt(first, common.Length));

        List<IReadOnlyList<string>> found = [group.First];
        var gap = 0;
        for (var next = second; next is not null && Utf8Order.Compare(next[0], found[^1][0]) > 0; next = Farther(found[^1][0], common, gap) is { } place ? await Behind(place) : null)
        {
            found.Add(next);
            if (found.Count == Nearby) gap = await Stride(found[^1][0]);
        }
        var weight = group.Weight / found.Count;
        groups.RemoveAt(at);
        groups.InsertRange(at, found.Select((keys, i) =>
        {
            var behind = i + 1 < found.Count ? found[i + 1][0] : end;
            var own = behind is null ? keys.Count : keys.Count(key => Utf8Order.Compare(key, behind) < 0);
            var isShown = own < page;
            return new Group(keys, isShown ? weight * own / (2 * page) : weight, !isShown && found.Count > 1);
        }));

        // The first keys of the group behind all that begin like that; null where there are none.
        async ValueTask<IReadOnlyList<string>?> Behind(string prefix)
        {
            var behind = prefix + char.ConvertFromUtf32(LastRune);
            if (looks == MostLooks || Encoding.UTF8.GetByteCount(behind) > MostBytes) return null;
            var keys = await Look(behind, ct);
            return keys.Count > 0 && (end is null || Utf8Order.Compare(keys[0], end) < 0) ? keys : null;
        }

        // How far apart characters are to be looked for that there are many of.
        async ValueTask<int> Stride(string key)
        {
            var reach = Nearby;
            while (Farther(key, common, reach) is { } place && await Behind(place) is not null) reach *= 2;
            return reach / Nearby;
        }
    }

    /// <summary>What the key begins with up to where it branches; or, with a gap, what stands so many characters behind.</summary>
    private static string? Farther(string key, string common, int gap)
    {
        if (key.Length <= common.Length) return null;
        var value = Rune.GetRuneAt(key, common.Length).Value + gap;
        if (value is >= 0xD800 and <= 0xDFFF) value = 0xE000;
        return value >= LastRune ? null : common + new Rune(value);
    }

    /// <summary>What the two begin with, in whole characters.</summary>
    private static string Common(string one, string other)
    {
        var length = one.AsSpan().CommonPrefixLength(other);
        if (length > 0 && char.IsHighSurrogate(one[length - 1])) length--;
        return one[..length];
    }

    private async ValueTask<IReadOnlyList<string>> Look(string? behind, CancellationToken ct)
    {
        looks++;
        List<string> keys = [];
        await foreach (var key in look(behind, page, ct).WithCancellation(ct))
        {
            keys.Add(key);
            if (keys.Count == page) break;
        }
        return keys;
    }
}
