using System.Collections.Concurrent;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Tests.Objects;

namespace ZenkoFunctions.Core.Tests.Instances;

/// <summary>Random schedules: commits are held up on their way for longer than any bound, while buckets come and go.</summary>
public sealed class RandomTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task No_acknowledged_object_is_lost_and_none_is_left_in_a_deleted_bucket(int seed)
    {
        for (var round = 0; round < 40; round++) await Play(new Random(seed * 1000 + round));
    }

    private static async Task Play(Random random)
    {
        var state = new SharedState();
        Instance[] instances = [new(state), new(state)];
        foreach (var instance in instances)
        {
            var own = new Random(random.Next());
            instance.Rows.OnTheWay = async ct =>
            {
                TimeSpan delay;
                var isSent = true;
                lock (own) (delay, isSent) = (TimeSpan.FromSeconds(own.Next(4) == 0 ? own.NextDouble() * 9.5 : own.NextDouble()), own.Next(5) > 0);
                // Some wait here, and are not sent any more when their time is over; some wait in the store, whose time-out is ten seconds.
                await Task.Delay(delay, instance.Clock, isSent ? default : ct);
            };
        }
        var acknowledged = new ConcurrentBag<(string Id, string Key)>();
        await instances[0].Buckets.Create("bucket", World.Owner, "", default);
        // Both know it, however old that is.
        var known = new ConcurrentDictionary<string, Bucket>();
        foreach (var instance in instances) known["bucket"] = await instance.Bucket();

        var tasks = new List<Task>();
        for (var i = 0; i < 12; i++)
        {
            var (instance, key, start) = (instances[random.Next(2)], $"{i}", TimeSpan.FromSeconds(random.Next(30)));
            var deletes = i is 3 or 8;
            tasks.Add(Task.Run(async () =>
            {
                await Task.Delay(start, instance.Clock);
                if (await instance.Buckets.Find("bucket", default) is not { } bucket)
                {
                    await instance.Buckets.Create("bucket", World.Owner, "", default);
                    return;
                }
                try
                {
                    if (deletes) await instance.Buckets.Delete(bucket, default);
                    else if ((await instance.Put(bucket, key, "body")).Refusal is null) acknowledged.Add((bucket.Id, key));
                }
                catch (UnknownOutcomeException)
                {
                    // Neither acknowledged nor refused.
                }
            }));
        }
        var all = Task.WhenAll(tasks);
        while (!all.IsCompleted)
        {
            // The clocks run equally fast, as clocks do, but show different times.
            foreach (var instance in instances) instance.Clock.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }
        await all;

        Assert.Empty(await state.Strays());
        foreach (var instance in instances) instance.Clock.Advance(TimeSpan.FromMinutes(1));
        foreach (var (id, key) in acknowledged)
        {
            var bucket = await instances[1].Bucket();
            Assert.Equal(id, bucket.Id);
            Assert.Null((await instances[1].Objects.Find(bucket, key, null, default)).Refusal);
        }
    }
}
