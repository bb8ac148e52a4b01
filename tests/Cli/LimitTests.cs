using System.CommandLine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ZenkoFunctions.Cli.Tests;

/// <summary>How limits are asked for: as ostor's API has them.</summary>
public sealed class LimitTests
{
    [Fact]
    public async Task Limits_of_requests_are_set_before_that_of_bytes_which_they_would_take_away()
    {
        Assert.Equal(
            ["PUT ?ostor-limits&bucket=photos&ops&default=6000&put=0.5", "PUT ?ostor-limits&bucket=photos&bandwidth&out=100", "GET ?ostor-limits&bucket=photos"],
            await Asked("limits", "set", "--bucket", "photos", "--put", "0.5", "--default", "6000", "--out", "100"));
        Assert.Equal(["DELETE ?ostor-limits&emailAddress=a%2Bb%40example.com"], await Asked("limits", "remove", "--account", "a+b@example.com"));
        Assert.Equal(["GET ?ostor-limits&id=0000002a8c5516c0"], await Asked("limits", "show", "--account", "182743013056"));
        Assert.Equal(["PUT ?ostor-limits&id=0000002a8c5516c0&ops&get=3600&list=1", "GET ?ostor-limits&id=0000002a8c5516c0"], await Asked("s3-admin", "set-limits", "-i", "0000002a8c5516c0", "-t", "ops", "-L", "get=3600", "-L", "list=1"));
        Assert.Equal(["PUT ?ostor-quotas&default=user&quota-size=50"], await Asked("quota", "set", "50", "--default", "user"));
    }

    private static async Task<List<string>> Asked(params string[] arguments)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        List<string> asked = [];
        app.Run(async context =>
        {
            lock (asked) asked.Add($"{context.Request.Method} {context.Request.QueryString.Value}");
            Assert.StartsWith("AWS4-HMAC-SHA256 Credential=KEY/", context.Request.Headers.Authorization.ToString(), StringComparison.Ordinal);
            await context.Response.WriteAsync("""{"ops:default":"6000.00","bandwidth:out":"100"}""");
        });
        await app.StartAsync();
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "[other]\naws_access_key_id = NO\naws_secret_access_key = no\n[default]\naws_access_key_id = KEY\naws_secret_access_key = secret\n");
            Assert.Equal(0, await Tool.Program.Parse([.. arguments, "--endpoint", app.Urls.Single(), "--credentials", file]).InvokeAsync());
        }
        finally
        {
            File.Delete(file);
        }
        return asked;
    }
}
