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
