using System.Xml.Linq;
using ZenkoFunctions.Api.Tests.Operations;

namespace ZenkoFunctions.Api.Tests.Blob;

/// <summary>Incremental copies: snapshots of a page blob become snapshots of another.</summary>
public sealed class IncrementalCopyTests(BlobFixture fixture) : IClassFixture<BlobFixture>
{
    private const long Size = 12L << 20;

    [Fact]
    public async Task Each_snapshot_of_the_source_becomes_one_of_the_target()
    {
        await Make("bkt/disk");
        await Write("bkt/disk", 0, 'a');
        await Write("bkt/disk", 8 << 20, 'b');
        var first = await Snapshot("bkt/disk");
        await Write("bkt/disk", 8 << 20, 'c');
        await Write("bkt/disk", 4 << 20, 'd');
        await fixture.Send("PUT", "bkt/disk?comp=page", null, "x-ms-page-write: clear", "x-ms-range: bytes=0-511");
        var second = await Snapshot("bkt/disk");

        var begun = await Copy("bkt/backup", "bkt/disk", first);
        Assert.Equal((202, "pending"), (begun.Status, begun.Header("x-ms-copy-status")));
        var one = await Ended("bkt/backup");
        Assert.Equal(
            ("success", begun.Header("x-ms-copy-id"), "true", "PageBlob", $"{Size}/{Size}"),
            (one.Header("x-ms-copy-status"), one.Header("x-ms-copy-id"), one.Header("x-ms-incremental-copy"), one.Header("x-ms-blob-type"), one.Header("x-ms-copy-progress")));
        Assert.Equal(202, (await Copy("bkt/backup", "bkt/disk", second)).Status);
        var two = await Ended("bkt/backup");
        var (old, young) = (one.Header("x-ms-copy-destination-snapshot")!, two.Header("x-ms-copy-destination-snapshot")!);
        Assert.NotEqual(old, young);
        Assert.Equal(("a", "\0", "b"), await Pages(old));
        Assert.Equal(("\0", "d", "c"), await Pages(young));
        var diff = await fixture.Send("GET", $"bkt/backup?comp=pagelist&snapshot={young}&prevsnapshot={old}", null);
        var since = await fixture.Send("GET", $"bkt/disk?comp=pagelist&snapshot={second}&prevsnapshot={first}", null);
        Assert.Equal(since.Text, diff.Text);
        var told = await fixture.Send("HEAD", $"bkt/backup?snapshot={young}", null);
        Assert.Equal(("true", "b", $"{Size}"), (told.Header("x-ms-incremental-copy"), told.Header("x-ms-meta-a"), told.Header("Content-Length")));
        var listed = XDocument.Parse((await fixture.Send("GET", "bkt?restype=container&comp=list&prefix=backup&include=snapshots,copy", null)).Text).Descendants("Blob").ToList();
        Assert.Equal([old, young, null], listed.Select(blob => blob.Element("Snapshot")?.Value));
        Assert.All(listed, blob => Assert.Equal("true", blob.Descendants("IncrementalCopy").Single().Value));
        Assert.Equal(young, listed[^1].Descendants("DestinationSnapshot").Single().Value);

        // A copy of one of its snapshots is a page blob like any other; and where the one before is gone all is copied.
        Assert.Equal(202, (await fixture.Send("PUT", "bkt/again", null, "x-ms-copy-source: " + fixture.Url($"bkt/backup?snapshot={young}"))).Status);
        Assert.Equal(("success", null), (await Ended("bkt/again")) is var again ? (again.Header("x-ms-copy-status"), again.Header("x-ms-incremental-copy")) : default);
        Assert.Equal(202, (await fixture.Send("DELETE", $"bkt/backup?snapshot={young}", null)).Status);
        await Write("bkt/disk", 0, 'e');
        Assert.Equal(202, (await Copy("bkt/backup", "bkt/disk", await Snapshot("bkt/disk"))).Status);
        Assert.Equal(("e", "d", "c"), await Pages((await Ended("bkt/backup")).Header("x-ms-copy-destination-snapshot")!));
        Assert.Equal(("a", "\0", "b"), await Pages(old));

        async Task<(string, string, string)> Pages(string snapshot) => (await At(snapshot, 0), await At(snapshot, 4 << 20), await At(snapshot, 8 << 20));

        async Task<string> At(string snapshot, int offset) =>
            new([.. (await fixture.Send("GET", $"bkt/backup?snapshot={snapshot}", null, $"x-ms-range: bytes={offset}-{offset + 511}")).Text.Distinct()]);
    }

