using System.Xml.Linq;
using ZenkoFunctions.Api.Tests.Operations;
using ZenkoFunctions.Clients.Tests.Harness;
using ZenkoFunctions.Core.BlobAccounts;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Tests.Blob;

/// <summary>Containers over the wire.</summary>
public sealed class ContainerTests(BlobFixture server) : IClassFixture<BlobFixture>
{
    private const string One = "11111111-1111-1111-1111-111111111111", Two = "22222222-2222-2222-2222-222222222222";

    [Fact]
    public async Task A_container_is_made_described_and_made_only_once()
    {
        var made = await server.Send("PUT", "made?restype=container", null, "x-ms-meta-Owner: me", "x-ms-blob-public-access: blob");
        Assert.Equal(201, made.Status);
        Assert.StartsWith("\"0x8", made.Header("ETag"));
        var told = await server.Send("HEAD", "made?restype=container", null);
        Assert.Equal(200, told.Status);
        Assert.Equal("me", told.Header("x-ms-meta-Owner"));
        Assert.Equal("blob", told.Header("x-ms-blob-public-access"));
        Assert.Equal("available", told.Header("x-ms-lease-state"));
        Assert.Equal("unlocked", told.Header("x-ms-lease-status"));
        Assert.Equal(made.Header("ETag"), told.Header("ETag"));
        var again = await server.Send("PUT", "made?restype=container", null);
        Assert.Equal((409, "ContainerAlreadyExists"), (again.Status, again.Header("x-ms-error-code")));
    }

    [Theory]
    [InlineData("ab", "OutOfRangeInput")]
    [InlineData("Upper", "InvalidResourceName")]
    [InlineData("two--dashes", "InvalidResourceName")]
    public async Task A_name_that_no_container_may_have_is_refused(string name, string code)
    {
        var refused = await server.Send("PUT", name + "?restype=container", null);
        Assert.Equal((400, code), (refused.Status, refused.Header("x-ms-error-code")));
    }

    [Fact]
    public async Task Metadata_is_replaced_as_a_whole_and_the_ETag_changes()
    {
        var made = await server.Send("PUT", "metadata?restype=container", null, "x-ms-meta-a: 1");
        var set = await server.Send("PUT", "metadata?restype=container&comp=metadata", null, "x-ms-meta-b: 2");
        Assert.Equal(200, set.Status);
        Assert.NotEqual(made.Header("ETag"), set.Header("ETag"));
        var wrong = await server.Send("PUT", "metadata?restype=container&comp=metadata", null, "x-ms-meta-a-b: 2");
        Assert.Equal((400, "InvalidMetadata"), (wrong.Status, wrong.Header("x-ms-error-code")));
        var told = await server.Send("GET", "metadata?restype=container&comp=metadata", null);
        Assert.Null(told.Header("x-ms-meta-a"));
        Assert.Equal("2", told.Header("x-ms-meta-b"));
    }

    [Fact]
    public async Task Stored_policies_come_back_as_they_were_and_six_are_too_many()
    {
        await server.Send("PUT", "policies?restype=container", null);
        var document = "<?xml version=\"1.0\" encoding=\"utf-8\"?><SignedIdentifiers>"
            + "<SignedIdentifier><Id>p1</Id><AccessPolicy><Start>2026-01-31T12:00:00.0000000Z</Start><Expiry>2027-01-31T12:00:00.1234567Z</Expiry><Permission>rl</Permission></AccessPolicy></SignedIdentifier>"
            + "</SignedIdentifiers>";
        Assert.Equal(200, (await server.Send("PUT", "policies?restype=container&comp=acl", document, "x-ms-blob-public-access: container")).Status);
        var told = await server.Send("GET", "policies?restype=container&comp=acl", null);
        Assert.Equal("container", told.Header("x-ms-blob-public-access"));
        Assert.EndsWith(document[document.IndexOf("<SignedIdentifiers>", StringComparison.Ordinal)..], told.Text);

        var six = "<SignedIdentifiers>" + string.Concat(Enumerable.Range(0, 6).Select(i => $"<SignedIdentifier><Id>{i}</Id></SignedIdentifier>")) + "</SignedIdentifiers>";
        var refused = await server.Send("PUT", "policies?restype=container&comp=acl", six);
        Assert.Equal((400, "InvalidXmlDocument"), (refused.Status, refused.Header("x-ms-error-code")));
    }

    [Fact]
    public async Task Containers_are_listed_by_pages_with_their_metadata()
    {
        foreach (var name in new[] { "page-a", "page-b", "page-c" }) await server.Send("PUT", name + "?restype=container", null, "x-ms-meta-n: " + name);
        var first = XElement.Parse((await server.Send("GET", "?comp=list&prefix=page-&maxresults=2&include=metadata", null)).Text);
        Assert.Equal(["page-a", "page-b"], first.Descendants("Name").Select(name => name.Value));
        Assert.Equal(["page-a", "page-b"], first.Descendants("Metadata").Select(metadata => metadata.Element("n")!.Value));
        Assert.EndsWith("/acct/", first.Attribute("ServiceEndpoint")!.Value);
        var second = XElement.Parse((await server.Send("GET", $"?comp=list&prefix=page-&maxresults=2&marker={first.Element("NextMarker")!.Value}", null)).Text);
        Assert.Equal(["page-c"], second.Descendants("Name").Select(name => name.Value));
        Assert.Equal("", second.Element("NextMarker")!.Value);
    }

