using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Azure.Storage.Queues;
using ZenkoFunctions.Contracts;

namespace ZenkoFunctions.HostDouble.Tests;

/// <summary>One Azurite for the queue tests; each uses queues of its own.</summary>
public sealed class Storage : IAsyncLifetime
{
    private Azurite? azurite;

    /// <summary>Its connection string.</summary>
    public string ConnectionString => azurite!.ConnectionString;

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (Azurite.Missing is null) azurite = await Azurite.Start();
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (azurite is not null) await azurite.DisposeAsync();
    }
}

public sealed partial class QueueTests(Storage storage) : IClassFixture<Storage>
{
    private const string Fast = """{"maxPollingInterval":"00:00:00.2","visibilityTimeout":"00:00:00"}""";

    private readonly string name = "q" + Guid.NewGuid().ToString("n");

    [AzuriteFact]
    public async Task A_message_arrives_byte_for_byte_as_the_host_sends_it_and_is_deleted_after_success()
    {
        using var app = App();
        await Send("""{"bucket":"b","key":"k"}""");
        await using var host = await Start(app);
        await host.Drained("Fx_Job");

        var call = Assert.Single(await Calls(host));
        var mask = Variable().Replace(call.Body, "*");
        Assert.Equal(
            """{"Data":{"msg":"\"{\\\"bucket\\\":\\\"b\\\",\\\"key\\\":\\\"k\\\"}\""},"Metadata":{""" +
            """
            "DequeueCount":"1","ExpirationTime":"*","Id":"\"*\"","InsertionTime":"*","NextVisibleTime":"*","PopReceipt":"\"*\"",
            """ +
            """
            "bucket":"\"b\"","key":"\"k\"","sys":{"MethodName":"Fx_Job","UtcNow":"*","RandGuid":"*"}}}
            """,
            mask);
        Assert.Equal("chunked", call["Transfer-Encoding"]);
        Assert.Equal(0, await Left(name));
    }

    [AzuriteFact]
    public async Task Properties_of_the_message_override_the_hosts_metadata_and_arrays_are_left_out()
    {
        using var app = App();
        await Send("""{"id":"mine","DEQUEUECOUNT":7,"list":[1],"more":{"a":1},"sys":"x"}""");
        await using var host = await Start(app);
        await host.Drained("Fx_Job");

        using var json = JsonDocument.Parse(Assert.Single(await Calls(host)).Body);
        var metadata = json.RootElement.GetProperty("Metadata");
        Assert.Equal("\"mine\"", metadata.GetProperty("Id").GetString());
        Assert.Equal("\"7\"", metadata.GetProperty("DequeueCount").GetString());
        Assert.Equal("""{"a":1}""", metadata.GetProperty("more").GetRawText());
        Assert.Equal("\"x\"", metadata.GetProperty("sys").GetString());
        Assert.False(metadata.TryGetProperty("list", out _));
    }

    [AzuriteFact]
    public async Task A_failing_message_is_tried_up_to_its_most_and_then_poisoned()
    {
        using var app = App(queues: """{"maxPollingInterval":"00:00:00.2","maxDequeueCount":3}""");
        var raw = await Send("answer status:500");
        await using var host = await Start(app);
        await host.Log.WaitFor("Moving it to");
        await host.Drained("Fx_Job");

        Assert.Equal(["\"1\"", "\"2\"", "\"3\""], (await Calls(host)).Select(call => Count().Match(call.Body).Groups[1].Value));
        Assert.Equal(0, await Left(name));
        Assert.Equal(raw, (await Client(name + "-poison").ReceiveMessagesAsync(32)).Value.Single().MessageText);
    }

    [AzuriteFact]
    public async Task Who_listens_to_the_poison_queue_is_woken_at_once()
    {
        using var app = App(queues: """{"maxPollingInterval":"00:10:00","maxDequeueCount":1}""").Queue("Fx_Poison", name + "-poison");
        await using var host = await Start(app);
        await Client(name + "-poison").CreateIfNotExistsAsync();
        await Send("answer status:500");
        await host.Drained("Fx_Job");

        // Its own back-off would end in minutes.
        await host.Log.WaitFor("Executing 'Functions.Fx_Poison'");
    }

