using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Contracts.State;

/// <summary>Where on its way a request or its answer is lost.</summary>
public enum Lost
{
    /// <summary>The request never arrives.</summary>
    BeforeCommit,

    /// <summary>The transaction takes place; its answer does not arrive.</summary>
    AfterCommit,
}

/// <summary>What an engine behind a network does when answers are lost. For engines that have one.</summary>
public abstract class LostAnswerContract
{
    private static readonly CancellationToken None = CancellationToken.None;

    /// <summary>A table that is empty, whose connection <see cref="Lose"/> disturbs.</summary>
    protected abstract Task<ITable> Open();

    /// <summary>Loses the next answers to writes, and to the reads that would settle them where <paramref name="reads"/> is set.</summary>
    protected abstract void Lose(Lost when, int writes, bool reads);

    [Theory]
    [InlineData(Lost.BeforeCommit)]
    [InlineData(Lost.AfterCommit)]
    public async Task A_lost_answer_is_settled_by_reading_back(Lost when)
    {
        var table = await Open();
        Lose(when, 1, reads: false);
        var outcome = await table.Apply("p", [Change.Put("r", Condition.Absent, new byte[] { 1 })], None);
        Assert.Equal(Outcome.Committed, outcome);
        Assert.Equal([1], (await table.Get(new("p", "r"), None))!.Value.ToArray());
    }

    [Theory]
    [InlineData(Lost.BeforeCommit)]
    [InlineData(Lost.AfterCommit)]
    public async Task A_lost_answer_is_unknown_where_it_cannot_be_settled(Lost when)
    {
        var table = await Open();
        Lose(when, int.MaxValue, reads: true);
        Assert.Equal(Outcome.Unknown, await table.Apply("p", [Change.Put("r", Condition.Absent, new byte[] { 1 })], None));
    }

    [Theory]
    [InlineData(Lost.BeforeCommit)]
    [InlineData(Lost.AfterCommit)]
    public async Task A_lost_refusal_is_still_a_refusal(Lost when)
    {
        var table = await Open();
        await table.Apply("p", [Change.Put("r", Condition.Absent, new byte[] { 1 })], None);
        Lose(when, 1, reads: false);
        Assert.Equal(Outcome.Refused, await table.Apply("p", [Change.Put("r", Condition.Absent, new byte[] { 1 })], None));
    }
}