    [Fact]
    public async Task Nothing_else_writes_the_target_and_only_its_snapshots_are_read()
    {
        await Make("bkt/small", 1024);
        var snapshot = await Snapshot("bkt/small");
        await fixture.Put("bkt/block", "x");
        Assert.Equal("success", (await Copy("bkt/target", "bkt/small", snapshot)).Header("x-ms-copy-status"));
        var before = await fixture.Send("HEAD", "bkt/target", null);
        foreach (var (verb, target, headers) in new (string, string, string[])[]
        {
            ("GET", "bkt/target", []),
            ("GET", "bkt/target?comp=pagelist", []),
            ("PUT", "bkt/target?comp=page", ["x-ms-page-write: clear", "x-ms-range: bytes=0-511"]),
            ("PUT", "bkt/target?comp=metadata", ["x-ms-meta-a: b"]),
            ("PUT", "bkt/target?comp=properties", ["x-ms-blob-content-type: text/plain"]),
            ("PUT", "bkt/target?comp=snapshot", []),
            ("PUT", "bkt/target", ["x-ms-blob-type: PageBlob", "x-ms-blob-content-length: 512"]),
            ("PUT", "bkt/target", ["x-ms-copy-source: " + fixture.Url("bkt/small")]),
        })
            Assert.Equal((409, "OperationNotAllowedOnIncrementalCopyBlob"), Told(await fixture.Send(verb, target, null, headers)));
        Assert.Equal((409, "CannotVerifyCopySource"), Told(await fixture.Send("PUT", "bkt/other", null, "x-ms-copy-source: " + fixture.Url("bkt/target"))));

        Assert.Equal((409, "IncrementalCopyOfEarlierVersionSnapshotNotAllowed"), Told(await Copy("bkt/target", "bkt/small", snapshot)));
        Assert.Equal((409, "IncrementalCopySourceMustBeSnapshot"), Told(await fixture.Send("PUT", "bkt/target?comp=incrementalcopy", null, "x-ms-copy-source: " + fixture.Url("bkt/small"))));
        Assert.Equal((404, "CannotVerifyCopySource"), Told(await Copy("bkt/target", "bkt/small", "2020-01-01T00:00:00.0000000Z")));
        await Make("bkt/another", 1024);
        Assert.Equal((409, "IncrementalCopyBlobMismatch"), Told(await Copy("bkt/target", "bkt/another", await Snapshot("bkt/another"))));
        Assert.Equal((409, "IncrementalCopyBlobMismatch"), Told(await Copy("bkt/another", "bkt/small", snapshot)));
        Assert.Equal((409, "InvalidBlobType"), Told(await Copy("bkt/new", "bkt/block", await Snapshot("bkt/block"))));
        Assert.Equal((412, "ConditionNotMet"), Told(await Copy("bkt/target", "bkt/small", await Snapshot("bkt/small"), "If-Match: \"0x1\"")));
        fixture.Letters = "c";
        Assert.Equal(403, (await Copy("bkt/target", "bkt/small", snapshot)).Status);
        fixture.Letters = null;
        await fixture.Send("DELETE", "bkt/small", null, "x-ms-delete-snapshots: include");
        await Make("bkt/small", 1024);
        Assert.Equal((409, "BlobOverwritten"), Told(await Copy("bkt/target", "bkt/small", await Snapshot("bkt/small"))));
        var after = await fixture.Send("HEAD", "bkt/target", null);
        Assert.Equal((before.Header("ETag"), before.Header("x-ms-copy-id")), (after.Header("ETag"), after.Header("x-ms-copy-id")));

        Assert.Equal((409, "SnapshotsPresent"), Told(await fixture.Send("DELETE", "bkt/target", null)));
        Assert.Equal(202, (await fixture.Send("DELETE", "bkt/target", null, "x-ms-delete-snapshots: include")).Status);
        Assert.Empty((await fixture.S3("GET", "/bkt?versions&prefix=target")).Elements("Key"));

        static (int, string?) Told(Answer answer) => (answer.Status, answer.Code);
    }

    [Fact]
    public async Task In_a_container_with_versions_S3_may_remove_the_target_and_its_snapshot_is_a_blob_then()
    {
        await fixture.S3("PUT", "/incver");
        await fixture.S3("PUT", "/incver?versioning", "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Status>Enabled</Status></VersioningConfiguration>");
        await Make("incver/disk", 1024);
        await Write("incver/disk", 512, 'a');
        Assert.Equal("success", (await Copy("incver/backup", "incver/disk", await Snapshot("incver/disk"))).Header("x-ms-copy-status"));
        var ids = (await fixture.S3("GET", "/incver?versions&prefix=backup")).Elements("VersionId");
        Assert.Equal(2, ids.Count);
        Assert.Equal(204, (await fixture.S3("DELETE", $"/incver/backup?versionId={ids[0]}")).Status);
        var blob = await fixture.Send("GET", "incver/backup", null);
        Assert.Equal((new string('\0', 512) + new string('a', 512), "PageBlob", null), (blob.Text, blob.Header("x-ms-blob-type"), blob.Header("x-ms-incremental-copy")));
        await Write("incver/backup", 0, 'b');
    }

    private Task<Answer> Copy(string target, string source, string snapshot, params string[] headers) =>
        fixture.Send("PUT", target + "?comp=incrementalcopy", null, ["x-ms-copy-source: " + fixture.Url($"{source}?snapshot={snapshot}"), .. headers]);

    private async Task Make(string key, long size = Size) => Assert.Equal(
        201, (await fixture.Send("PUT", key, null, "x-ms-blob-type: PageBlob", $"x-ms-blob-content-length: {size}", "x-ms-meta-a: b")).Status);

    private async Task Write(string key, int offset, char fill) => Assert.Equal(
        201, (await fixture.Send("PUT", key + "?comp=page", new string(fill, 512), "x-ms-page-write: update", $"x-ms-range: bytes={offset}-{offset + 511}")).Status);

    private async Task<string> Snapshot(string key) => (await fixture.Send("PUT", key + "?comp=snapshot", null)).Header("x-ms-snapshot")!;

    private async Task<Answer> Ended(string target)
    {
        Answer told;
        do told = await fixture.Send("HEAD", target, null);
        while (told.Header("x-ms-copy-status") == "pending");
        return told;
    }
}
