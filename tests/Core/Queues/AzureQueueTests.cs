using Azure.Storage.Queues;
using Microsoft.Extensions.Logging.Abstractions;
using ZenkoFunctions.Contracts.Queues;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.Queues.AzureQueues;

namespace ZenkoFunctions.Core.Tests.Queues;

[Collection(nameof(WithAzurite))]
public sealed class AzureQueueTests(AzuriteFixture azurite) : QueueContract
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly FaultyTransport network = new();
    private AzureQueue? queue;

    protected override TimeSpan Short => TimeSpan.FromSeconds(2);

    protected override IQueue Queue => Engine;

    private AzureQueue Engine => queue ??= new(azurite.Account, network);

    [Fact]
    public async Task A_message_is_base64_and_never_expires()
    {
        await Queue.Send(Name, new byte[] { 0, 255, 1 }, TimeSpan.Zero, None);
        var message = (await Client(Name).ReceiveMessageAsync()).Value;
        Assert.Equal("AP8B", message.MessageText);
        Assert.Equal(9999, message.ExpiresOn!.Value.Year);
    }

    [Fact]
    public async Task Queues_are_made_beforehand_where_that_is_asked_for()
    {
        await Engine.Ensure([Name, Name + "-b"], None);
        await Engine.Ensure([Name, Name + "-b"], None);
        Assert.True(await Client(Name).ExistsAsync());
        Assert.True(await Client(Name + "-b").ExistsAsync());
    }

    [Fact]
    public async Task A_send_whose_answer_is_lost_arrives_all_the_same()
    {
        var lost = 0;
        network.IsAnswerLost = request => request.Method == Azure.Core.RequestMethod.Post && ++lost == 1;
        await Queue.Send(Name, new byte[] { 1 }, TimeSpan.Zero, None);
        Assert.Equal([1], (await Receive(Name, Short))!.Body);
    }

    [Fact]
    public async Task A_send_that_never_arrives_is_an_outage()
    {
        network.IsLost = _ => true;
        await Assert.ThrowsAsync<IOException>(async () => await Queue.Send(Name, new byte[] { 1 }, TimeSpan.Zero, None));
    }

    [Fact]
    public async Task A_renewed_lease_runs_from_then_and_settles_by_its_new_receipt()
    {
        using var receiver = Receiver();
        await Queue.Send(Name, new byte[] { 1 }, TimeSpan.Zero, None);
        var delivery = Assert.Single((await receiver.Receive([Name], 1, Short, None)).Deliveries);
        Assert.True(await receiver.Renew(delivery, TimeSpan.FromMinutes(1), None));
        await Pass(Short);
        Assert.Null(await Receive(Name, Short));
        Assert.True(await receiver.Renew(delivery, TimeSpan.FromMinutes(1), None));
        Assert.True(await receiver.Acknowledge(delivery, None));
        Assert.Equal(0, (await Client(Name).GetPropertiesAsync()).Value.ApproximateMessagesCount);
    }

    [Fact]
    public async Task A_receipt_that_was_lost_to_another_settles_nothing()
    {
        using var receiver = Receiver();
        await Queue.Send(Name, new byte[] { 1 }, TimeSpan.Zero, None);
        var first = Assert.Single((await receiver.Receive([Name], 1, Short, None)).Deliveries);
        await Pass(Short);
        var second = await Receive(Name, Short * 10);
        Assert.False(await receiver.Renew(first, Short, None));
        Assert.False(await receiver.Return(first, TimeSpan.Zero, None));
        Assert.False(await receiver.Acknowledge(first, None));
        Assert.True(await Acknowledge(second!));
        Assert.False(await receiver.Renew(first, Short, None));
    }

    [Fact]
    public async Task An_acknowledgement_whose_answer_is_lost_is_none_that_failed()
    {
        using var receiver = Receiver();
        await Queue.Send(Name, new byte[] { 1 }, TimeSpan.Zero, None);
        var delivery = Assert.Single((await receiver.Receive([Name], 1, Short, None)).Deliveries);
        var lost = 0;
        network.IsAnswerLost = request => request.Method == Azure.Core.RequestMethod.Delete && ++lost == 1;
        await receiver.Acknowledge(delivery, None); // whatever it answers: the message is gone
        Assert.Equal(0, (await Client(Name).GetPropertiesAsync()).Value.ApproximateMessagesCount);
    }

    [Fact]
    public async Task What_nobody_can_read_is_set_aside_as_it_is_and_the_others_come()
    {
        await Engine.Ensure([Name], None);
        await Client(Name).SendMessageAsync("not base64!");
        await Queue.Send(Name, new byte[] { 1 }, TimeSpan.Zero, None);
        using var receiver = Receiver();
        Assert.Equal([1], Assert.Single((await receiver.Receive([Name], 10, Short, None)).Deliveries).Body.ToArray());
        Assert.Equal("not base64!", (await Client(JobRunner.PoisonOf(Name)).ReceiveMessageAsync()).Value.MessageText);
        Assert.Equal(1, (await Client(Name).GetPropertiesAsync()).Value.ApproximateMessagesCount);
    }

    [Fact]
    public async Task The_fifth_failed_delivery_sets_a_message_aside_and_keeps_it()
    {
        await Queue.Send(Name, new byte[] { 7 }, TimeSpan.Zero, None);
        using var receiver = Receiver();
        for (var count = 1; count <= JobRunner.Failures; count++)
        {
            Assert.False(await Client(JobRunner.PoisonOf(Name)).ExistsAsync());
            var delivery = Assert.Single((await receiver.Receive([Name], 1, Short, None)).Deliveries);
            Assert.Equal((count, count - 1), (delivery.Count, delivery.Failures));
            Assert.True(await receiver.Fail(delivery, TimeSpan.Zero, None));
        }
        Assert.Equal(0, (await Client(Name).GetPropertiesAsync()).Value.ApproximateMessagesCount);
        var poison = (await Client(JobRunner.PoisonOf(Name)).ReceiveMessageAsync()).Value;
        Assert.Equal("Bw==", poison.MessageText);
        Assert.Equal(9999, poison.ExpiresOn!.Value.Year);
    }

    protected override Task Pass(TimeSpan time) => Task.Delay(time + TimeSpan.FromSeconds(1));

    protected override async Task<Received?> Receive(string queue, TimeSpan lease)
    {
        using var receiver = Receiver();
        return (await receiver.Receive([queue], 1, lease, None)).Deliveries is [var delivery]
            ? new(delivery.Body.ToArray(), delivery.Count, delivery)
            : null;
    }

    protected override async Task<bool> Acknowledge(Received received)
    {
        using var receiver = Receiver();
        return await receiver.Acknowledge((Delivery)received.Handle, None);
    }

    private AzureReceiver Receiver() => new(Engine, null, TimeProvider.System, NullLogger.Instance);

    private QueueClient Client(string name) => new QueueServiceClient(azurite.ConnectionString).GetQueueClient(name);
}
