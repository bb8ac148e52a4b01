using System.IO.Pipelines;
using Azure.Core;
using Azure.Storage.Blobs;
using ZenkoFunctions.Contracts.Locations;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Locations.AzureBlob;
using ZenkoFunctions.Core.Storage;

namespace ZenkoFunctions.Core.Tests.Locations;

[Collection(nameof(WithAzurite))]
public sealed class AzureBlobLocationTests(AzuriteFixture azurite) : LocationContract
{
    private const int MiB = 1 << 20;
    private static readonly CancellationToken None = CancellationToken.None;

    private static int containers;
    private readonly string container = $"objects-{Interlocked.Increment(ref containers)}";
    private readonly FaultyTransport network = new();

    protected override long LargeBody => 64L * MiB;

    private BlobContainerClient Container => new BlobServiceClient(azurite.ConnectionString).GetBlobContainerClient(container);

    protected override ValueTask<ILocation> Create() => new(new AzureBlobLocation("cloud", azurite.Account, container, network));

    [Theory]
    [InlineData(1000, 1)]
    [InlineData(8 * MiB, 1)]
    [InlineData(8 * MiB + 1, 3)]
    [InlineData(17 * MiB, 4)]
    public async Task What_fits_one_block_is_one_request_and_more_is_one_for_each_block_and_one_to_commit(int size, int requests)
    {
        await Put(Bytes(1), announced: 1); // makes the container
        network.Seen.Clear();
        await Put(Bytes(size), announced: size);
        Assert.Equal(requests, network.Seen.Count);
        network.Seen.Clear();
        await Put(Bytes(size), announced: null);
        Assert.Equal(requests, network.Seen.Count);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(9 * MiB)]
    public async Task A_commit_whose_answer_is_lost_is_recognised_as_our_own(int size)
    {
        network.IsAnswerLost = Once(IsCommit);
        var bytes = Bytes(size);
        var stored = await Put(bytes, announced: size);
        Assert.Equal(bytes, await Read(stored));
    }

    [Fact]
    public async Task A_commit_whose_every_answer_is_lost_is_found_by_looking()
    {
        await Put(Bytes(1), announced: 1); // makes the container
        network.IsAnswerLost = IsCommit;
        var bytes = Bytes(1000);
        var stored = await Put(bytes, announced: bytes.Length);
        Assert.Equal(bytes, await Read(stored));
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(9 * MiB)]
    public async Task A_commit_that_never_arrives_is_an_outage_and_leaves_nothing(int size)
    {
        var name = NewName();
        network.IsLost = IsCommit;
        await Assert.ThrowsAsync<IOException>(async () => await Location.Put(new(name, size), Whole(Bytes(size)), None));
        await AssertNothingAt(name);
    }

    [Fact]
    public async Task Where_nobody_can_tell_whether_a_commit_took_place_the_bytes_are_removed()
    {
        var name = NewName();
        await Put(Bytes(1), announced: 1);
        network.IsAnswerLost = IsCommit;
        network.IsLost = request => request.Method == RequestMethod.Head;
        await Assert.ThrowsAsync<IOException>(async () => await Location.Put(new(name, 5), Whole(Bytes(5)), None));
        await AssertNothingAt(name);
    }

    [Fact]
    public async Task A_block_that_is_lost_is_sent_again()
    {
        network.IsLost = Once(request => request.Uri.Query.Contains("comp=block&", StringComparison.Ordinal));
        network.IsAnswerLost = Once(request => request.Uri.Query.Contains("comp=block&", StringComparison.Ordinal));
        var bytes = Bytes(20 * MiB);
        Assert.Equal(bytes, await Read(await Put(bytes, announced: bytes.Length)));
    }

    [Fact]
    public async Task A_name_is_given_once()
    {
        var bytes = Bytes(9 * MiB);
        var stored = await Put(bytes, announced: bytes.Length);
        await Assert.ThrowsAsync<IOException>(async () => await Location.Put(new(stored.Name, 3), Whole(Bytes(3)), None));
        await Assert.ThrowsAsync<IOException>(async () => await Location.Put(new(stored.Name, 9 * MiB), Whole(Bytes(9 * MiB, seed: 2)), None));
        Assert.Equal(bytes, await Read(stored));
    }

