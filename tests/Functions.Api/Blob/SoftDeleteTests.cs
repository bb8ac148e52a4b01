using ZenkoFunctions.Api.Tests.Operations;

namespace ZenkoFunctions.Api.Tests.Blob;

/// <summary>Soft delete: what is deleted is kept for the days that the service's properties say, and is brought back by Undelete Blob.</summary>
public sealed class SoftDeleteTests(BlobFixture server) : IClassFixture<BlobFixture>, IAsyncLifetime
{
    private static string Retention(bool isEnabled, string more = "") =>
        $"<StorageServiceProperties><DeleteRetentionPolicy><Enabled>{(isEnabled ? "true" : "false")}</Enabled>{(isEnabled ? "<Days>7</Days>" : "")}{more}</DeleteRetentionPolicy></StorageServiceProperties>";

    public async Task InitializeAsync() => await Set(Retention(true));

    public async Task DisposeAsync() => await Set(Retention(false));

    private async Task Set(string properties) => Assert.Equal(202, (await server.Send("PUT", "?restype=service&comp=properties", properties)).Status);

    private async Task<Answer> List(string prefix, string include) => await server.Send("GET", $"bkt?restype=container&comp=list&prefix={prefix}&include={include}", null);

    [Theory]
    [InlineData(5)]
    [InlineData(5000)]
    public async Task A_deleted_blob_is_listed_on_request_and_comes_back(int size)
    {
        var (key, body) = ($"bkt/{size}-back", new string('a', size));
        await server.Put(key, body, "x-ms-meta-v: 1", "x-ms-tags: a=b");
        var deleted = await server.Send("DELETE", key, null);
        Assert.Equal((202, "false"), (deleted.Status, deleted.Header("x-ms-delete-type-permanent")));
        foreach (var gone in new[] { await server.Send("GET", key, null), await server.Send("HEAD", key, null), await server.Send("DELETE", key, null) }) Assert.Equal(404, gone.Status);
        Assert.Equal(404, (await server.S3("GET", "/" + key)).Status);
        Assert.Empty((await server.S3("GET", $"/bkt?list-type=2&prefix={size}-back")).Elements("Key"));
        Assert.Empty((await server.S3("GET", $"/bkt?versions&prefix={size}-back")).Elements("Key"));
        Assert.Empty((await List($"{size}-back", "snapshots,versions")).Elements("Name"));

        var listed = await List($"{size}-back", "deleted,metadata,tags");
        Assert.Equal([$"{size}-back"], listed.Elements("Name"));
        Assert.Equal(["true"], listed.Elements("Deleted"));
        Assert.Equal(["6"], listed.Elements("RemainingRetentionDays"));
        Assert.Single(listed.Elements("DeletedTime"));
        Assert.Equal(["1"], listed.Elements("v"));

        Assert.Equal(200, (await server.Send("PUT", key + "?comp=undelete", null)).Status);
        var read = await server.Send("GET", key, null);
        Assert.Equal((body, "1"), (read.Text, read.Header("x-ms-meta-v")));
        Assert.Equal(body, (await server.S3("GET", "/" + key)).Text);
        Assert.Equal(200, (await server.Send("PUT", key + "?comp=undelete", null)).Status);
        Assert.Empty((await List($"{size}-back", "deleted")).Elements("Deleted"));
    }

    [Fact]
    public async Task Nothing_is_not_brought_back()
    {
        var missing = await server.Send("PUT", "bkt/never?comp=undelete", null);
        Assert.Equal((404, "BlobNotFound"), (missing.Status, missing.Code));
        await server.Put("bkt/s3", "x");
        Assert.Equal(204, (await server.S3("DELETE", "/bkt/s3")).Status);
        Assert.Equal(404, (await server.Send("PUT", "bkt/s3?comp=undelete", null)).Status);
        await Set(Retention(false));
        await server.Put("bkt/off", "x");
        Assert.Equal("true", (await server.Send("DELETE", "bkt/off", null)).Header("x-ms-delete-type-permanent"));
        Assert.Equal(404, (await server.Send("PUT", "bkt/off?comp=undelete", null)).Status);
    }