    [AzuriteFact]
    public async Task A_message_above_its_most_is_poisoned_without_a_call()
    {
        await Send("old");
        for (var time = 0; time < 2; time++)
            foreach (var message in (await Client(name).ReceiveMessagesAsync(1, TimeSpan.FromMinutes(1))).Value)
                await Client(name).UpdateMessageAsync(message.MessageId, message.PopReceipt, visibilityTimeout: TimeSpan.Zero);
        using var app = App(queues: """{"maxPollingInterval":"00:00:00.2","maxDequeueCount":2}""");
        await using var host = await Start(app);
        await host.Drained("Fx_Job");

        Assert.Empty(await Calls(host));
        Assert.Equal(1, await Left(name + "-poison"));
    }

    [AzuriteFact]
    public async Task What_is_not_Base64_is_poisoned_as_it_is()
    {
        using var app = App();
        await Client(name).CreateIfNotExistsAsync();
        await Client(name).SendMessageAsync("not Base64!");
        await using var host = await Start(app);
        await host.Drained("Fx_Job");

        Assert.Empty(await Calls(host));
        Assert.Equal(0, await Left(name));
        Assert.Equal("not Base64!", (await Client(name + "-poison").ReceiveMessagesAsync(32)).Value.Single().MessageText);
    }

    [AzuriteFact]
    public async Task Without_an_encoding_messages_are_taken_as_they_are()
    {
        using var app = App(queues: """{"maxPollingInterval":"00:00:00.2","messageEncoding":"none"}""");
        await Client(name).CreateIfNotExistsAsync();
        await Client(name).SendMessageAsync("not Base64!");
        await using var host = await Start(app);
        await host.Drained("Fx_Job");

        Assert.StartsWith("""{"Data":{"msg":"\"not Base64!\""}""", Assert.Single(await Calls(host)).Body, StringComparison.Ordinal);
    }

    [AzuriteFact]
    public async Task A_released_message_stays_invisible_for_the_visibility_time_out()
    {
        using var app = App(queues: """{"maxPollingInterval":"00:00:00.2","visibilityTimeout":"00:10:00"}""");
        await Send("answer status:500");
        await using var host = await Start(app);
        await host.Drained("Fx_Job");

        Assert.Single(await Calls(host));
        Assert.Equal(1, await Left(name));
        Assert.Empty((await Client(name).ReceiveMessagesAsync(32)).Value);
    }

    [AzuriteFact]
    public async Task A_received_message_is_invisible_and_its_lease_is_renewed_with_a_new_receipt()
    {
        using var app = App();
        await Send("answer hold:renewed");
        await using var host = await FunctionsHost.Start(
            app.Options(("Store", storage.ConnectionString)) with { MessageLease = TimeSpan.FromSeconds(2) });

        // Three renewals at half-time outlast the first lease.
        await host.Log.WaitFor("Renewed message", times: 3);
        Assert.Empty((await Client(name).ReceiveMessagesAsync(32)).Value);
        await Wire.Get(host, "/", "x-echo: release:renewed");
        await host.Drained("Fx_Job");

        Assert.Single(await Calls(host));
        Assert.Equal(0, await Left(name));
    }

    [AzuriteFact]
    public async Task No_more_than_a_batch_and_the_threshold_are_in_hand()
    {
        using var app = App(queues: """{"maxPollingInterval":"00:00:00.2","batchSize":4,"newBatchThreshold":1}""");
        for (var i = 0; i < 12; i++) await Send($"answer hold:{i}");
        await using var host = await Start(app);

        await host.Log.WaitFor("Executing 'Functions.Fx_Job'", times: 4);
        var started = await Held(host, 4);
        // Two of four done: two are left, above the threshold of one, so nothing new comes; the third brings the next batch.
        foreach (var one in started.Take(2)) await Wire.Get(host, "/", $"x-echo: release:{one}");
        await host.Log.WaitFor("Executed 'Functions.Fx_Job'", times: 2);
        Assert.Equal(4, host.Log.Count("Executing 'Functions.Fx_Job'"));
        await Wire.Get(host, "/", $"x-echo: release:{started[2]}");
        await host.Log.WaitFor("Executing 'Functions.Fx_Job'", times: 8);
        Assert.Equal(8, host.Log.Count("Executing 'Functions.Fx_Job'"));
        for (var i = 0; i < 12; i++) await Wire.Get(host, "/", $"x-echo: release:{i}");
        await host.Drained("Fx_Job");
    }

