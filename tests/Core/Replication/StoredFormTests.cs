using System.Text;
using ZenkoFunctions.Core.Replication;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Tests.Replication;

/// <summary>Rows and messages that installations have: what is read here must be read for ever, and be written the same.</summary>
public sealed class StoredFormTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void A_site_s_state() => Same(
        """{"format":1,"paused":true,"resumeAt":"2026-01-02T03:04:05+00:00","schedule":"abc","at":"2026-01-02T03:04:05+00:00"}""",
        new SiteRow { Paused = true, ResumeAt = At, Schedule = "abc", At = At }, ReplicationJson.Default.SiteRow);

    [Fact]
    public void A_parked_message() => Same(
        """{"format":1,"queue":"replication","message":"e30="}""",
        new ParkedRow { Queue = "replication", Message = "{}"u8.ToArray() }, ReplicationJson.Default.ParkedRow);

    [Fact]
    public void A_message_that_lets_a_site_go_on() => Same(
        """{"format":1,"service":"crr","site":"wasabi","schedule":"abc"}""",
        new ResumeMessage { Service = "crr", Site = "wasabi", Schedule = "abc" }, ReplicationJson.Default.ResumeMessage);

    [Fact]
    public void What_was_counted()
    {
        var tally = new CopyTally();
        tally.AddQueued(29_000_000, new(2, 300));
        tally.AddCompleted(29_000_000, new(1, 100), TimeSpan.FromSeconds(2));
        tally.AddFailed(29_000_001, new(1, 200));
        Same(
            """{"format":1,"asked":{"operations":2,"bytes":300},"completed":{"operations":1,"bytes":100},"failed":{"operations":1,"bytes":200},"queued":{"29000000":{"operations":2,"bytes":300}},"finished":{"29000000":{"operations":1,"bytes":100},"29000001":{"operations":1,"bytes":200}},"latency":{"31":1},"seconds":2}""",
            tally, ReplicationJson.Default.CopyTally);
    }

    [Fact]
    public void A_snapshot_of_what_is_pending() => Same(
        """{"at":"2026-01-02T03:04:05+00:00","queued":{"29000000":{"operations":2,"bytes":300}},"finished":{}}""",
        new PendingSnapshot { At = At, Queued = { [29_000_000] = new(2, 300) } }, ReplicationJson.Default.PendingSnapshot);

    [Fact]
    public void A_failure() => Same(
        """{"format":1,"site":"wasabi","bucket":"b","bucketId":"id","key":"k","versionId":"v","size":7,"modified":"2026-01-02T03:04:05+00:00","at":"2026-01-02T03:04:05+00:00","reason":"why"}""",
        new FailedReplication { Site = "wasabi", Bucket = "b", BucketId = "id", Key = "k", VersionId = "v", Size = 7, Modified = At, At = At, Reason = "why" },
        ReplicationJson.Default.FailedReplication);

    [Fact]
    public void Buckets_with_rules_of_a_configuration() => Same(
        """{"format":1,"buckets":{"b":"id"}}""", new WorkflowsRow { Buckets = new() { ["b"] = "id" } }, ReplicationJson.Default.WorkflowsRow);

    private static void Same<T>(string golden, T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        Assert.Equal(golden, Encoding.UTF8.GetString(StoredJson.Write(value, type).Span));
        var later = golden.Insert(golden.Length - 1, ",\"new\":{\"a\":[1]}");
        Assert.Equal(golden, Encoding.UTF8.GetString(StoredJson.Write(StoredJson.Read(Encoding.UTF8.GetBytes(later), type), type).Span));
    }
}