    [Fact]
    public async Task Snapshots_are_kept_with_their_blob_and_what_is_replaced_is_kept_as_one()
    {
        await server.Put("bkt/snaps", "first");
        var made = await server.Send("PUT", "bkt/snaps?comp=snapshot", null);
        var snapshot = Uri.EscapeDataString(made.Header("x-ms-snapshot")!);
        await server.Put("bkt/snaps", "second");
        Assert.Equal(409, (await server.Send("DELETE", "bkt/snaps", null)).Status);
        Assert.Equal("false", (await server.Send("DELETE", $"bkt/snaps?snapshot={snapshot}", null)).Header("x-ms-delete-type-permanent"));
        Assert.Equal(404, (await server.Send("GET", $"bkt/snaps?snapshot={snapshot}", null)).Status);
        Assert.Equal(202, (await server.Send("DELETE", "bkt/snaps", null)).Status);
        Assert.Equal(["true"], (await List("snaps", "deleted")).Elements("Deleted"));
        var all = await List("snaps", "deleted,snapshots");
        Assert.Equal((3, 2), (all.Elements("Deleted").Count, all.Elements("Snapshot").Count));
        Assert.Equal(200, (await server.Send("PUT", "bkt/snaps?comp=undelete", null)).Status);
        Assert.Equal("second", (await server.Send("GET", "bkt/snaps", null)).Text);
        Assert.Equal("first", (await server.Send("GET", $"bkt/snaps?snapshot={snapshot}", null)).Text);
        Assert.Equal(2, (await List("snaps", "snapshots")).Elements("Snapshot").Count);
    }

    [Fact]
    public async Task A_new_blob_of_the_name_hides_the_deleted_one_until_that_is_a_snapshot_of_it()
    {
        await server.Put("bkt/anew", "old");
        await server.Send("DELETE", "bkt/anew", null);
        await server.S3("PUT", "/bkt/anew", "new");
        Assert.Empty((await List("anew", "deleted")).Elements("Deleted"));
        var listed = await List("anew", "deleted,snapshots");
        Assert.Equal((1, 1, 2), (listed.Elements("Deleted").Count, listed.Elements("Snapshot").Count, listed.Elements("Name").Count));
        await server.Send("PUT", "bkt/anew?comp=undelete", null);
        Assert.Equal("new", (await server.Send("GET", "bkt/anew", null)).Text);
        var snapshot = Uri.EscapeDataString((await List("anew", "snapshots")).Elements("Snapshot").Single());
        Assert.Equal("old", (await server.Send("GET", $"bkt/anew?snapshot={snapshot}", null)).Text);
    }

    [Fact]
    public async Task A_deleted_snapshot_is_removed_for_good_where_the_account_allows_it()
    {
        await server.Put("bkt/purge", "x");
        var snapshot = Uri.EscapeDataString((await server.Send("PUT", "bkt/purge?comp=snapshot", null)).Header("x-ms-snapshot")!);
        await server.Send("DELETE", $"bkt/purge?snapshot={snapshot}", null);
        Assert.Equal(409, (await server.Send("DELETE", $"bkt/purge?snapshot={snapshot}&deletetype=permanent", null)).Status);
        await Set(Retention(true, "<AllowPermanentDelete>true</AllowPermanentDelete>"));
        Assert.Equal(400, (await server.Send("DELETE", "bkt/purge?deletetype=permanent", null)).Status);
        var purged = await server.Send("DELETE", $"bkt/purge?snapshot={snapshot}&deletetype=permanent", null);
        Assert.Equal((202, "true"), (purged.Status, purged.Header("x-ms-delete-type-permanent")));
        Assert.Empty((await List("purge", "deleted,snapshots")).Elements("Deleted"));
    }

    [Fact]
    public async Task In_a_container_with_versions_the_delete_marker_goes()
    {
        Assert.Equal(200, (await server.S3("PUT", "/versioned")).Status);
        await server.S3("PUT", "/versioned?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
        await server.Put("versioned/a", "x");
        await server.Send("DELETE", "versioned/a", null);
        Assert.Equal(404, (await server.Send("GET", "versioned/a", null)).Status);
        Assert.Equal(200, (await server.Send("PUT", "versioned/a?comp=undelete", null)).Status);
        Assert.Equal("x", (await server.Send("GET", "versioned/a", null)).Text);
    }

    [Fact]
    public async Task A_container_goes_with_what_is_kept_in_it()
    {
        await server.Send("PUT", "short?restype=container", null);
        await server.Put("short/a", new string('a', 5000));
        await server.Put("short/a", "b");
        await server.Send("DELETE", "short/a", null);
        Assert.Equal(202, (await server.Send("DELETE", "short?restype=container", null)).Status);
        for (var made = 0; made != 201; made = (await server.Send("PUT", "short?restype=container", null)).Status) await Task.Yield();
        Assert.Empty((await server.Send("GET", "short?restype=container&comp=list&include=deleted,snapshots", null)).Elements("Name"));
        Assert.Equal(404, (await server.Send("PUT", "short/a?comp=undelete", null)).Status);
    }
}
