using System.Text;
using FsCheck;
using FsCheck.Fluent;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Core.Tests.Objects;

public sealed class ListingTests
{
    private static readonly string[] Alphabet = ["a", "b", "/", "//", "é", "\uffee", "😀", "\0", new string('k', 500)];

    private static readonly Gen<string> Name = Gen.Elements(Alphabet).ArrayOf().Select(pieces => string.Concat(pieces.Take(5)));

    private static readonly Gen<string> Key = Name.Where(key => key.Length > 0 && Encoding.UTF8.GetByteCount(key) <= ObjectLimits.KeyBytes);

    [Fact]
    public void Pages_of_any_size_together_are_the_listing_of_the_model()
    {
        var cases = from keys in Key.ListOf()
                    from prefix in Gen.Frequency((3, Gen.Constant("")), (2, Name))
                    from delimiter in Gen.Elements("/", "//", "a", "kk", null)
                    from limit in Gen.Choose(1, 5)
                    select (keys, prefix, delimiter, limit);
        Prop.ForAll(cases.ToArbitrary(), c => Compare(c.keys, c.prefix, c.delimiter, c.limit).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    [Fact]
    public async Task A_listing_starts_after_a_key_that_need_not_exist()
    {
        var world = new World();
        var bucket = await world.Bucket();
        foreach (var key in new[] { "a", "b/1", "b/2", "c" }) await world.Put(bucket, key, "x");
        Assert.Equal(["b/2", "c"], await Names(world, bucket, new() { After = "b/1x" }));
        Assert.Equal(["c"], await Names(world, bucket, new() { After = "b/", Delimiter = "/" }));
        Assert.Equal(["b/", "c"], await Names(world, bucket, new() { After = "b/1", Delimiter = "/" }));
        Assert.Equal(["b/1", "b/2"], await Names(world, bucket, new() { After = "a", Prefix = "b" }));
        Assert.Equal([], await Names(world, bucket, new() { After = "c", Prefix = "b" }));
        Assert.Equal([], await Names(world, bucket, new() { Limit = 0 }));
    }

    private static async Task<bool> Compare(IEnumerable<string> keys, string prefix, string? delimiter, int limit)
    {
        var world = new World();
        var bucket = await world.Bucket();
        foreach (var key in keys) await world.Put(bucket, key, "x");

        var expected = keys.Distinct().Where(key => key.StartsWith(prefix, StringComparison.Ordinal))
            .OrderBy(key => Encoding.UTF8.GetBytes(key), Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b)))
            .Select(key => Roll(key, prefix, delimiter)).Distinct().ToList();
        var found = new List<string>();
        string? after = null;
        do
        {
            var page = await world.Objects.List(bucket, new() { Prefix = prefix, Delimiter = delimiter, After = after, Limit = limit }, default);
            Assert.True(page.Entries.Count <= limit);
            found.AddRange(page.Entries.Select(entry => entry.Name));
            after = page.Next;
        }
        while (after is not null);
        Assert.Equal(expected, found);
        return true;
    }

    private static string Roll(string key, string prefix, string? delimiter)
    {
        var at = delimiter is null ? -1 : key.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal);
        return at < 0 ? key : key[..(at + delimiter!.Length)];
    }

    private static async Task<IEnumerable<string>> Names(World world, Bucket bucket, ListRequest request) =>
        (await world.Objects.List(bucket, request, default)).Entries.Select(entry => entry.Name);
}
