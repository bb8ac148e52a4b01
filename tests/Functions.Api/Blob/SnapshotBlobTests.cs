using System.Xml.Linq;
using ZenkoFunctions.Api.Tests.Operations;

namespace ZenkoFunctions.Api.Tests.Blob;

/// <summary>Snapshots: copies of a blob that stay as they are, older versions to S3.</summary>
public sealed class SnapshotBlobTests(BlobFixture server) : IClassFixture<BlobFixture>
{
    private async Task<string> Snapshot(string key, params string[] headers)
    {
        var made = await server.Send("PUT", $"{key}?comp=snapshot", null, headers);
        Assert.Equal(201, made.Status);
        return Uri.EscapeDataString(made.Header("x-ms-snapshot")!);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(5000)]
    public async Task A_snapshot_stays_as_it_is(int size)
    {
        var key = $"bkt/stays-{size}";
        var (old, young) = (new string('a', size), new string('b', size));
        await server.Put(key, old, "x-ms-meta-v: 1");
        var first = await Snapshot(key);
        var second = await Snapshot(key, "x-ms-meta-own: yes");
        Assert.NotEqual(first, second);
        await server.Put(key, young);
        var third = await Snapshot(key);
        await server.S3("PUT", "/" + key, "c");

        var read = await server.Send("GET", $"{key}?snapshot={first}", null);
        Assert.Equal((old, "1"), (read.Text, read.Header("x-ms-meta-v")));
        var own = await server.Send("HEAD", $"{key}?snapshot={second}", null);
        Assert.Equal((null, "yes"), (own.Header("x-ms-meta-v"), own.Header("x-ms-meta-own")));
        Assert.Equal(young, (await server.Send("GET", $"{key}?snapshot={third}", null)).Text);
        Assert.Equal("c", (await server.Send("GET", key, null)).Text);
        Assert.Equal(404, (await server.Send("GET", $"{key}?snapshot=2020-01-01T00:00:00.0000000Z", null)).Status);
        Assert.Equal(400, (await server.Send("GET", $"{key}?snapshot=yesterday", null)).Status);

        // Newest first to S3, which takes them for older versions.
        var versions = await server.S3("GET", $"/bkt?versions&prefix=stays-{size}&max-keys=2");
        Assert.Equal(["1", size.ToString(System.Globalization.CultureInfo.InvariantCulture)], versions.Elements("Size"));
        Assert.Equal(young, (await server.S3("GET", $"/{key}?versionId={versions.Elements("VersionId")[1]}")).Text);
    }

    [Fact]
    public async Task A_snapshot_of_a_block_blob_has_its_blocks()
    {
        var (first, second) = (new string('a', 3000), new string('b', 2000));
        await Stage("AAAA", first);
        await Stage("BBBB", second);
        await List("AAAA", "BBBB", "AAAA");
        var snapshot = await Snapshot("bkt/blocks");
        var current = Blocks(await server.Send("GET", "bkt/blocks?comp=blocklist", null));
        await Stage("CCCC", "c");
        await List("CCCC");

        Assert.Equal([("AAAA", "3000"), ("BBBB", "2000"), ("AAAA", "3000")], current);
        var listed = await server.Send("GET", $"bkt/blocks?comp=blocklist&blocklisttype=all&snapshot={snapshot}", null);
        Assert.Equal(current, Blocks(listed));
        var head = await server.Send("HEAD", $"bkt/blocks?snapshot={snapshot}", null);
        Assert.Equal(("8000", head.Header("ETag")), (listed.Header("x-ms-blob-content-length"), listed.Header("ETag")));
        Assert.Equal(first + second + first, (await server.Send("GET", $"bkt/blocks?snapshot={snapshot}", null)).Text);
        Assert.Equal(202, (await server.Send("DELETE", $"bkt/blocks?snapshot={snapshot}", null)).Status);
        Assert.Equal(404, (await server.Send("GET", $"bkt/blocks?comp=blocklist&snapshot={snapshot}", null)).Status);
        Assert.Equal([("CCCC", "1")], Blocks(await server.Send("GET", "bkt/blocks?comp=blocklist", null)));

        async Task Stage(string id, string body) => Assert.Equal(201, (await server.Send("PUT", $"bkt/blocks?comp=block&blockid={id}", body)).Status);

        async Task List(params string[] ids) => Assert.Equal(
            201, (await server.Send("PUT", "bkt/blocks?comp=blocklist", $"<BlockList>{string.Concat(ids.Select(id => $"<Latest>{id}</Latest>"))}</BlockList>")).Status);

        static List<(string, string)> Blocks(Answer answer) =>
            [.. XDocument.Parse(answer.Text).Descendants("Block").Select(block => (block.Element("Name")!.Value, block.Element("Size")!.Value))];
    }

