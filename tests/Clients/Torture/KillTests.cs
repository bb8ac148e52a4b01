using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests.Torture;

/// <summary>kill -9 amid writers, again and again: what was acknowledged stays, what was not is whole or absent.</summary>
[Trait("Speed", "Slow")]
public sealed class KillTests
{
    private const int Rounds = 5;

    [Fact]
    public async Task Acknowledged_writes_survive_and_unacknowledged_ones_are_whole_or_absent()
    {
        using var scratch = new Scratch();
        const int seed = 20260707;
        var writers = new Writers("torture", count: 16, seed);
        var random = new Random(seed);
        await using (var first = await ServerProcess.Start(scratch["data"]))
        {
            using var s3 = Sdk.Client(first.Endpoint);
            await s3.PutBucketAsync(writers.Bucket);
            await first.Kill();
        }
        for (var round = 0; round < Rounds; round++)
        {
            await using (var server = await ServerProcess.Start(scratch["data"]))
                await writers.WriteUntil(random.Next(150, 500), server.Endpoint, server.Kill, Killed.Is, () => server.Error);
            await using var restarted = await ServerProcess.Start(scratch["data"]);
            await writers.Check(restarted.Endpoint);
            await restarted.Kill();
        }
    }
}
