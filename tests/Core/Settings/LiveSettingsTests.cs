using ZenkoFunctions.Core.Settings;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Tests.Settings;

public sealed class LiveSettingsTests
{
    private static readonly LiveSetting Setting = LiveSetting.OstorVersion4;

    private readonly InMemoryTable table = new();
    private readonly ManualClock clock = new();

    private LiveSettings Instance(Consistency? consistency = null, params string[] started) =>
        new(table, LiveSettings.Started(started), consistency ?? Consistency.OneMachine, clock);

    [Fact]
    public async Task What_was_set_goes_before_what_was_started_with_and_that_before_the_default()
    {
        Assert.False(await Instance().IsOn(Setting, default));
        var settings = Instance(null, "ostor.sigv4 = true");
        Assert.True(await settings.IsOn(Setting, default));
        await settings.Set(Setting, "false", default);
        Assert.False(await settings.IsOn(Setting, default));
        Assert.False(await Instance(null, "ostor.sigv4=true").IsOn(Setting, default));
        await settings.Set(Setting, null, default);
        Assert.True(await settings.IsOn(Setting, default));
    }

    [Fact]
    public async Task Other_instances_obey_within_the_age_of_the_cache()
    {
        var shared = Consistency.Shared(TimeSpan.FromSeconds(5));
        var (here, there) = (Instance(shared), Instance(shared));
        Assert.False(await there.IsOn(Setting, default));
        await here.Set(Setting, "true", default);
        Assert.True(await here.IsOn(Setting, default));
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.True(await there.IsOn(Setting, default));
    }

    [Fact]
    public async Task What_has_not_the_form_is_neither_taken_nor_believed()
    {
        await Assert.ThrowsAsync<FormatException>(async () => await Instance().Set(Setting, "yes", default));
        await table.Apply("settings", [Change.Put(Setting.Name, Condition.Any, "yes"u8.ToArray())], default);
        Assert.False(await Instance().IsOn(Setting, default));
        Assert.Throws<FormatException>(() => LiveSettings.Started(["ostor.sigv4=yes"]));
        Assert.Throws<FormatException>(() => LiveSettings.Started(["ostor.sigv5=true"]));
    }

    [Theory]
    [InlineData("10", true)]
    [InlineData("9", false)]
    [InlineData("21", false)]
    [InlineData("+11", false)]
    [InlineData("", false)]
    public void A_number_has_bounds(string text, bool isTaken) => Assert.Equal(isTaken, LiveSetting.Number("n", 15, 10, 20, "").Takes(text));
}