    [Fact]
    public async Task Tags_and_tier_of_a_snapshot_and_of_a_version_are_their_own()
    {
        await server.S3("PUT", "/tagver");
        await server.S3("PUT", "/tagver?versioning", "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Status>Enabled</Status></VersioningConfiguration>");
        foreach (var container in new[] { "bkt", "tagver" })
        {
            var key = container + "/tagged";
            var version = (await server.Put(key, "1", "x-ms-tags: of=first")).Header("x-ms-version-id");
            var snapshot = await Snapshot(key);
            await server.Put(key, "2", "x-ms-tags: of=blob");
            var current = await server.Send("HEAD", key, null);
            List<string> others = version is null ? [$"snapshot={snapshot}"] : [$"snapshot={snapshot}", $"versionid={version}"];
            foreach (var other in others)
            {
                var before = await server.Send("HEAD", $"{key}?{other}", null);
                Assert.Contains("<Value>first</Value>", (await server.Send("GET", $"{key}?comp=tags&{other}", null)).Text, StringComparison.Ordinal);
                Assert.Equal(204, (await SetTags($"{key}?comp=tags&{other}")).Status);
                Assert.Contains("<Value>own</Value>", (await server.Send("GET", $"{key}?comp=tags&{other}", null)).Text, StringComparison.Ordinal);
                Assert.Equal(200, (await server.Send("PUT", $"{key}?comp=tier&{other}", null, "x-ms-access-tier: Archive")).Status);
                Assert.Equal((409, "BlobArchived"), await server.Send("GET", $"{key}?{other}", null) is var archived ? (archived.Status, archived.Code) : default);
                Assert.Equal(202, (await server.Send("PUT", $"{key}?comp=tier&{other}", null, "x-ms-access-tier: Cool")).Status);
                var after = await server.Send("GET", $"{key}?{other}", null);
                Assert.Equal(("1", "Cool", before.Header("ETag")), (after.Text, after.Header("x-ms-access-tier"), after.Header("ETag")));
                Assert.Equal((412, "ConditionNotMet"), await SetTags($"{key}?comp=tags&{other}", "x-ms-if-tags: \"of\" = 'blob'") is var failed ? (failed.Status, failed.Code) : default);
            }
            var still = await server.Send("HEAD", key, null);
            Assert.Equal((current.Header("ETag"), current.Header("x-ms-access-tier")), (still.Header("ETag"), still.Header("x-ms-access-tier")));
            Assert.Contains("<Value>blob</Value>", (await server.Send("GET", $"{key}?comp=tags", null)).Text, StringComparison.Ordinal);
            var listed = XDocument.Parse((await server.Send("GET", $"{container}?restype=container&comp=list&prefix=tagged&include=tags,snapshots", null)).Text);
            Assert.Equal(
                [("own", "Cool"), ("blob", current.Header("x-ms-access-tier")!)],
                listed.Descendants("Blob").Select(blob => (blob.Descendants("Value").Single().Value, blob.Descendants("AccessTier").Single().Value)));

            Assert.Equal((404, "BlobNotFound"), await SetTags($"{key}?comp=tags&snapshot=2020-01-01T00:00:00.0000000Z") is var absent ? (absent.Status, absent.Code) : default);
            Assert.Equal(404, (await server.Send("PUT", $"{key}?comp=tier&snapshot=2020-01-01T00:00:00.0000000Z", null, "x-ms-access-tier: Hot")).Status);
            Assert.Equal((400, "InvalidQueryParameterValue"), await SetTags($"{key}?comp=tags&snapshot={snapshot}&versionid=null") is var both ? (both.Status, both.Code) : default);
            Assert.Equal(400, (await server.Send("PUT", $"{key}?comp=metadata&snapshot={snapshot}", null, "x-ms-meta-a: b")).Status);
        }

        Task<Answer> SetTags(string target, params string[] headers) =>
            server.Send("PUT", target, "<Tags><TagSet><Tag><Key>of</Key><Value>own</Value></Tag></TagSet></Tags>", headers);
    }

