using ZenkoFunctions.Api.Tests.Operations;

namespace ZenkoFunctions.Api.Tests.Blob;

public sealed class PageBlobTests(BlobFixture fixture) : IClassFixture<BlobFixture>
{
    private static readonly string Zeros = new('\0', 512), A = new('a', 512), B = new('b', 512);

    [Fact]
    public async Task Pages_are_written_anywhere_read_by_both_protocols_and_listed()
    {
        await Make("bkt/disk", 4096, "x-ms-blob-sequence-number: 3", "x-ms-blob-content-type: x/disk", "x-ms-meta-a: b");
        var made = await fixture.Send("HEAD", "bkt/disk", null);
        Assert.Equal(("PageBlob", "3", "4096", "x/disk"), (made.Header("x-ms-blob-type"), made.Header("x-ms-blob-sequence-number"), made.Header("Content-Length"), made.Header("Content-Type")));
        Assert.Null(made.Header("x-ms-access-tier"));
        var written = await Write("bkt/disk", "512-1535", A + B);
        Assert.Equal((201, "3"), (written.Status, written.Header("x-ms-blob-sequence-number")));
        Assert.NotNull(written.Header("x-ms-content-crc64"));
        Assert.NotEqual(made.Header("ETag"), written.Header("ETag"));
        Assert.Equal(Zeros + A + B + Zeros, (await fixture.Send("GET", "bkt/disk", null, "x-ms-range: bytes=0-2047")).Text);

        var before = await fixture.S3("GET", "/bkt/disk");
        Assert.Equal((4096, 200), (before.Text.Length, before.Status));
        Assert.EndsWith("-1\"", before.Header("ETag"), StringComparison.Ordinal);
        var ranged = await fixture.S3("GET", "/bkt/disk", "", "Range: bytes=1000-1030");
        Assert.Equal((206, new string('a', 24) + "bbbbbbb", "bytes 1000-1030/4096"), (ranged.Status, ranged.Text, ranged.Header("Content-Range")));

        Assert.Equal(201, (await fixture.Send("PUT", "bkt/disk?comp=page", null, "x-ms-page-write: clear", "x-ms-range: bytes=512-1023")).Status);
        Assert.Equal(201, (await Write("bkt/disk", "3584-4095", A)).Status);
        Assert.NotEqual(before.Header("ETag"), (await fixture.S3("HEAD", "/bkt/disk")).Header("ETag"));
        var list = await fixture.Send("GET", "bkt/disk?comp=pagelist", null);
        Assert.Equal((200, "4096"), (list.Status, list.Header("x-ms-blob-content-length")));
        Assert.Contains("<PageRange><Start>1024</Start><End>1535</End></PageRange><PageRange><Start>3584</Start><End>4095</End></PageRange></PageList>", list.Text, StringComparison.Ordinal);
        var page = await fixture.Send("GET", "bkt/disk?comp=pagelist&maxresults=1", null);
        Assert.Equal(["1024"], page.Elements("Start"));
        var rest = await fixture.Send("GET", "bkt/disk?comp=pagelist&marker=" + page.Elements("NextMarker")[0], null);
        Assert.Equal(["3584"], rest.Elements("Start"));
        Assert.Equal(["1024"], (await fixture.Send("GET", "bkt/disk?comp=pagelist", null, "x-ms-range: bytes=0-3000")).Elements("Start"));

        Assert.Equal(202, (await fixture.Send("DELETE", "bkt/disk", null)).Status);
        Assert.Equal(404, (await fixture.Send("GET", "bkt/disk", null)).Status);
    }

    [Fact]
    public async Task The_size_the_sequence_number_and_the_properties_are_set()
    {
        await Make("bkt/set", 1024, "x-ms-blob-content-type: x/y");
        await Write("bkt/set", "512-1023", A);
        var resized = await fixture.Send("PUT", "bkt/set?comp=properties", null, "x-ms-blob-content-length: 512");
        Assert.Equal((200, "0"), (resized.Status, resized.Header("x-ms-blob-sequence-number")));
        Assert.Equal(200, (await fixture.Send("PUT", "bkt/set?comp=properties", null, "x-ms-blob-content-length: 1536")).Status);
        var read = await fixture.Send("GET", "bkt/set", null);
        Assert.Equal((Zeros + Zeros + Zeros, "x/y"), (read.Text, read.Header("Content-Type")));
        Assert.Equal("7", await Sequence("update", "7"));
        Assert.Equal("7", await Sequence("max", "5"));
        Assert.Equal("9", await Sequence("max", "9"));
        Assert.Equal("10", await Sequence("increment", null));
        Assert.Equal((400, "InvalidHeaderValue"), Told(await fixture.Send("PUT", "bkt/set?comp=properties", null, "x-ms-sequence-number-action: increment", "x-ms-blob-sequence-number: 1")));
        Assert.Equal((400, "MissingRequiredHeader"), Told(await fixture.Send("PUT", "bkt/set?comp=properties", null, "x-ms-sequence-number-action: max")));
        Assert.Equal("9223372036854775807", await Sequence("update", "9223372036854775807"));
        Assert.Equal((409, "SequenceNumberIncrementTooLarge"), Told(await fixture.Send("PUT", "bkt/set?comp=properties", null, "x-ms-sequence-number-action: increment")));
        Assert.Equal("x/y", (await fixture.Send("HEAD", "bkt/set", null)).Header("Content-Type"));
        await fixture.Send("PUT", "bkt/set?comp=properties", null, "x-ms-blob-content-type: x/z");
        Assert.Equal("x/z", (await fixture.Send("HEAD", "bkt/set", null)).Header("Content-Type"));

        async Task<string?> Sequence(string action, string? number) => (await fixture.Send(
            "PUT", "bkt/set?comp=properties", null, [$"x-ms-sequence-number-action: {action}", .. number is null ? Array.Empty<string>() : [$"x-ms-blob-sequence-number: {number}"]])).Header("x-ms-blob-sequence-number");
    }