    [Fact]
    public async Task A_leased_container_is_deleted_only_under_its_lease()
    {
        await server.Send("PUT", "leased?restype=container", null);
        var leased = await server.Send("PUT", "leased?restype=container&comp=lease", null, "x-ms-lease-action: acquire", "x-ms-lease-duration: -1", "x-ms-proposed-lease-id: " + One);
        Assert.Equal((201, One), (leased.Status, leased.Header("x-ms-lease-id")));
        var missing = await server.Send("DELETE", "leased?restype=container", null);
        Assert.Equal((412, "LeaseIdMissing"), (missing.Status, missing.Header("x-ms-error-code")));
        var other = await server.Send("DELETE", "leased?restype=container", null, "x-ms-lease-id: " + Two);
        Assert.Equal((412, "LeaseIdMismatchWithContainerOperation"), (other.Status, other.Header("x-ms-error-code")));
        Assert.Equal(202, (await server.Send("DELETE", "leased?restype=container", null, "x-ms-lease-id: " + One)).Status);
    }

    [Fact]
    public async Task A_deleted_container_is_gone_at_once_and_its_name_free_when_its_blobs_are_gone()
    {
        await server.Send("PUT", "doomed?restype=container", null);
        foreach (var i in Enumerable.Range(0, 20)) Assert.Equal(201, (await server.Put($"doomed/{i}", "x")).Status);
        await server.Send("PUT", "doomed/0?comp=lease", null, "x-ms-lease-action: acquire", "x-ms-lease-duration: -1");
        await server.Send("PUT", "doomed/1?comp=snapshot", null);
        Assert.Equal(202, (await server.Send("DELETE", "doomed?restype=container", null)).Status);
        Assert.Equal(404, (await server.Send("HEAD", "doomed?restype=container", null)).Status);
        Assert.Equal(404, (await server.Send("GET", "doomed/3", null)).Status);

        await Eventually.Holds(
            async () =>
            {
                var made = await server.Send("PUT", "doomed?restype=container", null);
                if (made.Status != 201) Assert.Equal((409, "ContainerBeingDeleted"), (made.Status, made.Header("x-ms-error-code")));
                return made.Status == 201;
            },
            "the container is removed");
        Assert.Empty(XElement.Parse((await server.Send("GET", "doomed?restype=container&comp=list&include=versions,snapshots", null)).Text).Descendants("Blob"));
    }