    [AzuriteFact]
    public async Task A_queue_that_is_not_there_is_waited_for_and_not_created()
    {
        using var app = App();
        await using var host = await Start(app);
        await host.Drained("Fx_Job");
        Assert.False(await Client(name).ExistsAsync());

        await Send("late");
        await host.Log.WaitFor("Executed 'Functions.Fx_Job' (Succeeded");
    }

    [AzuriteFact]
    public async Task A_message_whose_receipt_is_lost_is_delivered_again()
    {
        using var app = App();
        await using var host = await Start(app);
        host.Faults.DeliverAgain("Fx_Job");
        await Send("twice");
        await host.Log.WaitFor("Executed 'Functions.Fx_Job' (Succeeded", times: 2);
        await host.Drained("Fx_Job");

        Assert.Equal(["\"1\"", "\"2\""], (await Calls(host)).Select(call => Count().Match(call.Body).Groups[1].Value));
        Assert.Equal(0, await Left(name));
    }

    [AzuriteFact]
    public async Task A_handler_that_dies_at_work_gets_the_message_again()
    {
        // Calls of a handler that is still starting fail too, and count: hence the pause and the many tries.
        using var app = App(queues: """{"maxPollingInterval":"00:00:00.2","visibilityTimeout":"00:00:01","maxDequeueCount":100}""");
        await using var host = await Start(app);
        host.Faults.KillBeforeAnswer("Fx_Job");
        await Send("killed midway");

        await host.Log.WaitFor("Executed 'Functions.Fx_Job' (Succeeded");
        Assert.Equal(2, host.Handler.Starts);
    }

    [AzuriteFact]
    public async Task Stopping_waits_for_calls_in_flight()
    {
        using var app = App();
        await Send("answer hold:stopping");
        var host = await Start(app);
        await host.Log.WaitFor("Executing 'Functions.Fx_Job'");

        var stopping = host.DisposeAsync().AsTask();
        await Wire.Get(host, "/", "x-echo: release:stopping");
        await stopping;

        Assert.Equal(1, host.Log.Count("Executed 'Functions.Fx_Job' (Succeeded"));
        Assert.Equal(0, await Left(name));
    }

    [Fact]
    public void Looks_at_an_empty_queue_become_rarer_up_to_the_longest_interval()
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(10));

        TimeSpan[] waits = [.. Enumerable.Range(0, 12).Select(_ => backoff.Next())];

        Assert.InRange(waits[0], TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(120));
        Assert.InRange(waits[3], TimeSpan.FromMilliseconds(400), TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.FromSeconds(10), waits[^1]);
        backoff.Reset();
        Assert.InRange(backoff.Next(), TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(120));
    }

    private EchoApp App(string queues = Fast) => new EchoApp(queues: queues).Queue("Fx_Job", name);

    private Task<FunctionsHost> Start(EchoApp app) => app.Start(("Store", storage.ConnectionString));

    private QueueClient Client(string queue) => new(storage.ConnectionString, queue);

    private async Task<string> Send(string message)
    {
        var raw = Convert.ToBase64String(Encoding.UTF8.GetBytes(message));
        await Client(name).CreateIfNotExistsAsync();
        await Client(name).SendMessageAsync(raw);
        return raw;
    }

    private async Task<int> Left(string queue) => (await Client(queue).GetPropertiesAsync()).Value.ApproximateMessagesCount;

    private static async Task<IReadOnlyList<Seen>> Calls(FunctionsHost host)
    {
        var all = JsonSerializer.Deserialize<Seen[]>((await Wire.Get(host, "/", "x-echo: calls")).Body, JsonSerializerOptions.Web)!;
        return [.. all.Where(call => call.Method == "POST")];
    }

    /// <summary>The names that the first calls wait for, once the handler has them all.</summary>
    private static async Task<IReadOnlyList<string>> Held(FunctionsHost host, int count)
    {
        while (true)
        {
            var names = (await Calls(host)).Select(call => HeldName().Match(call.Body).Groups[1].Value).ToList();
            if (names.Count >= count) return names;
        }
    }

    [GeneratedRegex("""(?<="(ExpirationTime|InsertionTime|NextVisibleTime)":")[-+:T0-9]+(?=")|(?<="(Id|PopReceipt)":"\\")[^"\\]+|(?<="(UtcNow|RandGuid)":")[^"]+""")]
    private static partial Regex Variable();

    [GeneratedRegex("\"DequeueCount\":(\"[0-9]+\")")]
    private static partial Regex Count();

    [GeneratedRegex("answer hold:([0-9]+)")]
    private static partial Regex HeldName();
}
