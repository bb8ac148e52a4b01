using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Core.Tests.Objects;

/// <summary>Those who lost a race for a key go on one at a time.</summary>
public sealed class KeyTurnsTests
{
    private readonly KeyTurns turns = new(TimeProvider.System);

    [Fact]
    public async Task Who_lost_goes_on_alone_and_then_those_who_came_later_in_their_order()
    {
        using var first = turns.Of("key");
        var second = turns.Of("key");
        var newcomer = turns.Of("key");
        Assert.True(await first.Next(default) && await second.Next(default));
        Assert.True(await first.Next(default)); // lost once: has the turn
        var secondsTurn = second.Next(default).AsTask();
        var newcomersTurn = newcomer.Next(default).AsTask(); // its first attempt, but others wait
        Assert.False(secondsTurn.IsCompleted || newcomersTurn.IsCompleted);

        first.Dispose();
        Assert.True(await secondsTurn);
        Assert.False(newcomersTurn.IsCompleted);
        second.Dispose();
        Assert.True(await newcomersTurn);
        newcomer.Dispose();
        using var next = turns.Of("key");
        Assert.True(next.Next(default).AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Who_does_not_wait_any_more_is_passed_over()
    {
        var first = turns.Of("key");
        var impatient = turns.Of("key");
        using var last = turns.Of("key");
        foreach (var one in new[] { first, impatient, last }) Assert.True(await one.Next(default));
        Assert.True(await first.Next(default));
        using var patience = new CancellationTokenSource();
        var left = impatient.Next(patience.Token).AsTask();
        var waits = last.Next(default).AsTask();
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        impatient.Dispose();
        Assert.False(waits.IsCompleted);
        first.Dispose();
        Assert.True(await waits);
    }

    [Fact, Trait("Speed", "Slow")]
    public async Task Attempts_come_to_an_end()
    {
        using var attempts = turns.Of("key");
        var made = 0;
        while (await attempts.Next(default)) made++;
        Assert.InRange(made, 50, 100);
    }
}