    [Fact]
    public async Task A_removal_that_was_cut_off_goes_on_and_nobody_writes_into_the_container_meanwhile()
    {
        await server.Send("PUT", "cut?restype=container", null);
        await server.Put("cut/a", "x");
        var bucket = (await server.Installation.Buckets.Find("cut", default))!;
        // As when the server stopped behind the mark: no message.
        Assert.Null((await server.Installation.Buckets.Empty(bucket, _ => null, default)).Refusal);
        Assert.Equal(404, (await server.Put("cut/b", "x")).Status);
        var late = await server.Installation.Objects.Delete(bucket, "a", new(), default);
        Assert.Equal(Core.Refusal.NoSuchBucket, late.Refusal);
        var job = new RemoveContainers(server.Installation.Containers, server.Installation.Buckets, server.Installation.Objects, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var message = $$"""{"account":"acct","container":"cut","bucket":"cut","bucketId":"{{bucket.Id}}","sent":"2026-01-01T00:00:00Z"}""";
        for (var runs = 0; (await job.Run(System.Text.Encoding.UTF8.GetBytes(message), default)).Again is not null; runs++) Assert.True(runs < 100);
        Assert.Null(await server.Installation.Buckets.FindEmptying("cut", bucket.Id, default));
        Assert.Equal(201, (await server.Send("PUT", "cut?restype=container", null)).Status);
    }

    [Fact]
    public async Task A_container_with_versions_that_can_be_locked_is_not_deleted()
    {
        Assert.Equal(200, (await server.S3("PUT", "/locked", "", "x-amz-bucket-object-lock-enabled: true")).Status);
        await server.Put("locked/a", "x");
        var refused = await server.Send("DELETE", "locked?restype=container", null);
        Assert.Equal((409, "BlobImmutableDueToPolicy"), (refused.Status, refused.Header("x-ms-error-code")));
        Assert.Equal(200, (await server.Send("GET", "locked/a", null)).Status);
    }

    [Theory]
    [InlineData("BlockPublicAcls", false, 200)]
    [InlineData("BlockPublicPolicy", true, 200)]
    [InlineData("IgnorePublicAcls", true, 404)]
    [InlineData("RestrictPublicBuckets", true, 404)]
    public async Task A_public_access_block_of_S3_keeps_a_container_from_being_opened_or_closes_it(string flag, bool opens, int read)
    {
        var name = "block-" + flag.ToLowerInvariant();
        await server.Send("PUT", name + "?restype=container", null, "x-ms-blob-public-access: blob");
        await server.Put(name + "/a", "x");
        var block = $"<PublicAccessBlockConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><{flag}>true</{flag}></PublicAccessBlockConfiguration>";
        Assert.Equal(200, (await server.S3("PUT", $"/{name}?publicAccessBlock", block)).Status);
        Assert.Equal(read, (await server.SendAs(Principal.Anonymous, "GET", name + "/a")).Status);

        var opened = await server.Send("PUT", name + "?restype=container&comp=acl", null, "x-ms-blob-public-access: container");
        Assert.Equal(opens ? (200, null) : (409, "PublicAccessNotPermitted"), (opened.Status, opened.Header("x-ms-error-code")));
        Assert.Equal(opens ? "container" : "blob", (await server.Send("HEAD", name + "?restype=container", null)).Header("x-ms-blob-public-access"));
        Assert.Equal(200, (await server.Send("PUT", name + "?restype=container&comp=acl", null)).Status);
    }

    private const string Any = "{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}";

    [Theory]
    [InlineData(Any, 202)]
    [InlineData("{\"Effect\":\"Allow\",\"Action\":[\"s3:DeleteBucket\",\"s3:DeleteObject\",\"s3:DeleteObjectVersion\"],\"Resource\":[\"arn:aws:s3:::policy-*\"]}", 202)]
    [InlineData(Any + ",{\"Effect\":\"Deny\",\"Action\":\"s3:DeleteObject\",\"Resource\":\"arn:aws:s3:::other/*\"}", 202)]
    [InlineData(Any + ",{\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"*\",\"Condition\":{\"StringEquals\":{\"aws:username\":\"nobody\"}}}", 202)]
    [InlineData("{\"Effect\":\"Allow\",\"Action\":\"s3:DeleteBucket\",\"Resource\":\"*\"}", 403)]
    [InlineData("{\"Effect\":\"Allow\",\"Action\":[\"s3:DeleteBucket\",\"s3:DeleteObject\"],\"Resource\":\"*\"}", 403)]
    [InlineData("{\"Effect\":\"Allow\",\"Action\":[\"s3:DeleteBucket\",\"s3:DeleteObject*\"],\"Resource\":[\"arn:aws:s3:::policy-?\",\"arn:aws:s3:::policy-?/mine/*\"]}", 403)]
    [InlineData(Any + ",{\"Effect\":\"Deny\",\"Action\":\"s3:DeleteObjectVersion\",\"Resource\":\"arn:aws:s3:::policy-?/keep/*\"}", 403)]
    [InlineData(Any + ",{\"Effect\":\"Deny\",\"Action\":\"s3:DeleteObject\",\"NotResource\":\"arn:aws:s3:::*/mine/*\"}", 403)]
    [InlineData(Any + ",{\"Effect\":\"Deny\",\"Action\":\"s3:DeleteObject\",\"Resource\":\"*\",\"Condition\":{\"StringEquals\":{\"s3:ExistingObjectTag/keep\":\"yes\"}}}", 403)]
    public async Task A_container_is_deleted_by_those_who_may_delete_it_and_every_blob_in_it(string statements, int status)
    {
        var n = Interlocked.Increment(ref policies);
        var name = $"policy-{(char)('a' + n)}";
        await server.Send("PUT", name + "?restype=container", null);
        await server.Put(name + "/keep/a", "x");
        var user = await server.User($"user{n}", statements);
        var answer = await server.SendAs(user, "DELETE", name + "?restype=container");
        Assert.Equal((status, status == 202 ? null : "AuthorizationPermissionMismatch"), (answer.Status, answer.Header("x-ms-error-code")));
        Assert.Equal(status == 202 ? 404 : 200, (await server.Send("GET", name + "/keep/a", null)).Status);
    }

    private static int policies;

    [Fact]
    public async Task A_bucket_policy_that_protects_some_blobs_protects_their_container_from_its_owner_too()
    {
        await server.Send("PUT", "guarded?restype=container", null);
        var policy = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:DeleteObject\",\"Resource\":\"arn:aws:s3:::guarded/keep/*\"}]}";
        Assert.Equal(204, (await server.S3("PUT", "/guarded?policy", policy)).Status);
        Assert.Equal(403, (await server.Send("DELETE", "guarded?restype=container", null)).Status);
        Assert.Equal(204, (await server.S3("DELETE", "/guarded?policy")).Status);
        Assert.Equal(202, (await server.Send("DELETE", "guarded?restype=container", null)).Status);
    }
}
