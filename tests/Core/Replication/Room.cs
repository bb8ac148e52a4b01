using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.Replication;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Tests.Objects;
using ManualClock = ZenkoFunctions.Core.Tests.Objects.ManualClock;

namespace ZenkoFunctions.Core.Tests.Replication;

/// <summary>What is known of copies, over rows in memory, as instances of a server see it; what comes of messages is recorded.</summary>
internal sealed class Room
{
    public static readonly Consistency Shared = Consistency.Shared(TimeSpan.FromSeconds(5));

    private readonly Cut cut = new();

    public Room()
    {
        Queue = new(cut, Clock);
        Failed = new(Table, Clock);
    }

    public ManualClock Clock { get; } = new();

    public InMemoryTable Table { get; } = new();

    public MemoryQueue Queue { get; }

    public FailedList Failed { get; }

    /// <summary>The intents of the copies whose messages have come.</summary>
    public List<string> Came { get; } = [];

    public SiteStates States(Consistency? consistency = null) => new(Table, Queue, consistency ?? Consistency.OneMachine, Clock);

    public Parked Parked(SiteStates states) => new(Table, Queue, states);

    public ReplicationCounters Counters(bool isAlone = true) => new(Table, SiteServices.Crr, isAlone, Clock, NullLogger.Instance);

    public static ReplicationMessage Message(string intent, string site = "wasabi") => new()
    {
        Site = site,
        Bucket = "bucket",
        FollowUp = new() { Space = "oabc", Key = "k", Intent = intent, Sent = DateTimeOffset.UnixEpoch },
    };

    public static FailedReplication Copy(string key, string version = "v1", string site = "wasabi") => new()
    {
        Site = site, Bucket = "bucket", BucketId = "abcdefghijklmnop", Key = key, VersionId = version, Size = 7, Modified = DateTimeOffset.UnixEpoch,
    };

    /// <summary>Lets a time pass; the messages of parked work are handed to an instance's job.</summary>
    public async Task Pass(TimeSpan time, SiteStates states, Parked? parked = null)
    {
        IJob job = new SendParked(states, parked ?? Parked(states), Clock);
        var until = Clock.GetUtcNow() + time;
        while (Queue.NextDue is { } due && due <= until)
        {
            Clock.MoveTo(due);
            var (name, message) = Queue.Take();
            if (name == SendParked.QueueName)
            {
                var outcome = await job.Run(message, default);
                if (outcome.Again is { } again) await Queue.Send(name, outcome.Message ?? message, again, default);
            }
            else
            {
                Came.Add(StoredJson.Read(message, StateJson.Default.ReplicationMessage).FollowUp.Intent);
            }
        }
        Clock.MoveTo(until);
    }

    /// <summary>A row as text.</summary>
    public string Text(string partition, string row) => Encoding.UTF8.GetString(Table.Rows.Single(r => r.Key == new TableKey(partition, row)).Value.Span);
}
