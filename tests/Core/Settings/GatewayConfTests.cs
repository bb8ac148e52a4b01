using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Settings;

namespace ZenkoFunctions.Core.Tests.Settings;

/// <summary>ostor's names of what the settings of statistics start with.</summary>
public sealed class GatewayConfTests
{
    private const string File = """
        # the gateway's
        S3_GW_COLLECT_STAT=1
         S3_GW_USAGE_PERIOD = "900"

        S3_GW_USAGE_CACHE_TIMEOUT=5
        S3_GW_OTHER=whatever
        """;

    [Fact]
    public void A_file_and_the_environment_say_the_same()
    {
        string[] pairs = ["usage.collect=true", "usage.period=900", "usage.flush=5"];
        Assert.Equal(pairs, GatewayConf.OfFile(File.Split('\n')));
        Assert.Equal(pairs, GatewayConf.Of(name => name switch { "S3_GW_COLLECT_STAT" => "True", "S3_GW_USAGE_PERIOD" => "900", "S3_GW_USAGE_CACHE_TIMEOUT" => "5", _ => null }));
        Assert.Empty(GatewayConf.OfFile([]));
        // A function app's settings are its environment, and its own go before these.
        var live = AppSettings.Of(new Dictionary<string, string> { ["S3_GW_COLLECT_STAT"] = "1", ["S3_GW_USAGE_PERIOD"] = "60", ["ZENKOFN_SETTINGS"] = "usage.period=30" }).Live;
        Assert.Equal(("true", "30"), (live["usage.collect"], live["usage.period"]));
    }

    [Theory]
    [InlineData("S3_GW_USAGE_BUCKET=True", "true")]
    [InlineData("S3_GW_USAGE_BUCKET=False", "false")]
    [InlineData("S3_GW_USAGE_BUCKET=True\nS3_GW_COLLECT_STAT=0", "false")]
    [InlineData("S3_GW_COLLECT_STAT=yes\nS3_GW_USAGE_BUCKET=no", "true")]
    public void The_newer_name_of_the_switch_goes_before_the_older(string text, string value) =>
        Assert.Equal(value, LiveSettings.Started(GatewayConf.OfFile(text.Split('\n')))["usage.collect"]);

    [Theory]
    [InlineData("S3_GW_COLLECT_STAT=2")]
    [InlineData("S3_GW_COLLECT_STAT")]
    [InlineData("S3_GW_USAGE_PERIOD=7")]
    [InlineData("S3_GW_USAGE_PERIOD=1000")]
    [InlineData("S3_GW_USAGE_PERIOD=86401")]
    [InlineData("S3_GW_USAGE_PERIOD=1e3")]
    [InlineData("S3_GW_USAGE_CACHE_TIMEOUT=0")]
    public void What_has_not_the_form_is_not_taken(string line) => Assert.Throws<FormatException>(() => GatewayConf.OfFile([line]));

    [Theory]
    [InlineData(10)]
    [InlineData(30)]
    [InlineData(900)]
    [InlineData(1800)]
    [InlineData(86400)]
    public void A_period_divides_a_quarter_of_an_hour_or_is_made_of_them(int seconds) => Assert.Equal([$"usage.period={seconds}"], GatewayConf.OfFile([$"S3_GW_USAGE_PERIOD={seconds}"]));
}