    [Fact]
    public async Task An_upload_that_is_interrupted_after_some_blocks_is_not_to_be_seen()
    {
        await Put(Bytes(1), announced: 1);
        var name = NewName();
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var put = Location.Put(new(name, 30 * MiB), pipe.Reader, None).AsTask();
        await pipe.Writer.WriteAsync(Bytes(20 * MiB));
        await pipe.Writer.CompleteAsync(new FormatException("cut off"));
        await Assert.ThrowsAsync<FormatException>(() => put);
        await AssertNothingAt(name);
        Assert.DoesNotContain(Container.GetBlobs(), blob => blob.Name == name);
    }

    [Fact]
    public async Task A_download_that_breaks_off_goes_on_where_it_was()
    {
        var bytes = Bytes(5 * MiB);
        var stored = await Put(bytes, announced: bytes.Length);
        var breaks = 0;
        network.BreaksOff = _ => ++breaks <= 3 ? MiB + breaks : null;
        Assert.Equal(bytes[7..^5], await Read(stored, new(7, bytes.Length - 12)));
        Assert.Equal(4, breaks);
    }

    [Fact]
    public async Task A_download_that_breaks_off_again_and_again_is_an_outage_and_no_short_body()
    {
        var stored = await Put(Bytes(5 * MiB), announced: 5 * MiB);
        network.BreaksOff = _ => 1000;
        await Assert.ThrowsAsync<IOException>(() => Read(stored));
    }

