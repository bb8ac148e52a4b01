using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Core.Tests.Objects;

/// <summary>Who waits for which commits.</summary>
public sealed class CommitGateTests
{
    private readonly CommitGate gate = new();

    [Fact]
    public void Where_nothing_is_under_way_nobody_waits()
    {
        using (gate.Enter("another")) Assert.True(gate.Passed("bucket").IsCompletedSuccessfully && gate.Drained("bucket").IsCompletedSuccessfully);
        gate.Enter("bucket").Dispose();
        Assert.True(gate.Passed("bucket").IsCompletedSuccessfully && gate.Drained("bucket").IsCompletedSuccessfully);
    }

    [Fact]
    public async Task What_came_before_is_waited_for_and_what_comes_meanwhile_is_not()
    {
        var before = gate.Enter("bucket");
        var passed = gate.Passed("bucket");
        var meanwhile = gate.Enter("bucket");
        Assert.False(passed.IsCompleted);
        before.Dispose();
        await passed.WaitAsync(TimeSpan.FromMinutes(2));
        Assert.False(gate.Drained("bucket").IsCompleted);
        meanwhile.Dispose();
        Assert.True(gate.Drained("bucket").IsCompleted);
    }

    [Fact]
    public async Task A_deletion_waits_for_those_before_and_after_somebody_passed()
    {
        var (first, _) = (gate.Enter("bucket"), gate.Passed("bucket"));
        var second = gate.Enter("bucket");
        var (drained, passed) = (gate.Drained("bucket"), gate.Passed("bucket"));
        second.Dispose();
        Assert.False(drained.IsCompleted || passed.IsCompleted);
        Assert.False(gate.Drained("bucket").IsCompleted);
        // It begins and ends while an earlier one is still under way.
        gate.Enter("bucket").Dispose();
        gate.Enter("bucket").Dispose();
        first.Dispose();
        await Task.WhenAll(drained, passed).WaitAsync(TimeSpan.FromMinutes(2));
        Assert.True(gate.Drained("bucket").IsCompleted);
    }

    [Fact]
    public async Task Many_that_come_go_and_pass_leave_nothing_behind_that_waits()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            for (var i = 0; i < 2000; i++)
            {
                using (gate.Enter("bucket")) await Task.Yield();
                if (i % 16 == worker) await gate.Passed("bucket").WaitAsync(TimeSpan.FromMinutes(2));
            }
        })));
        await gate.Passed("bucket").WaitAsync(TimeSpan.FromMinutes(2));
        Assert.True(gate.Drained("bucket").IsCompleted);
    }
}
