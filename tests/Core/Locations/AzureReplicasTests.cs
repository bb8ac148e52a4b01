using System.Security.Cryptography;
using Azure;
using Azure.Core;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using ZenkoFunctions.Contracts.Locations;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Locations.AzureBlob;
using ZenkoFunctions.Core.Storage;

namespace ZenkoFunctions.Core.Tests.Locations;

/// <summary>Replicas as blobs of Azurite.</summary>
[Collection(nameof(WithAzurite))]
public sealed class AzureReplicasTests(AzuriteFixture azurite) : ReplicasContract
{
    private static readonly CancellationToken None = CancellationToken.None;

    private static int containers;
    private readonly string container = $"replicas-{Interlocked.Increment(ref containers)}";
    private readonly FaultyTransport network = new();

    protected override int PartBytes => 100_000;

    protected override (int Key, int Value) LongestTag => (61, 180); // all metadata of a blob has 8 KiB at most

    protected override bool Holds(string key) => key is not ("b/back\\slash" or "b/./c" or "b/../../c" or "b/a/.." or "b/ends." or "b/ends./c");

    private BlobContainerClient Container => new BlobServiceClient(azurite.ConnectionString).GetBlobContainerClient(container);

    protected override async ValueTask<IReplicas> Create()
    {
        await Container.CreateIfNotExistsAsync();
        return new AzureBlobLocation("far", azurite.Account, container, network);
    }

    protected override bool ForgetsUploads => true;

    protected override ValueTask<IReplicas> CreateWithoutBucket() => new(new AzureBlobLocation("far", azurite.Account, "was-never-made"));

    protected override ValueTask<IReplicas> CreateWithWrongKey() => new(new AzureBlobLocation(
        "far", StorageAccount.Parse(azurite.ConnectionString.Replace("AccountKey=E", "AccountKey=F", StringComparison.Ordinal)), container));

    [Fact]
    public async Task Users_of_Azure_see_readable_names_and_headers_and_tags_that_they_can_search_for()
    {
        var plan = Plan("b/key", [1]) with
        {
            Headers = new Dictionary<string, string>
            {
                ["Content-Type"] = "text/x-poem; charset=utf-8", ["Cache-Control"] = "max-age=9", ["Content-Disposition"] = "attachment", ["Content-Encoding"] = "x-none",
                ["Content-Language"] = "cy", ["Expires"] = "Wed, 21 Oct 2065 07:28:00 GMT",
            },
            Metadata = new Dictionary<string, string> { ["scal-version-id"] = "7" },
            Tags = new Dictionary<string, string> { ["colour"] = "light blue" },
        };
        await Place.Put(plan, Whole([1]), None);
        var blob = Container.GetBlobClient("b/key");
        var told = (await blob.GetPropertiesAsync()).Value;
        Assert.Equal(
            ["text/x-poem; charset=utf-8", "max-age=9", "attachment", "x-none", "cy"],
            [told.ContentType, told.CacheControl, told.ContentDisposition, told.ContentEncoding, told.ContentLanguage]);
        Assert.Equal(plan.Md5, told.ContentHash);
        Assert.Equal("7", told.Metadata["scal_version_id"]);
        Assert.Equal("light blue", (await blob.GetTagsAsync()).Value.Tags["colour"]);
        Assert.Equal(plan.Metadata, (await Place.Find("b/key", null, None))!.Metadata);
    }

    [Fact]
    public async Task A_listing_tells_tags_and_metadata_as_well()
    {
        var plan = Plan("b/key", [1]) with
        {
            Metadata = new Dictionary<string, string> { ["scal-version-id"] = "7" },
            Tags = new Dictionary<string, string> { ["kéy"] = "välue" },
        };
        await Place.Put(plan, Whole([1]), None);
        var listed = Assert.Single(await All(Place.List("b/", null, None)));
        Assert.True(listed.IsWhole);
        Assert.Equal(plan.Metadata, listed.Metadata);
        Assert.Equal(plan.Tags, listed.Tags);
    }

    [Fact]
    public async Task Parts_that_the_service_has_forgotten_are_refused_as_an_upload_that_is_gone()
    {
        var bytes = Bytes(PartBytes);
        var plan = Plan("b/key", bytes) with { Md5 = null, PartBytes = PartBytes };
        var part = await PutPart(plan, await Place.Begin(plan, None), 1, bytes);
        var (other, upload) = (plan with { Key = "b/other" }, await Place.Begin(plan, None));
        await PutPart(other, upload, 2, [.. bytes, 1]);
        var e = await Assert.ThrowsAsync<ReplicaRefusedException>(async () => await Place.Complete(other, upload, [part], None));
        Assert.Equal("NoSuchUpload", e.Code);
        Assert.Null(await Place.Find("b/other", null, None));
    }

    [Fact]
    public async Task What_was_written_over_is_not_tagged_in_its_place()
    {
        var first = await Place.Put(Plan("b/key", [1]), Whole([1]), None);
        await Place.Put(Plan("b/key", [2]), Whole([2]), None);
        await Assert.ThrowsAsync<LocationUnavailableException>(async () => await Place.SetTags(first, new Dictionary<string, string> { ["a"] = "b" }, None));
        Assert.Empty((await Place.Find("b/key", null, None))!.Tags);
    }

    [Fact]
    public async Task Nothing_that_does_not_arrive_passes_as_stored()
    {
        network.IsLost = _ => true;
        var plan = Plan("b/key", [1]) with { PartBytes = PartBytes };
        await Out(async () => await Place.Find("b/key", null, None));
        await Out(async () => await Place.Put(plan, Whole([1]), None));
        await Out(async () => await PutPart(plan, await Place.Begin(plan, None), 1, [1]));
        await Out(async () => await Place.Delete("b/key", None));
        await Out(async () => await All(Place.List("", null, None)));
        network.IsLost = _ => false;
        Assert.Null(await Place.Find("b/key", null, None));
    }

    [Fact]
    public async Task A_write_whose_answer_is_lost_is_done_all_the_same()
    {
        var lost = 0;
        network.IsAnswerLost = request => request.Method == RequestMethod.Put && Interlocked.Exchange(ref lost, 1) == 0;
        var stored = await Place.Put(Plan("b/key", [1]), Whole([1]), None);
        Assert.Equal(stored.ETag, (await Place.Find("b/key", null, None))!.ETag);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("scal-version-id")]
    [InlineData("_x2d_")]
    [InlineData("-x2d-")]
    [InlineData("--x5f-_x5f--")]
    [InlineData("-x5f.")]
    [InlineData("-x5f")]
    [InlineData("9-lives")]
    [InlineData("s3:tags")]
    [InlineData("!#$%&'*+-.^_`|~09az")]
    public void A_name_of_metadata_becomes_an_identifier_and_itself_again(string name)
    {
        var encoded = BlobMetadata.EncodeName(name);
        Assert.Matches("^[A-Za-z_][A-Za-z0-9_]*$", encoded);
        Assert.Equal(name, BlobMetadata.DecodeName(encoded));
    }

    [Fact]
    public void No_two_names_become_one()
    {
        char[] letters = ['-', '_', 'x', '5', 'f', '.'];
        var names = new List<string> { "" };
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var length = 1; length <= 6; length++)
        {
            names = [.. names.SelectMany(name => letters.Select(letter => name + letter))];
            Assert.All(names, name => Assert.True(seen.Add(BlobMetadata.EncodeName(name)), name));
        }
    }

    private static async Task Out(Func<Task> call) => Assert.Equal("far", (await Assert.ThrowsAsync<LocationUnavailableException>(call)).Location);
}
