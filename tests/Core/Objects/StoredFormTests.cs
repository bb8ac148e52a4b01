using System.Text;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Tests.Objects;

/// <summary>What is stored only grows: what an earlier program wrote is read for ever.</summary>
public sealed class StoredFormTests
{
    private const string Golden = """
        {"format":1,"size":12,"eTag":"0123-2","modified":"2026-01-02T03:04:05.006+00:00","sequence":1767323045006000,"id":"id","isNull":true,"ownerCanonicalId":"aa","ownerName":"name","storageClass":"GLACIER","headers":{"Content-Type":"text/plain","Cache-Control":"no-cache"},"metadata":{"a":"b"},"checksum":{"algorithm":"Sha256","type":"Composite","value":"AAAA-2"},"body":{"stored":{"location":"disk","name":"b/k/v","length":12}}}
        """;

    private static readonly ObjectVersion Version = new()
    {
        Size = 12,
        ETag = "0123-2",
        Modified = new(2026, 1, 2, 3, 4, 5, 6, TimeSpan.Zero),
        Sequence = 1767323045006000,
        Id = "id",
        OwnerCanonicalId = "aa",
        OwnerName = "name",
        StorageClass = "GLACIER",
        Headers = new Dictionary<string, string> { ["Content-Type"] = "text/plain", ["Cache-Control"] = "no-cache" },
        Metadata = new Dictionary<string, string> { ["a"] = "b" },
        Checksum = new(ChecksumAlgorithm.Sha256, ChecksumType.Composite, "AAAA-2"),
        Body = new() { Stored = new Stored("disk", "b/k/v", 12) },
    };

    [Fact]
    public void The_row_of_a_version_is_written_as_it_always_was() =>
        Assert.Equal(Golden, Encoding.UTF8.GetString(StoredJson.Write(Version, StateJson.Default.ObjectVersion).Span));

    [Fact]
    public void The_row_of_a_version_is_read_whole() =>
        Assert.Equivalent(Version, ObjectVersionJson.Read(Encoding.UTF8.GetBytes(Golden)), strict: true);

    [Fact]
    public void The_intent_of_a_copy_is_written_as_it_always_was()
    {
        const string Stored = """
            {"format":1,"since":"2026-01-02T03:04:05+00:00","by":"aa","request":"r","copy":"c","bucket":"b","version":"v","publicId":"null","sourceBucket":"s","sourceBucketId":"i","sourceKey":"k","sourceVersion":"null","sourceId":"w","sourceETag":"e","total":20,"partBytes":10,"done":10,"parts":{"id":"v.v","parts":1,"rowOffsets":[0],"tail":"t"},"pages":{"id":"v"},"eTag":"f-1","crc64":"AAAAAAAAAAA=","unnamed":[{"location":"disk","name":"b/k/v","length":0}],"run":"x"}
            """;
        var work = new CopyWork
        {
            Since = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), By = "aa", Request = "r", Copy = "c", Bucket = "b", Version = "v", PublicId = "null",
            SourceBucket = "s", SourceBucketId = "i", SourceKey = "k", SourceVersion = "null", SourceId = "w", SourceETag = "e",
            Total = 20, PartBytes = 10, Done = 10, Parts = new("v.v", 1, [0]) { Tail = "t" }, Pages = new("v"), ETag = "f-1", Unnamed = [new("disk", "b/k/v", 0)], Run = "x",
        };
        Assert.Equal(Stored, Encoding.UTF8.GetString(StoredJson.Write(work, StateJson.Default.CopyWork).Span));
        Assert.Equivalent(work, StoredJson.Read(Encoding.UTF8.GetBytes(Stored), StateJson.Default.CopyWork), strict: true);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Every_member_comes_back(ObjectVersion version)
    {
        var stored = StoredJson.Write(version, StateJson.Default.ObjectVersion);
        Assert.Equivalent(version, ObjectVersionJson.Read(stored), strict: true);
        Assert.Equal(stored.ToArray(), StoredJson.Write(ObjectVersionJson.Read(stored), StateJson.Default.ObjectVersion).ToArray());
    }