    [Fact]
    public async Task Conditions_and_checksums_are_looked_at()
    {
        await Make("bkt/if", 1024, "x-ms-blob-sequence-number: 4");
        foreach (var (condition, status) in new[] { ("le: 3", 412), ("le: 4", 201), ("lt: 4", 412), ("lt: 5", 201), ("eq: 5", 412), ("eq: 4", 201) })
        {
            var answer = await Write("bkt/if", "0-511", A, "x-ms-if-sequence-number-" + condition);
            Assert.Equal(status, answer.Status);
            if (status == 412) Assert.Equal("SequenceNumberConditionNotMet", answer.Code);
        }
        Assert.Equal((412, "ConditionNotMet"), Told(await Write("bkt/if", "0-511", A, "If-Match: \"0x8\"")));
        Assert.Equal((400, "Md5Mismatch"), Told(await Write("bkt/if", "0-511", A, "Content-MD5: AAAAAAAAAAAAAAAAAAAAAA==")));
        Assert.Equal((400, "Crc64Mismatch"), Told(await Write("bkt/if", "0-511", A, "x-ms-content-crc64: AAAAAAAAAAA=")));
        var lease = await fixture.Send("PUT", "bkt/if?comp=lease", null, "x-ms-lease-action: acquire", "x-ms-lease-duration: -1");
        Assert.Equal((412, "LeaseIdMissing"), Told(await Write("bkt/if", "0-511", B)));
        Assert.Equal(201, (await Write("bkt/if", "0-511", B, "x-ms-lease-id: " + lease.Header("x-ms-lease-id"))).Status);
        Assert.Equal(409, (await fixture.S3("PUT", "/bkt/if", "x")).Status);
    }

    [Fact]
    public async Task What_cannot_be_is_refused()
    {
        await Make("bkt/no", 1024);
        await fixture.Put("bkt/block", "x");
        Assert.Equal((409, "InvalidBlobType"), Told(await Write("bkt/block", "0-511", A)));
        Assert.Equal((409, "InvalidBlobType"), Told(await fixture.Send("GET", "bkt/block?comp=pagelist", null)));
        Assert.Equal((409, "InvalidBlobType"), Told(await fixture.Send("PUT", "bkt/block?comp=properties", null, "x-ms-blob-content-length: 512")));
        Assert.Equal((409, "InvalidBlobType"), Told(await fixture.Send("PUT", "bkt/no?comp=appendblock", "x")));
        Assert.Equal((409, "InvalidBlobType"), Told(await fixture.Send("PUT", "bkt/no?comp=block&blockid=YQ%3D%3D", "x")));
        Assert.Equal((404, "BlobNotFound"), Told(await Write("bkt/nothing", "0-511", A)));
        Assert.Equal((416, "InvalidPageRange"), Told(await Write("bkt/no", "1024-1535", A)));
        Assert.Equal((416, "InvalidPageRange"), Told(await Write("bkt/no", "1-512", A)));
        Assert.Equal((416, "InvalidPageRange"), Told(await Write("bkt/no", "0-510", A)));
        Assert.Equal((400, "InvalidHeaderValue"), Told(await Write("bkt/no", "0-1023", A)));
        Assert.Equal((416, "InvalidPageRange"), Told(await fixture.Send("GET", "bkt/no?comp=pagelist", null, "x-ms-range: bytes=2048-4095")));
        Assert.Equal((400, "InvalidHeaderValue"), Told(await fixture.Send("PUT", "bkt/no?comp=page", A, "x-ms-page-write: scratch", "x-ms-range: bytes=0-511")));
        Assert.Equal((400, "InvalidHeaderValue"), Told(await fixture.Send("PUT", "bkt/no?comp=page", A, "x-ms-page-write: clear", "x-ms-range: bytes=0-511")));
        Assert.Equal((400, "InvalidHeaderValue"), Told(await fixture.Send("PUT", "bkt/odd", null, "x-ms-blob-type: PageBlob", "x-ms-blob-content-length: 511")));
        Assert.Equal((400, "InvalidHeaderValue"), Told(await fixture.Send("PUT", "bkt/odd", null, "x-ms-blob-type: PageBlob", "x-ms-blob-content-length: 8796093022720")));
        Assert.Equal((400, "MissingRequiredHeader"), Told(await fixture.Send("PUT", "bkt/odd", null, "x-ms-blob-type: PageBlob")));
        Assert.Equal((413, "RequestBodyTooLarge"), Told(await fixture.Send("PUT", "bkt/no?comp=page", new('x', (4 << 20) + 512), "x-ms-page-write: update", "x-ms-range: bytes=0-4194815")));
        Assert.Equal((409, "BlobAlreadyExists"), Told(await fixture.Send("PUT", "bkt/no", null, "x-ms-blob-type: PageBlob", "x-ms-blob-content-length: 512", "If-None-Match: *")));
        Assert.Equal(new string('\0', 1024), (await fixture.Send("GET", "bkt/no", null)).Text);
    }

