using System.Text;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core.Collection;

namespace ZenkoFunctions.Core.Tests.Collection;

public sealed class NameFilterTests
{
    private static string Name(int i) => $"abcdefghijklmnop/{i:x16}/000{i}";

    [Fact]
    public async Task What_was_added_is_known_before_and_after_it_was_stored_and_little_else_is()
    {
        const int Names = 300_000; // more than the first slice is for
        var (table, filter) = (new InMemoryTable(), new NameFilter(7));
        for (var i = 0; i < Names; i++)
        {
            filter.Add(Encoding.ASCII.GetBytes(Name(i)));
            if (i is 1000 or 200_000) await filter.Save(table, default);
        }
        await filter.Save(table, default);
        foreach (var one in new[] { filter, (await NameFilter.Load(table, default))! })
        {
            for (var i = 0; i < Names; i++) Assert.True(one.MayHave(Name(i)));
            var wrong = Enumerable.Range(Names, 100_000).Count(i => one.MayHave(Name(i)));
            Assert.InRange(wrong, 0, 1500);
        }
        await NameFilter.Drop(table, default);
        Assert.Empty(table.Rows);
        Assert.Null(await NameFilter.Load(table, default));
    }

    [Fact]
    public void Another_salt_errs_about_other_names()
    {
        var (one, other) = (new NameFilter(1), new NameFilter(2));
        for (var i = 0; i < 131_072; i++)
        {
            one.Add(Encoding.ASCII.GetBytes(Name(i)));
            other.Add(Encoding.ASCII.GetBytes(Name(i)));
        }
        var wrong = Enumerable.Range(200_000, 100_000).Where(i => one.MayHave(Name(i))).ToList();
        Assert.NotEmpty(wrong);
        Assert.True(wrong.Count(i => other.MayHave(Name(i))) < wrong.Count / 5);
    }
}