    [Fact]
    public async Task A_blob_of_another_length_than_the_row_says_is_told_and_not_served()
    {
        var stored = await Put(Bytes(1000), announced: 1000);
        foreach (var length in new[] { 999, 1001, 3000 })
        {
            var e = await Assert.ThrowsAsync<IOException>(
                async () => await Location.Open(stored with { Length = length }, new(length - 1, 1), None));
            Assert.Contains(stored.Name, e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_refusal_says_what_to_do_and_not_the_key()
    {
        var wrong = azurite.ConnectionString.Replace("AccountKey=E", "AccountKey=F", StringComparison.Ordinal);
        var location = new AzureBlobLocation("cloud", StorageAccount.Parse(wrong), container);
        var e = await Assert.ThrowsAsync<IOException>(async () => await location.Put(new PutPlan(NewName(), 1), Whole(Bytes(1)), None));
        Assert.Contains("Check the key", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Fby8vdM02x", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_reads_these_bytes_with_the_headers_that_it_was_made_for()
    {
        var bytes = Bytes(1000);
        var stored = await Put(bytes, announced: bytes.Length);
        var headers = new LinkHeaders("text/x-poem; charset=utf-8", "attachment; filename=\"a b+c.txt\"", "x-none", "cy", "max-age=9");
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, await Link(stored, headers, TimeProvider.System));
        request.Headers.Range = new(10, 19);
        using var answer = await client.SendAsync(request);
        Assert.Equal(206, (int)answer.StatusCode);
        Assert.Equal(bytes[10..20], await answer.Content.ReadAsByteArrayAsync());
        string Header(string name) => string.Join(", ", answer.Headers.TryGetValues(name, out var values) ? values : answer.Content.Headers.GetValues(name));
        Assert.Equal(
            [headers.ContentType!, headers.ContentDisposition!, headers.ContentEncoding!, headers.ContentLanguage!, headers.CacheControl!],
            [Header("Content-Type"), Header("Content-Disposition"), Header("Content-Encoding"), Header("Content-Language"), Header("Cache-Control")]);
    }

    [Fact]
    public async Task A_link_does_nothing_else_and_ends()
    {
        var (stored, other) = (await Put(Bytes(10), announced: 10), await Put(Bytes(11), announced: 11));
        using var client = new HttpClient();
        var link = (await Link(stored, LinkHeaders.None, TimeProvider.System))!;
        Assert.Equal(200, (int)(await client.GetAsync(link)).StatusCode);
        Assert.Equal(403, (int)(await client.DeleteAsync(link)).StatusCode);
        Assert.Equal(403, (int)(await client.GetAsync(link.AbsoluteUri.Replace(stored.Name, other.Name, StringComparison.Ordinal))).StatusCode);
        Assert.Equal(403, (int)(await client.GetAsync(link.AbsoluteUri.Replace("&sig", "&rsct=text%2Fhtml&sig", StringComparison.Ordinal))).StatusCode);
        var ended = new Contracts.ManualClock(DateTimeOffset.UtcNow.AddMinutes(-6));
        Assert.Equal(403, (int)(await client.GetAsync(await Link(stored, LinkHeaders.None, ended))).StatusCode);
    }

    [Fact]
    public async Task Over_plain_http_to_another_machine_there_is_no_link() => Assert.Null(
        await new AzureBlobLocation("cloud", StorageAccount.Parse("DefaultEndpointsProtocol=http;AccountName=a;AccountKey=AAAA"))
            .Link(Missing("x"), LinkHeaders.None, TimeSpan.FromMinutes(1), None));

    [Theory]
    [InlineData(5)]
    [InlineData(20 * MiB)]
    public async Task A_copy_has_the_same_bytes_outlives_its_source_and_sends_none_of_them(int size)
    {
        var bytes = Bytes(size);
        var stored = await Put(bytes, announced: size);
        network.Seen.Clear();
        var name = NewName();
        var copy = (await Copier.Copy(stored, name, None))!;
        Assert.Equal(2, network.Seen.Count); // the copy, and a look whether it is over
        Assert.Equal(new(stored.Location, name, size), copy);
        await Location.Delete(stored, None);
        Assert.Equal(bytes, await Read(copy));
    }

    [Fact]
    public async Task A_copy_whose_answer_is_lost_is_recognised_as_our_own()
    {
        var stored = await Put(Bytes(1000), announced: 1000);
        network.IsAnswerLost = Once(IsCommit);
        Assert.Equal(Bytes(1000), await Read((await Copier.Copy(stored, NewName(), None))!));
    }

    [Fact]
    public async Task Nothing_is_copied_over_another_body_or_from_nothing()
    {
        var (stored, other) = (await Put(Bytes(10), announced: 10), await Put(Bytes(11), announced: 11));
        await Assert.ThrowsAsync<IOException>(async () => await Copier.Copy(stored, other.Name, None));
        Assert.Equal(Bytes(11), await Read(other));
        var name = NewName();
        Assert.Null(await Copier.Copy(Missing(NewName()), name, None));
        await AssertNothingAt(name);
    }

    [Fact]
    public async Task A_copy_that_never_arrives_is_an_outage_and_leaves_nothing()
    {
        var stored = await Put(Bytes(10), announced: 10);
        var name = NewName();
        network.IsLost = IsCommit;
        await Assert.ThrowsAsync<IOException>(async () => await Copier.Copy(stored, name, None));
        await AssertNothingAt(name);
    }

    [Fact]
    public void Any_length_keeps_to_the_blocks_that_a_blob_may_have()
    {
        var sum = 0L;
        for (var i = 0; i < BlockSizes.Blocks; i++) sum += BlockSizes.Of(i);
        Assert.Equal(BlockSizes.Most, sum);
        Assert.InRange(BlockSizes.Of(BlockSizes.Blocks - 1), 1, 4000L * MiB);
    }

    private ValueTask<Uri?> Link(Stored stored, LinkHeaders headers, TimeProvider clock) =>
        new AzureBlobLocation("cloud", azurite.Account, container, clock).Link(stored, headers, LinkHeaders.LongestLife, None);

    private ICopies Copier => (ICopies)Location;

    // Put Blob, Copy Blob or Put Block List: neither is about one block, and neither reads or makes the container.
    private static bool IsCommit(Request request) =>
        request.Method == RequestMethod.Put
        && (request.Uri.Query.Length == 0 || request.Uri.Query.Contains("comp=blocklist", StringComparison.Ordinal));

    private static Func<Request, bool> Once(Func<Request, bool> which)
    {
        var done = 0;
        return request => which(request) && Interlocked.Exchange(ref done, 1) == 0;
    }
}
