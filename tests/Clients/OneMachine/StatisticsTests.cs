using System.Text.Json;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>ostor's statistics, collected as its gw.conf says, and read by its own function of bash.</summary>
[Trait("Speed", "Slow")]
public sealed class StatisticsTests
{
    private const string Configuration = "S3_GW_COLLECT_STAT=1\nS3_GW_USAGE_PERIOD=10\nS3_GW_USAGE_CACHE_TIMEOUT=1\n";

    /// <summary>A flush interval, and what it takes to look at the clock and to write, on a machine that has much to do.</summary>
    private static readonly TimeSpan Loss = TimeSpan.FromSeconds(4);

    [ClientFact(Client.Curl)]
    public async Task A_kill_loses_what_was_counted_within_the_flush_interval_and_nothing_else()
    {
        using var scratch = new Scratch();
        var (data, conf) = (scratch["data"], scratch["gw.conf"]);
        await File.WriteAllTextAsync(conf, Configuration);
        List<DateTimeOffset> puts = [];
        await using (var server = await ServerProcess.Start(data, more: ["--gw-conf", conf]))
        {
            using var s3 = Sdk.Client(server.Endpoint);
            await s3.PutBucketAsync("counted");
            var until = DateTimeOffset.UtcNow + (2 * Loss);
            while (DateTimeOffset.UtcNow < until)
            {
                await s3.PutObjectAsync(new() { BucketName = "counted", Key = "key", ContentBody = "12345" });
                puts.Add(DateTimeOffset.UtcNow);
            }
            await server.Kill();
        }
        var safe = puts.Count(at => at < puts[^1] - Loss);
        Assert.True(safe > 0);

        await using var again = await ServerProcess.Start(data, more: ["--gw-conf", conf]);
        using (var s3 = Sdk.Client(again.Endpoint)) await s3.DeleteObjectAsync("counted", "key");
        // One object of each period that is over, until the one with the deletion is.
        Dictionary<string, long[]> told = [];
        await Eventually.Holds(
            async () =>
            {
                foreach (var name in (await Usage(again, "")).GetProperty("items").EnumerateArray().Select(name => name.GetString()!))
                {
                    told[name] = Counted(await Usage(again, "&obj=" + name));
                    (await Curl(again, "DELETE", $"?ostor-usage&obj={name}")).Succeeded();
                }
                return told.Values.Any(item => item[1] == 1);
            },
            "the deletion is in a statistics object");
        var counted = told.Values.Sum(item => item[0]);
        Assert.InRange(counted, safe, puts.Count);
        Assert.Equal(0, (await Usage(again, "")).GetProperty("nr_items").GetInt32());
        await again.Terminate();
    }

    /// <summary>Puts and other operations in the bucket.</summary>
    private static long[] Counted(JsonElement usage)
    {
        var items = usage.GetProperty("items").EnumerateArray().Where(item => item.GetProperty("key").GetProperty("bucket").GetString() == "counted").Select(item => item.GetProperty("counters").GetProperty("ops")).ToList();
        return [items.Sum(ops => ops.GetProperty("put").GetInt64()), items.Sum(ops => ops.GetProperty("other").GetInt64())];
    }

    private static async Task<JsonElement> Usage(ServerProcess server, string rest)
    {
        using var document = JsonDocument.Parse((await Curl(server, "GET", "?ostor-usage" + rest)).Succeeded().Out);
        return document.RootElement.Clone();
    }

    private static Task<Ran> Curl(ServerProcess server, string verb, string target) => Shell.Run(
        "bash", ["-c", "source ./s3_curl.sh; s3_curl \"$0\" \"$1\"", verb, target],
        new Dictionary<string, string> { ["S3_ENDPOINT"] = server.Endpoint, ["S3_KEY"] = ServerProcess.AccessKey, ["S3_SECRET"] = ServerProcess.SecretKey }, Repository.Tools);
}