    public static TheoryData<ObjectVersion> Versions()
    {
        var data = new TheoryData<ObjectVersion>
        {
            Version with { Body = new() { Inline = "7ff" }, Checksum = null, StorageClass = null, OwnerName = null, OwnerCanonicalId = null },
            Version with { NullSequence = 3, HighWater = 4, Request = "abcdefghijklmnop", Recent = "bcdefghijklmnopq" },
            Version with { Body = BodyPlace.Nowhere, IsNull = false, Headers = new Dictionary<string, string>() },
            Version with { Body = new() { Pages = new("v") { Origin = "u" } } },
            Version with { Body = new() { Manifest = new("u.v", 3, [0, 10, 20]) }, Metadata = new Dictionary<string, string> { ["ü"] = "\"\\\n😀" } },
        };
        data.Add(Version with
        {
            Replication = new()
            {
                Generation = 2,
                Sites =
                [
                    new("one", ReplicationStatus.Completed) { Generation = 2, VersionId = "v", ETag = "e", At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero) },
                    new("two", ReplicationStatus.Pending) { Afresh = true },
                ],
            },
        });
        foreach (var encryption in Encryptions.Keys) data.Add(Version with { Encryption = encryption });
        foreach (var algorithm in Enum.GetValues<ChecksumAlgorithm>())
            data.Add(Version with { Checksum = new(algorithm, ChecksumType.FullObject, "AA==") });
        return data;
    }

    private static readonly Dictionary<Sse, string> Encryptions = new()
    {
        [new() { Kind = SseKind.S3, Ring = "s3", Key = new(1, [1, 2, 3]) }] =
            """encryption":{"kind":"S3","ring":"s3","key":{"generation":1,"wrapped":"AQID"}}""",
        [new() { Kind = SseKind.Kms, Ring = "k.one", KmsKey = "alias/one", Context = "e30=", BucketKey = true }] =
            """encryption":{"kind":"Kms","ring":"k.one","kmsKey":"alias/one","context":"e30=","bucketKey":true}""",
        [new() { Kind = SseKind.Customer, Check = [1, 2, 3] }] = """encryption":{"kind":"Customer","check":"AQID"}""",
    };

    [Fact]
    public void Encryption_is_written_as_it_always_was() => Assert.All(Encryptions, pair => Assert.Contains(
        pair.Value, Encoding.UTF8.GetString(StoredJson.Write(Version with { Encryption = pair.Key }, StateJson.Default.ObjectVersion).Span), StringComparison.Ordinal));

    [Fact]
    public void An_index_its_entries_and_what_is_dropped_are_written_as_they_always_were()
    {
        var at = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        Assert.Equal(
            """{"fields":[{"name":"tags.a","id":"abcdefgh","since":"2026-01-02T03:04:05+00:00","isReady":true}]}""",
            Text(StoredJson.Write(new SearchIndex([new("tags.a", "abcdefgh", at) { IsReady = true }]), StateJson.Default.SearchIndex)));
        Assert.Equal("""{"key":"k","at":"2026-01-02T03:04:05+00:00","format":1}""", Text(StoredJson.Write(new SearchEntry("k", at), StateJson.Default.SearchEntry)));
        Assert.Equal(
            """{"format":1,"bucket":"b","bucketId":"i","field":"abcdefgh","sent":"2026-01-02T03:04:05+00:00"}""",
            Text(StoredJson.Write(new DroppedEntries { Bucket = "b", BucketId = "i", Field = "abcdefgh", Sent = at }, StateJson.Default.DroppedEntries)));

        static string Text(ReadOnlyMemory<byte> stored) => Encoding.UTF8.GetString(stored.Span);
    }

    [Fact]
    public void What_a_later_program_added_is_passed_over()
    {
        var later = Golden.Replace("\"size\"", "\"new\":{\"a\":[1,{\"b\":2}]},\"size\"", StringComparison.Ordinal);
        Assert.Equal(12, ObjectVersionJson.Read(Encoding.UTF8.GetBytes(later)).Size);
    }

    [Fact]
    public void A_row_without_what_it_must_have_is_refused() =>
        Assert.Throws<InvalidDataException>(() => ObjectVersionJson.Read("""{"format":1,"size":12}"""u8.ToArray()));
}