    [Fact]
    public async Task Snapshots_tell_their_pages_and_what_has_changed_since_they_were_made()
    {
        await Make("bkt/snapped", 2048);
        await Write("bkt/snapped", "0-1023", A + A);
        var first = (await fixture.Send("PUT", "bkt/snapped?comp=snapshot", null)).Header("x-ms-snapshot")!;
        await Write("bkt/snapped", "512-1023", B);
        await fixture.Send("PUT", "bkt/snapped?comp=page", null, "x-ms-page-write: clear", "x-ms-range: bytes=0-511");
        var second = (await fixture.Send("PUT", "bkt/snapped?comp=snapshot", null)).Header("x-ms-snapshot")!;
        await Write("bkt/snapped", "1536-2047", B);
        Assert.Contains("<PageList><PageRange><Start>0</Start><End>1023</End></PageRange></PageList>", (await List($"snapshot={first}")).Text, StringComparison.Ordinal);
        const string Changes = "<ClearRange><Start>0</Start><End>511</End></ClearRange><PageRange><Start>512</Start><End>1023</End></PageRange>";
        Assert.Contains($"<PageList>{Changes}</PageList>", (await List($"snapshot={second}&prevsnapshot={first}")).Text, StringComparison.Ordinal);
        const string Last = "<PageRange><Start>1536</Start><End>2047</End></PageRange>";
        Assert.Contains($"<PageList>{Changes}{Last}</PageList>", (await List($"prevsnapshot={first}")).Text, StringComparison.Ordinal);
        Assert.Contains($"<PageList>{Last}</PageList>", (await List("", "x-ms-previous-snapshot-url: " + fixture.Url($"bkt/snapped?snapshot={second}"))).Text, StringComparison.Ordinal);
        Assert.Equal(A + A, (await fixture.Send("GET", $"bkt/snapped?snapshot={first}", null)).Text[..1024]);
        Assert.Equal((400, "PreviousSnapshotCannotBeNewer"), Told(await List($"snapshot={first}&prevsnapshot={second}")));
        Assert.Equal((409, "PreviousSnapshotNotFound"), Told(await List("prevsnapshot=2020-01-01T00:00:00.0000000Z")));
        Assert.Equal((400, "InvalidHeaderValue"), Told(await List("", "x-ms-previous-snapshot-url: " + fixture.Url($"bkt/another?snapshot={second}"))));
        Assert.Equal((400, "InvalidHeaderValue"), Told(await List($"prevsnapshot={first}", "x-ms-previous-snapshot-url: " + fixture.Url($"bkt/snapped?snapshot={second}"))));
        await Make("bkt/snapped", 2048);
        Assert.Equal((409, "BlobOverwritten"), Told(await List($"prevsnapshot={first}")));

        Task<Answer> List(string query, params string[] headers) => fixture.Send("GET", $"bkt/snapped?comp=pagelist&{query}", null, headers);
    }

    [Fact]
    public async Task Pages_are_read_from_another_blob()
    {
        await Make("bkt/to", 1024);
        await fixture.Put("bkt/source", A + B + A);
        var copied = await fixture.Send(
            "PUT", "bkt/to?comp=page", null, "x-ms-page-write: update", "x-ms-copy-source: " + fixture.Url("bkt/source"), "x-ms-source-range: bytes=512-1023", "x-ms-range: bytes=512-1023");
        Assert.Equal(201, copied.Status);
        Assert.Equal(Zeros + B, (await fixture.Send("GET", "bkt/to", null)).Text);
        Assert.Equal((400, "InvalidHeaderValue"), Told(await fixture.Send(
            "PUT", "bkt/to?comp=page", null, "x-ms-page-write: update", "x-ms-copy-source: " + fixture.Url("bkt/source"), "x-ms-source-range: bytes=512-1024", "x-ms-range: bytes=512-1023")));
    }

    private async Task Make(string target, long size, params string[] headers) =>
        Assert.Equal(201, (await fixture.Send("PUT", target, null, [.. headers, "x-ms-blob-type: PageBlob", $"x-ms-blob-content-length: {size}"])).Status);

    private Task<Answer> Write(string target, string range, string bytes, params string[] headers) =>
        fixture.Send("PUT", target + "?comp=page", bytes, [.. headers, "x-ms-page-write: update", "x-ms-range: bytes=" + range]);

    private static (int, string?) Told(Answer answer) => (answer.Status, answer.Header("x-ms-error-code"));
}
