using ZenkoFunctions.Core.Lifecycle;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Core.Tests.Lifecycle;

/// <summary>What rules say of versions, over a table: times are days from a noon, "now" is the noon of the day.</summary>
public sealed class LifecycleDecisionTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static ObjectVersion Version(bool isMarker = false) =>
        new() { Size = 5, ETag = "", Modified = Noon, Sequence = 1, Id = "i", Body = BodyPlace.Nowhere, IsDeleteMarker = isMarker };

    private static LifecycleAct Of(LifecycleRule rule, PlacedVersion placed, double days, LifecycleDay? day = null)
    {
        var setting = new LifecycleSetting();
        setting.Rules.Add(rule);
        return LifecycleDecision.Of(setting, placed, day ?? LifecycleDay.Whole, Noon.AddDays(days)).Act;
    }

    private static LifecycleRule Rule(LifecycleExpiration? expiration = null, NoncurrentExpiration? older = null, string prefix = "", string status = "Enabled") =>
        new() { Id = "r", Prefix = prefix, Status = status, Expiration = expiration, NoncurrentExpiration = older };

    [Theory]
    [InlineData(2, 2.4, false)] // the midnight that follows two days
    [InlineData(2, 2.5, true)]
    [InlineData(1, 1.5, true)]
    [InlineData(30, 29, false)]
    public void An_object_expires_at_the_midnight_behind_its_days(int days, double now, bool expires) => Assert.Equal(
        expires ? LifecycleAct.Expire : LifecycleAct.None, Of(Rule(new() { Days = days }), new("k", Version(), true), now));

    [Theory]
    [InlineData(-0.5, true)]
    [InlineData(0.5, false)]
    public void An_object_expires_at_a_date(double date, bool expires) => Assert.Equal(
        expires ? LifecycleAct.Expire : LifecycleAct.None, Of(Rule(new() { Date = Noon.AddDays(date) }), new("k", Version(), true), 0));

    [Fact]
    public void Rules_that_are_disabled_or_of_another_prefix_say_nothing()
    {
        var old = new PlacedVersion("a/k", Version(), true);
        Assert.Equal(LifecycleAct.None, Of(Rule(new() { Days = 1 }, status: "Disabled"), old, 9));
        Assert.Equal(LifecycleAct.None, Of(Rule(new() { Days = 1 }, prefix: "b/"), old, 9));
        Assert.Equal(LifecycleAct.Expire, Of(Rule(new() { Days = 1 }, prefix: "a/"), old, 9));
    }

    [Theory]
    [InlineData(true, false, true, LifecycleAct.Remove)]  // it is asked for, and hides nothing
    [InlineData(true, false, false, LifecycleAct.None)]   // something is behind it
    [InlineData(false, true, true, LifecycleAct.Remove)]  // old enough to expire, as an object would
    [InlineData(false, true, false, LifecycleAct.None)]
    [InlineData(false, false, true, LifecycleAct.None)]
    public void A_marker_goes_where_it_hides_nothing_any_more(bool asked, bool isOld, bool isAlone, object act) => Assert.Equal(
        act, Of(Rule(asked ? new() { ExpiredObjectDeleteMarker = true } : new() { Days = 3 }), new("k", Version(isMarker: true), true) { IsAlone = isAlone }, isOld ? 9 : 1));

    [Theory]
    [InlineData(3, null, 0, 3.5, true)]
    [InlineData(3, null, 0, 3.4, false)]
    [InlineData(3, 2, 1, 9, false)] // one of the two newest that stay
    [InlineData(3, 2, 2, 9, true)]
    public void An_older_version_goes_by_the_days_since_it_was_replaced_and_by_how_many_are_newer(int days, int? kept, int newer, double now, bool goes) => Assert.Equal(
        goes ? LifecycleAct.Remove : LifecycleAct.None,
        Of(Rule(older: new() { NoncurrentDays = days, NewerNoncurrentVersions = kept }), new("k", Version(), false) { Since = Noon, Newer = newer }, now));

    [Fact]
    public void What_is_said_of_older_versions_is_not_about_the_current_one()
    {
        Assert.Equal(LifecycleAct.None, Of(Rule(older: new() { NoncurrentDays = 1 }), new("k", Version(), true), 99));
        Assert.Equal(LifecycleAct.None, Of(Rule(new() { Days = 1 }), new("k", Version(), false) { Since = Noon }, 99));
    }

    [Fact]
    public void Days_can_be_shorter_and_wait_for_no_midnight_then()
    {
        var day = new LifecycleDay(TimeSpan.FromSeconds(10));
        Assert.Equal(LifecycleAct.None, Of(Rule(new() { Days = 2 }), new("k", Version(), true), 19.0 / 86400, day));
        Assert.Equal(LifecycleAct.Expire, Of(Rule(new() { Days = 2 }), new("k", Version(), true), 20.0 / 86400, day));
        Assert.True(day.After(Noon, int.MaxValue) > Noon.AddYears(600));
    }

    [Theory]
    [InlineData("logs/x", 7.5, true)]
    [InlineData("logs/x", 7.4, false)]
    [InlineData("other", 99, false)]
    public void Uploads_are_abandoned_after_their_days(string key, double now, bool isAbandoned)
    {
        var setting = new LifecycleSetting();
        setting.Rules.Add(new() { Id = "r", Filter = new() { Prefix = "logs/" }, Status = "Enabled", AbortUploads = new() { DaysAfterInitiation = 7 } });
        Assert.Equal(isAbandoned, LifecycleDecision.IsAbandoned(setting, key, Noon, LifecycleDay.Whole, Noon.AddDays(now)));
    }

    private static string? MoveOf(LifecycleRule rule, PlacedVersion placed, double days, bool anySize = true)
    {
        var setting = new LifecycleSetting { MinimumVariesByStorageClass = anySize };
        setting.Rules.Add(rule);
        return LifecycleDecision.Of(setting, placed, LifecycleDay.Whole, Noon.AddDays(days)).StorageClass;
    }

    private static LifecycleRule Moves(params (int Days, string To)[] moves)
    {
        var rule = Rule();
        rule.Transitions.AddRange(moves.Select(move => new LifecycleTransition { Days = move.Days, StorageClass = move.To }));
        return rule;
    }

    [Theory]
    [InlineData(0.4, null)]
    [InlineData(1.5, "cool")]
    [InlineData(4.5, "cold")] // the furthest of those that are due
    public void An_object_moves_on_as_its_days_pass(double now, string? to) =>
        Assert.Equal(to, MoveOf(Moves((4, "cold"), (1, "cool")), new("k", Version(), true), now));

    [Fact]
    public void What_is_there_already_does_not_move()
    {
        var there = Version() with { StorageClass = "cold" };
        Assert.Null(MoveOf(Moves((4, "cold"), (1, "cool")), new("k", there, true), 9));
        Assert.Equal("colder", MoveOf(Moves((4, "cold"), (8, "colder")), new("k", there, true), 9));
    }

    [Fact]
    public void What_expires_does_not_move() =>
        Assert.Null(MoveOf(Moves((1, "cold")) with { Expiration = new() { Days = 2 } }, new("k", Version(), true), 9));

    [Theory]
    [InlineData(false, null, 1024, null)]
    [InlineData(false, null, 128 << 10, "cold")]
    [InlineData(true, null, 1024, "cold")]
    [InlineData(false, 10L, 1024, "cold")] // the rule says so by size
    public void Small_objects_stay_unless_somebody_says_so(bool anySize, long? above, long size, string? to) => Assert.Equal(
        to, MoveOf(Moves((1, "cold")) with { Filter = new() { ObjectSizeGreaterThan = above } }, new("k", Version() with { Size = size }, true), 9, anySize));

    [Theory]
    [InlineData(3, null, 0, 3.5, true)]
    [InlineData(3, null, 0, 3.4, false)]
    [InlineData(3, 2, 1, 9, false)]
    [InlineData(3, 2, 2, 9, true)]
    public void An_older_version_moves_by_the_days_since_it_was_replaced(int days, int? kept, int newer, double now, bool moves)
    {
        var rule = Rule();
        rule.NoncurrentTransitions.Add(new() { NoncurrentDays = days, NewerNoncurrentVersions = kept, StorageClass = "cold" });
        Assert.Equal(moves ? "cold" : null, MoveOf(rule, new("k", Version(), false) { Since = Noon, Newer = newer }, now));
        Assert.Null(MoveOf(rule, new("k", Version(), true), 99));
    }

    [Fact]
    public void A_delete_marker_does_not_move() => Assert.Null(MoveOf(Moves((1, "cold")), new("k", Version(isMarker: true), true), 9));
}
