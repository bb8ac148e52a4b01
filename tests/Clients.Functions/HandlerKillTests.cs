using System.Net;
using Amazon.S3;
using ZenkoFunctions.Clients.Tests.Harness;
using ZenkoFunctions.Clients.Tests.Torture;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>kill -9 of the handler amid writers: what was acknowledged stays, what was not is whole or absent.</summary>
public sealed class HandlerKillTests
{
    private const int Rounds = 3;

    [Fact]
    public async Task Acknowledged_writes_survive_and_unacknowledged_ones_are_whole_or_absent()
    {
        await using var apps = await FunctionApps.Start(settings: ("ZENKOFN_KEEP_REPLACED_SECONDS", "0"));
        var (host, writers) = (apps.Api[0], new Writers("torture", count: 8, seed: 20260711));
        using var s3 = Sdk.Client(apps.Endpoint());
        await s3.PutBucketAsync(writers.Bucket);
        for (var round = 1; round <= Rounds; round++)
        {
            var ready = round + 1;
            await writers.WriteUntil(
                60, apps.Endpoint(),
                async () =>
                {
                    // SIGKILL, which the host counts as a restart of its own: of others it takes three in half an hour.
                    host.Handler.EndWithCode(200);
                    await host.Log.WaitFor("The handler is ready.", times: ready);
                },
                IsKilled, host.Log.ToString!);
            await writers.Check(apps.Endpoint());
        }
    }

    // The host answers for a handler that has gone; what had begun to be answered breaks off.
    private static bool IsKilled(Exception e) =>
        Killed.Is(e) || e is AmazonS3Exception { StatusCode: HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway };
}
