using System.Text;
using FsCheck;
using FsCheck.Fluent;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Tests.Objects;

/// <summary>The rules of retention and legal hold, on their own.</summary>
public sealed class ObjectLockTests
{
    private static readonly DateTimeOffset Now = new(2026, 2, 28, 12, 0, 0, TimeSpan.Zero);

    private static readonly ObjectVersion Free = new()
    {
        Size = 0, ETag = "e", Modified = Now, Sequence = 1, Id = "id", Body = BodyPlace.Nowhere,
    };

    [Theory]
    [InlineData(null, 0, null, false, true)]
    [InlineData(null, 0, false, false, true)]
    [InlineData(null, 0, true, false, false)]
    [InlineData(null, 0, true, true, false)]
    [InlineData(RetentionMode.Governance, 1, null, false, false)]
    [InlineData(RetentionMode.Governance, 1, null, true, true)]
    [InlineData(RetentionMode.Governance, 1, true, true, false)]
    [InlineData(RetentionMode.Governance, 0, null, false, true)]
    [InlineData(RetentionMode.Governance, -1, null, false, true)]
    [InlineData(RetentionMode.Compliance, 1, null, false, false)]
    [InlineData(RetentionMode.Compliance, 1, null, true, false)]
    [InlineData(RetentionMode.Compliance, 1, false, true, false)]
    [InlineData(RetentionMode.Compliance, 0, null, false, true)]
    [InlineData(RetentionMode.Compliance, -1, true, false, false)]
    public void A_version_is_removed_when_nothing_holds_it(RetentionMode? mode, int hours, bool? hold, bool bypass, bool isFree)
    {
        var version = Free with { Retention = mode is { } how ? new(how, Now.AddHours(hours)) : null, LegalHold = hold };
        var declined = ObjectLock.ForRemoval(version, bypass, Now);
        Assert.Equal(isFree ? null : Refusal.Locked, declined?.Refusal);
    }

    [Fact]
    public void A_change_that_was_allowed_never_frees_a_version_that_was_not_free_without_a_bypass()
    {
        var modes = Gen.Elements(RetentionMode.Governance, RetentionMode.Compliance);
        var retentions = Gen.OneOf(
            Gen.Constant<Retention?>(null),
            modes.SelectMany(mode => Gen.Choose(-3, 3).Select(hours => (Retention?)new Retention(mode, Now.AddHours(hours)))));
        var changes = retentions.SelectMany(present => retentions.SelectMany(next => Gen.Elements(true, false).Select(bypass => (present, next, bypass))));
        Prop.ForAll(changes.ToArbitrary(), change =>
        {
            var (present, next, bypass) = change;
            if (ObjectLock.ForChange(present, next, bypass, Now) is not null) return true;
            // Whoever could remove it before may do with it what they like; nobody else has come nearer to removing it.
            var wasFree = ObjectLock.ForRemoval(Free with { Retention = present }, bypass, Now) is null;
            return wasFree || (next is not null && next.Mode == present!.Mode && next.Until >= present.Until);
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(null, 1, "2026-03-01T12:00:00Z")]
    [InlineData(1, null, "2027-02-28T12:00:00Z")]
    [InlineData(2, null, "2028-02-28T12:00:00Z")]
    public void A_default_counts_from_the_writing(int? years, int? days, string until)
    {
        var setting = new ObjectLockSetting(new(RetentionMode.Compliance, days, years));
        var expected = new Retention(RetentionMode.Compliance, DateTimeOffset.Parse(until, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(expected, ObjectLock.Retained(Free, setting).Retention);
    }

    [Fact]
    public void A_default_leaves_what_has_a_retention_of_its_own_or_no_bytes()
    {
        var setting = new ObjectLockSetting(new(RetentionMode.Compliance, 1, null));
        var own = Free with { Retention = new(RetentionMode.Governance, Now.AddHours(-1)) };
        Assert.Same(own, ObjectLock.Retained(own, setting));
        Assert.Null(ObjectLock.Retained(Free with { IsDeleteMarker = true }, setting).Retention);
        Assert.Same(Free, ObjectLock.Retained(Free, new(null)));
        Assert.Same(Free, ObjectLock.Retained(Free, null));
    }

    [Fact]
    public void The_longest_default_stays_within_the_calendar()
    {
        foreach (var rule in new[] { new DefaultRetention(RetentionMode.Governance, DefaultRetention.MaxDays, null), new(RetentionMode.Governance, null, DefaultRetention.MaxYears) })
            Assert.True(rule.From(Now).Until > Now.AddYears(99));
    }

    [Fact]
    public void The_setting_and_the_locks_of_a_version_are_stored_as_they_always_were()
    {
        Assert.Equal(
            """{"default":{"mode":"Governance","days":7}}""",
            Text(StoredJson.Write(new ObjectLockSetting(new(RetentionMode.Governance, 7, null)), StateJson.Default.ObjectLockSetting)));
        var stored = StoredJson.Write(Free with { Retention = new(RetentionMode.Compliance, Now), LegalHold = true }, StateJson.Default.ObjectVersion);
        Assert.Contains(
            "\"retention\":{\"mode\":\"Compliance\",\"until\":\"2026-02-28T12:00:00+00:00\"},\"legalHold\":true", Text(stored), StringComparison.Ordinal);
    }

    private static string Text(ReadOnlyMemory<byte> json) => Encoding.UTF8.GetString(json.Span);
}
