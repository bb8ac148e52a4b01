using System.Text.Json;
using System.Text.RegularExpressions;
using ZenkoFunctions.Clients.Tests.Harness;
using ZenkoFunctions.Contracts.Faults;

namespace ZenkoFunctions.Clients.Tests;

/// <summary><c>zenkofn probe</c> tells what something in front of the server does, and tells nothing wrong where nothing is.</summary>
[Trait("Speed", "Slow")]
public sealed class ProbeTests(RunningServer server) : IClassFixture<RunningServer>
{
    [Fact]
    public async Task Without_anything_in_front_all_is_well_and_nothing_is_left_behind()
    {
        var ran = (await Probe(server.Endpoint, "--upload-mib", "32")).Succeeded();
        Assert.DoesNotContain("BROKEN", ran.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("limited  ", ran.Out, StringComparison.Ordinal);
        Assert.Contains(" ok, 0 limited, 0 broken", ran.Out, StringComparison.Ordinal);
        using var s3 = Sdk.Client(server.Endpoint);
        Assert.DoesNotContain((await s3.ListBucketsAsync()).Buckets ?? [], bucket => bucket.BucketName.StartsWith("zenkofn-probe-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_platform_does_is_told_by_name()
    {
        await using var proxy = new FaultProxy(new Uri(server.Endpoint).Port);
        proxy.Decide(LikeAPlatform);
        var ran = await Probe(proxy.Endpoint, "--upload-mib", "1", "--json");
        Assert.Equal(1, ran.ExitCode);
        using var report = JsonDocument.Parse(ran.Out);
        var found = report.RootElement.GetProperty("checks").EnumerateArray()
            .ToDictionary(check => check.GetProperty("check").GetString()!, check => check.GetProperty("verdict").GetString()!);
        Assert.Equal(
            new SortedDictionary<string, string>
            {
                ["key a/b sent as a%2Fb"] = "BROKEN",
                ["key a/../b"] = "limited",
                ["key a/./b"] = "limited",
                ["largest body"] = "limited",
                ["Content-MD5"] = "BROKEN",
                ["preflight (OPTIONS)"] = "limited",
                ["path that begins with //"] = "limited",
                ["range"] = "BROKEN",
                ["range from the end"] = "BROKEN",
            },
            new SortedDictionary<string, string>(found.Where(f => f.Value != "ok").ToDictionary()));
        var largest = report.RootElement.GetProperty("checks").EnumerateArray().Single(c => c.GetProperty("check").GetString() == "largest body");
        Assert.Contains("100 MiB pass, 101 MiB get 413", largest.GetProperty("saw").GetString(), StringComparison.Ordinal);
        Assert.All(report.RootElement.GetProperty("checks").EnumerateArray().Where(c => c.GetProperty("verdict").GetString() != "ok"), check =>
        {
            Assert.NotEmpty(check.GetProperty("means").GetString()!);
            Assert.NotEmpty(check.GetProperty("advice").GetString()!);
        });
    }

    [Fact]
    public async Task A_wrong_secret_is_explained()
    {
        var ran = await Shell.Run("dotnet", [Repository.Program, "probe", server.Endpoint], new Dictionary<string, string>(server.AwsEnvironment) { ["AWS_SECRET_ACCESS_KEY"] = "wrong" });
        Assert.Equal(1, ran.ExitCode);
        Assert.Contains("403 SignatureDoesNotMatch", ran.Err, StringComparison.Ordinal);
        Assert.Contains("ZENKOFN_PUBLIC_HOSTS", ran.Err, StringComparison.Ordinal);
        Assert.Equal("", ran.Out);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1", 1, "Nothing answers at 127.0.0.1:1")]
    [InlineData("http://127.0.0.1:1/path", 2, "is no endpoint")]
    [InlineData("ftp://127.0.0.1", 2, "is no endpoint")]
    public async Task A_wrong_endpoint_is_explained(string endpoint, int code, string words)
    {
        var ran = await Probe(endpoint);
        Assert.Equal(code, ran.ExitCode);
        Assert.Contains(words, ran.Err, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", ran.Err, StringComparison.Ordinal);
    }

    /// <summary>Encodes %2F again, takes dots out of paths and leading slashes for nothing, keeps preflights, Content-MD5 and Range to itself, takes 100 MiB.</summary>
    private static Fault LikeAPlatform(string head)
    {
        var lines = head.Split("\r\n");
        var (verb, target) = (lines[0].Split(' ')[0], lines[0].Split(' ')[1]);
        if (verb == "OPTIONS") return new Fault.Answer(204) { IsEarly = true };
        if (target.StartsWith("//", StringComparison.Ordinal)) return new Fault.Answer(404) { IsEarly = true };
        var length = lines.FirstOrDefault(line => line.StartsWith("Content-Length: ", StringComparison.Ordinal))?[16..];
        if (long.TryParse(length, System.Globalization.CultureInfo.InvariantCulture, out var bytes) && bytes > 104_857_600)
            return new Fault.Answer(413) { IsEarly = true };
        var path = target.Split('?');
        path[0] = Regex.Replace(path[0].Replace("%2F", "%252F", StringComparison.Ordinal), @"/[^/]+/\.\./|/\./", "/");
        lines[0] = $"{verb} {string.Join('?', path)} HTTP/1.1";
        var isSigned = head.Contains("content-md5;", StringComparison.Ordinal);
        return new Fault.Rewrite(string.Join("\r\n", lines.Where(line => !line.StartsWith("Range:", StringComparison.Ordinal)
            && (isSigned || !line.StartsWith("Content-MD5:", StringComparison.Ordinal)))));
    }

    private Task<Ran> Probe(string endpoint, params string[] more) =>
        Shell.Run("dotnet", [Repository.Program, "probe", endpoint, .. more], server.AwsEnvironment);
}
