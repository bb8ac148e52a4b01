using Azure.Core;
using Azure.Core.Pipeline;
using ZenkoFunctions.Contracts.State;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.State.AzureTables;

namespace ZenkoFunctions.Core.Tests.State;

[Collection(nameof(WithAzurite))]
[Trait("Speed", "Slow")]
public sealed class AzureTableLostAnswerTests(AzuriteFixture azurite) : LostAnswerContract
{
    private readonly LossyTransport transport = new();

    protected override Task<ITable> Open() => NewTable.Open(AzureTables.Open(azurite.Account, new() { Transport = transport }));

    protected override void Lose(Lost when, int writes, bool reads) => (transport.When, transport.Writes, transport.Reads) = (when, writes, reads);

    [Theory]
    [InlineData(Lost.BeforeCommit, Outcome.Refused)]
    [InlineData(Lost.AfterCommit, Outcome.Committed)]
    public async Task Who_was_overwritten_before_he_knew_is_told_what_became_of_his_commit(Lost when, Outcome expected)
    {
        var table = await Open();
        await table.Apply("p", [Change.Put("r", Condition.Absent, new byte[] { 0 })], CancellationToken.None);
        var read = await table.Get(new("p", "r"), CancellationToken.None);
        Lose(when, 1, reads: false);
        transport.Then = async () =>
        {
            var there = await table.Get(new("p", "r"), CancellationToken.None);
            Assert.Equal(Outcome.Committed, await table.Apply("p", [Change.Put("r", Condition.AsRead(there), new byte[] { 9 })], CancellationToken.None));
        };
        Assert.Equal(expected, await table.Apply("p", [Change.Put("r", Condition.AsRead(read), new byte[] { 1 })], CancellationToken.None));
        Assert.Equal([9], (await table.Get(new("p", "r"), CancellationToken.None))!.Value.ToArray());
    }

    [Fact]
    public async Task A_commit_that_two_others_have_overwritten_is_unknown()
    {
        var table = await Open();
        await table.Apply("p", [Change.Put("r", Condition.Absent, new byte[] { 0 })], CancellationToken.None);
        var read = await table.Get(new("p", "r"), CancellationToken.None);
        Lose(Lost.AfterCommit, 1, reads: false);
        transport.Then = async () =>
        {
            for (byte i = 1; i < 3; i++)
                await table.Apply("p", [Change.Put("r", Condition.AsRead(await table.Get(new("p", "r"), CancellationToken.None)), new[] { i })], CancellationToken.None);
        };
        Assert.Equal(Outcome.Unknown, await table.Apply("p", [Change.Put("r", Condition.AsRead(read), new byte[] { 7 })], CancellationToken.None));
    }

    [Theory]
    [InlineData(Lost.BeforeCommit)]
    [InlineData(Lost.AfterCommit)]
    public async Task Lost_answers_to_transactions_and_to_deletions_are_settled_too(Lost when)
    {
        var table = await Open();
        await table.Apply("p", [Change.Put("a", Condition.Absent, new byte[1]), Change.Put("b", Condition.Absent, new byte[1])], CancellationToken.None);
        var read = await table.Get(new("p", "a"), CancellationToken.None);
        Lose(when, 1, reads: false);
        Assert.Equal(Outcome.Committed, await table.Apply(
            "p", [Change.Delete("a", Condition.AsRead(read)), Change.Delete("x", Condition.Any), Change.Put("c", Condition.Absent, new byte[1])], CancellationToken.None));
        Lose(when, 1, reads: false);
        Assert.Equal(Outcome.Committed, await table.Apply("p", [Change.Delete("b", Condition.Any)], CancellationToken.None));
        var rows = new List<string>();
        await foreach (var row in table.Scan(KeyRange.Partition("p"), null, null, CancellationToken.None)) rows.Add(row.Key.Row);
        Assert.Equal(["c"], rows);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_that_arrives_after_it_was_given_up_changes_nothing_twice(bool beforeTheSecond)
    {
        var table = await Open();
        await table.Apply("p", [Change.Put("r", Condition.Absent, new byte[] { 0 })], CancellationToken.None);
        var read = await table.Get(new("p", "r"), CancellationToken.None);
        transport.Hold = true;
        transport.ReleasesBeforeTheNextWrite = beforeTheSecond;
        Assert.Equal(Outcome.Committed, await table.Apply("p", [Change.Put("r", Condition.AsRead(read), new byte[] { 1 })], CancellationToken.None));
        var written = await table.Get(new("p", "r"), CancellationToken.None);
        Assert.Equal(beforeTheSecond ? 412 : 204, transport.SecondStatus);
        if (!beforeTheSecond) Assert.Equal(412, await transport.Release());
        Assert.Equal(written!.Stamp, (await table.Get(new("p", "r"), CancellationToken.None))!.Stamp);
    }
}

/// <summary>A network that loses requests or answers, or lets a request arrive late.</summary>
internal sealed class LossyTransport : HttpPipelineTransport
{
    private readonly HttpClientTransport inner = new();
    private HttpMessage? held;

    public Lost When { get; set; }

    /// <summary>How many more writes are lost.</summary>
    public int Writes { get; set; }

    /// <summary>Whether reads are lost.</summary>
    public bool Reads { get; set; }

    /// <summary>Runs once, when a write or its answer was lost.</summary>
    public Func<Task>? Then { get; set; }

    /// <summary>The next write is kept back.</summary>
    public bool Hold { get; set; }

    /// <summary>Whether what was kept back arrives just before the next write.</summary>
    public bool ReleasesBeforeTheNextWrite { get; set; }

    /// <summary>What the write after the one that was kept back was answered.</summary>
    public int SecondStatus { get; private set; }

    public override Request CreateRequest() => inner.CreateRequest();

    public override void Process(HttpMessage message) => throw new NotSupportedException();

    public override async ValueTask ProcessAsync(HttpMessage message)
    {
        if (message.Request.Method == RequestMethod.Get)
        {
            if (Reads) throw new IOException("The connection was lost.");
            await inner.ProcessAsync(message);
            return;
        }
        if (Hold)
        {
            Hold = false;
            held = new(Copy(message.Request), message.ResponseClassifier);
            throw new IOException("The connection was lost.");
        }
        if (held is not null && ReleasesBeforeTheNextWrite) await Release();
        var isLost = Writes > 0;
        if (isLost) Writes--;
        if (!isLost || When == Lost.AfterCommit) await inner.ProcessAsync(message);
        if (!isLost)
        {
            SecondStatus = message.Response.Status;
            return;
        }
        var then = Then;
        Then = null;
        if (then is not null) await then();
        throw new IOException("The connection was lost.");
    }

    /// <summary>What was kept back arrives now; how it is answered.</summary>
    public async Task<int> Release()
    {
        using var late = held!;
        held = null;
        await inner.ProcessAsync(late);
        return late.Response.Status;
    }

    private Request Copy(Request original)
    {
        var body = new MemoryStream();
        original.Content!.WriteTo(body, default);
        var copy = inner.CreateRequest();
        copy.Method = original.Method;
        copy.Uri.Reset(original.Uri.ToUri());
        foreach (var header in original.Headers)
            if (header.Name != "Content-Length") copy.Headers.Add(header.Name, header.Value);
        copy.Content = RequestContent.Create(body.ToArray());
        return copy;
    }
}
