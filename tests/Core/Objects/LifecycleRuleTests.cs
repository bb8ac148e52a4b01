using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Core.Tests.Objects;

public sealed class LifecycleRuleTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private static ObjectVersion Version(long size = 5, params (string Key, string Value)[] tags) => new()
    {
        Size = size, ETag = "", Modified = Noon, Sequence = 1, Id = "i", Body = BodyPlace.Nowhere,
        Tags = tags.Length == 0 ? null : tags.ToDictionary(tag => tag.Key, tag => tag.Value),
    };

    private static bool Covers(LifecycleFilter filter, ObjectVersion version) =>
        new LifecycleRule { Filter = filter, Status = "Enabled" }.Covers("a/b", version);

    [Fact]
    public void Days_end_at_the_following_midnight()
    {
        Assert.Equal(new(2026, 2, 2, 0, 0, 0, TimeSpan.Zero), new LifecycleExpiration { Days = 1 }.DueFrom(Noon));
        Assert.Equal(new(2026, 2, 1, 0, 0, 0, TimeSpan.Zero), new LifecycleExpiration { Days = 1 }.DueFrom(Noon.AddHours(-12)));
        Assert.True(new LifecycleExpiration { Days = int.MaxValue }.DueFrom(Noon) > Noon.AddYears(7900));
    }

    [Fact]
    public void A_filter_asks_for_a_prefix_a_tag_or_a_size()
    {
        Assert.True(Covers(new(), Version()));
        Assert.True(Covers(new() { Prefix = "a/" }, Version()));
        Assert.False(Covers(new() { Prefix = "b" }, Version()));
        Assert.False(Covers(new() { Tag = new() { Key = "k", Value = "v" } }, Version()));
        Assert.False(Covers(new() { Tag = new() { Key = "k", Value = "v" } }, Version(5, ("k", "w"))));
        Assert.True(Covers(new() { Tag = new() { Key = "k", Value = "v" } }, Version(5, ("k", "v"))));
        Assert.False(Covers(new() { ObjectSizeGreaterThan = 5 }, Version()));
        Assert.True(Covers(new() { ObjectSizeGreaterThan = 4 }, Version()));
        Assert.False(Covers(new() { ObjectSizeLessThan = 5 }, Version()));
        Assert.True(Covers(new() { ObjectSizeLessThan = 6 }, Version()));
    }

    [Fact]
    public void Joined_conditions_must_all_hold()
    {
        var and = new LifecycleConditions { Prefix = "a/", ObjectSizeLessThan = 9 };
        and.Tags.Add(new() { Key = "k", Value = "v" });
        Assert.True(Covers(new() { And = and }, Version(5, ("k", "v"))));
        Assert.False(Covers(new() { And = and }, Version(9, ("k", "v"))));
        Assert.False(Covers(new() { And = and }, Version()));
        Assert.False(Covers(new() { And = and with { Prefix = "b" } }, Version(5, ("k", "v"))));
    }

    [Fact]
    public void Of_several_rules_the_earliest_counts()
    {
        var setting = new LifecycleSetting();
        setting.Rules.Add(new() { Id = "late", Prefix = "", Status = "Enabled", Expiration = new() { Days = 3 } });
        setting.Rules.Add(new() { Id = "early", Prefix = "", Status = "Enabled", Expiration = new() { Days = 2 } });
        setting.Rules.Add(new() { Id = "off", Prefix = "", Status = "Disabled", Expiration = new() { Days = 1 } });
        Assert.Equal("early", setting.ExpirationOf("k", Version())!.Value.Rule.Id);
    }
}