    [Fact]
    public async Task A_blob_with_snapshots_is_deleted_with_them_or_not_at_all()
    {
        await server.Put("bkt/base", "x");
        var first = await Snapshot("bkt/base");
        await Snapshot("bkt/base");
        await server.Put("bkt/base", "y");
        var refused = await server.Send("DELETE", "bkt/base", null);
        Assert.Equal((409, "SnapshotsPresent"), (refused.Status, refused.Code));
        var s3 = await server.S3("DELETE", "/bkt/base");
        Assert.Equal((409, "OperationAborted"), (s3.Status, s3.Code));
        Assert.Equal(202, (await server.Send("DELETE", $"bkt/base?snapshot={first}", null)).Status);
        Assert.Equal(404, (await server.Send("DELETE", $"bkt/base?snapshot={first}", null)).Status);
        Assert.Equal(409, (await server.Send("DELETE", "bkt/base", null)).Status);
        Assert.Equal(202, (await server.Send("DELETE", "bkt/base", null, "x-ms-delete-snapshots: only")).Status);
        Assert.Equal("y", (await server.Send("GET", "bkt/base", null)).Text);
        Assert.Equal(202, (await server.Send("DELETE", "bkt/base", null)).Status);

        await server.Put("bkt/all", "x");
        await Snapshot("bkt/all");
        Assert.Equal(400, (await server.Send("DELETE", "bkt/all", null, "x-ms-delete-snapshots: some")).Status);
        Assert.Equal(202, (await server.Send("DELETE", "bkt/all", null, "x-ms-delete-snapshots: include")).Status);
        Assert.Equal(404, (await server.Send("GET", "bkt/all", null)).Status);
        Assert.Empty((await server.S3("GET", "/bkt?versions&prefix=all")).Elements("Key"));
    }

    [Fact]
    public async Task S3_removes_snapshots_as_versions_and_then_the_object()
    {
        await server.Put("bkt/by-s3", "x");
        await Snapshot("bkt/by-s3");
        var ids = (await server.S3("GET", "/bkt?versions&prefix=by-s3")).Elements("VersionId");
        Assert.Equal(2, ids.Count);
        Assert.Equal("null", ids[0]);
        Assert.Equal(204, (await server.S3("DELETE", $"/bkt/by-s3?versionId={ids[1]}")).Status);
        Assert.Equal(204, (await server.S3("DELETE", "/bkt/by-s3")).Status);
    }

    [Fact]
    public async Task In_a_versioned_bucket_snapshots_stay_behind_a_delete_marker()
    {
        await server.S3("PUT", "/snapver");
        await server.S3("PUT", "/snapver?versioning", "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Status>Enabled</Status></VersioningConfiguration>");
        await server.Put("snapver/a", "1");
        var snapshot = await Snapshot("snapver/a");
        var current = (await server.Put("snapver/a", "2")).Header("x-ms-version-id");
        Assert.Equal(409, (await server.Send("DELETE", "snapver/a", null)).Status);
        Assert.Equal(204, (await server.S3("DELETE", "/snapver/a")).Status);
        Assert.Equal("1", (await server.Send("GET", $"snapver/a?snapshot={snapshot}", null)).Text);
        Assert.Equal("2", (await server.Send("GET", $"snapver/a?versionid={current}", null)).Text);
        Assert.Equal(4, (await server.S3("GET", "/snapver?versions&prefix=a")).Elements("VersionId").Count);
    }
}
