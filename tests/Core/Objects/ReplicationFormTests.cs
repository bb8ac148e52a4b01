using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ZenkoFunctions.Core.Notifications;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Tests.Objects;

/// <summary>What is stored of copies only grows: what an earlier program wrote is read for ever.</summary>
public sealed class ReplicationFormTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, 6, TimeSpan.Zero);

    private static readonly ReplicationState State = new()
    {
        Generation = 2,
        Sites =
        [
            new("one", ReplicationStatus.Completed) { Generation = 2, VersionId = "v", ETag = "e", At = At },
            new("two", ReplicationStatus.Pending),
            new("three", ReplicationStatus.Failed) { At = At },
        ],
    };

    [Fact]
    public void The_setting() => Check(
        """
        {"role":"arn:aws:iam::1:role/r","rules":[{"id":"a","enabled":true,"prefix":"p/","tags":{"k":"v"},"hasFilter":true,"priority":2,"deleteMarkers":false,"existingObjects":true,"kmsEncrypted":true,"remarks":{"account":"1","owner":"Destination","metrics":{"enabled":true,"minutes":15},"time":{"enabled":false},"replicaModifications":false},"bucket":"arn:aws:s3:::b","storageClass":"one:preferred_read,two","sites":["one","two"],"preferredRead":"one"},{"id":"b","enabled":false,"prefix":"","hasFilter":false,"priority":0,"deleteMarkers":true,"sites":["one"]}]}
        """,
        new ReplicationSetting("arn:aws:iam::1:role/r",
        [
            new()
            {
                Id = "a", Enabled = true, Prefix = "p/", Tags = new Dictionary<string, string> { ["k"] = "v" }, HasFilter = true, Priority = 2, ExistingObjects = true,
                KmsEncrypted = true, Bucket = "arn:aws:s3:::b", StorageClass = "one:preferred_read,two", Sites = ["one", "two"], PreferredRead = "one",
                Remarks = new() { Account = "1", Owner = "Destination", Metrics = new(true, 15), Time = new(false, null), ReplicaModifications = false },
            },
            new() { Id = "b", Enabled = false, DeleteMarkers = true, Sites = ["one"] },
        ]),
        StateJson.Default.ReplicationSetting);

    [Fact]
    public void The_state_of_a_version() => Check(
        """
        {"generation":2,"sites":[{"site":"one","status":"Completed","generation":2,"versionId":"v","eTag":"e","at":"2026-01-02T03:04:05.006+00:00"},{"site":"two","status":"Pending","generation":0},{"site":"three","status":"Failed","generation":0,"at":"2026-01-02T03:04:05.006+00:00"}]}
        """,
        State, StateJson.Default.ReplicationState);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_state_is_read_from_the_row_of_its_version(bool isReplica)
    {
        var version = new ObjectVersion
        {
            Size = 1, ETag = "e", Modified = At, Sequence = 1, Id = "id", Body = BodyPlace.Nowhere, Replication = isReplica ? new() { IsReplica = true } : State,
        };
        var stored = StoredJson.Write(version, StateJson.Default.ObjectVersion);
        Assert.Equivalent(version, ObjectVersionJson.Read(stored), strict: true);
        var later = Encoding.UTF8.GetString(stored.Span).Replace("\"sites\":[", "\"new\":[{\"a\":1}],\"sites\":[", StringComparison.Ordinal).Replace("{\"site\":", "{\"new\":{},\"site\":", StringComparison.Ordinal);
        Assert.Equivalent(version, ObjectVersionJson.Read(Encoding.UTF8.GetBytes(later)), strict: true);
    }

    [Fact]
    public void The_intent() => Check(
        """
        {"format":1,"sequence":3,"versionId":"id","generation":2,"size":4,"at":"2026-01-02T03:04:05.006+00:00"}
        """,
        new ReplicationIntent { Sequence = 3, VersionId = "id", Generation = 2, Size = 4, At = At }, StateJson.Default.ReplicationIntent);

    [Fact]
    public void The_message() => Check(
        """
        {"format":1,"site":"one","followUp":{"format":1,"space":"o1","key":"k","intent":"r.one.x","sent":"2026-01-02T03:04:05.006+00:00"},"bucket":"b","failures":2,"failingSince":"2026-01-02T03:04:05.006+00:00"}
        """,
        new ReplicationMessage
        {
            Site = "one", Bucket = "b", Failures = 2, FailingSince = At, FollowUp = new() { Space = "o1", Key = "k", Intent = "r.one.x", Sent = At },
        },
        StateJson.Default.ReplicationMessage);

    [Fact]
    public void The_event_of_a_copy_that_was_given_up()
    {
        var happened = new ObjectEvent
        {
            Name = EventNames.ReplicationFailed, At = At, Order = 5, Rule = "told", Bucket = "b", OwnerCanonicalId = "me", Key = "k", Size = 4, ETag = "e",
            FailedCopy = new("one", "Access denied", At) { Rule = "r" },
        };
        Check(
            """
            {"format":1,"name":"s3:Replication:OperationFailedReplication","at":"2026-01-02T03:04:05.006+00:00","order":5,"rule":"told","bucket":"b","ownerCanonicalId":"me","key":"k","size":4,"eTag":"e","failedCopy":{"site":"one","reason":"Access denied","since":"2026-01-02T03:04:05.006+00:00","rule":"r"}}
            """,
            happened, StateJson.Default.ObjectEvent);
        using var told = JsonDocument.Parse(EventJson.Write(happened, "us-east-1"));
        var record = told.RootElement.GetProperty("Records")[0];
        Assert.Equal("Replication:OperationFailedReplication", record.GetProperty("eventName").GetString());
        Assert.Equal(
            """{"replicationRuleId":"r","destinationBucket":"one","s3Operation":"OBJECT_PUT","requestTime":"2026-01-02T03:04:05.006Z","failureReason":"Access denied"}""",
            record.GetProperty("replicationEventData").GetRawText());
    }

    private static void Check<T>(string golden, T value, JsonTypeInfo<T> type)
    {
        Assert.Equal(golden, Encoding.UTF8.GetString(StoredJson.Write(value, type).Span));
        Assert.Equivalent(value, StoredJson.Read(Encoding.UTF8.GetBytes(golden), type), strict: true);
    }
}
