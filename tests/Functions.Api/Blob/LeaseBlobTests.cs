using ZenkoFunctions.Api.Tests.Operations;

namespace ZenkoFunctions.Api.Tests.Blob;

/// <summary>Leases of blobs: who may change a blob meanwhile, and what becomes of the lease.</summary>
public sealed class LeaseBlobTests(BlobFixture server) : IClassFixture<BlobFixture>
{
    private const string One = "11111111-1111-1111-1111-111111111111", Other = "22222222-2222-2222-2222-222222222222";

    private Task<Answer> Lease(string key, string action, params string[] headers) =>
        server.Send("PUT", $"bkt/{key}?comp=lease", null, [.. headers, "x-ms-lease-action: " + action]);

    private async Task Acquire(string key, int seconds = -1)
    {
        await server.Put("bkt/" + key, "x");
        var acquired = await Lease(key, "acquire", $"x-ms-lease-duration: {seconds}", "x-ms-proposed-lease-id: " + One);
        Assert.Equal((201, One), (acquired.Status, acquired.Header("x-ms-lease-id")));
    }

    [Fact]
    public async Task A_leased_blob_is_changed_only_under_its_lease()
    {
        await Acquire("held");
        var missing = await server.Put("bkt/held", "y");
        Assert.Equal((412, "LeaseIdMissing"), (missing.Status, missing.Code));
        var wrong = await server.Put("bkt/held", "y", "x-ms-lease-id: " + Other);
        Assert.Equal((412, "LeaseIdMismatchWithBlobOperation"), (wrong.Status, wrong.Code));
        Assert.Equal("LeaseIdMissing", (await server.Send("PUT", "bkt/held?comp=metadata", null, "x-ms-meta-a: 1")).Code);
        Assert.Equal("LeaseIdMissing", (await server.Send("DELETE", "bkt/held", null)).Code);
        Assert.Equal(200, (await server.Send("GET", "bkt/held", null)).Status);
        Assert.Equal(412, (await server.Send("GET", "bkt/held", null, "x-ms-lease-id: " + Other)).Status);
        Assert.Equal(201, (await server.Put("bkt/held", "y", "x-ms-lease-id: " + One)).Status);
        var head = await server.Send("HEAD", "bkt/held", null);
        Assert.Equal(("leased", "locked", "infinite"), (head.Header("x-ms-lease-state"), head.Header("x-ms-lease-status"), head.Header("x-ms-lease-duration")));
        Assert.Equal(202, (await server.Send("DELETE", "bkt/held", null, "x-ms-lease-id: " + One)).Status);
    }

    [Fact]
    public async Task Clients_of_S3_are_kept_out_of_a_leased_object()
    {
        await Acquire("s3");
        var put = await server.S3("PUT", "/bkt/s3", "y");
        Assert.Equal((409, "OperationAborted"), (put.Status, put.Code));
        Assert.Equal(409, (await server.S3("DELETE", "/bkt/s3")).Status);
        Assert.Equal("x", (await server.S3("GET", "/bkt/s3")).Text);
        Assert.Equal(200, (await Lease("s3", "release", "x-ms-lease-id: " + One)).Status);
        Assert.Equal(200, (await server.S3("PUT", "/bkt/s3", "y")).Status);
        Assert.Equal(204, (await server.S3("DELETE", "/bkt/s3")).Status);
    }

    [Fact]
    public async Task A_lease_is_renewed_changed_and_released_by_its_id()
    {
        await Acquire("own", 15);
        Assert.Equal("LeaseAlreadyPresent", (await Lease("own", "acquire", "x-ms-lease-duration: 15")).Code);
        Assert.Equal("LeaseIdMismatchWithLeaseOperation", (await Lease("own", "renew", "x-ms-lease-id: " + Other)).Code);
        Assert.Equal(200, (await Lease("own", "renew", "x-ms-lease-id: " + One)).Status);
        Assert.Equal(200, (await Lease("own", "change", "x-ms-lease-id: " + One, "x-ms-proposed-lease-id: " + Other)).Status);
        Assert.Equal("LeaseIdMismatchWithLeaseOperation", (await Lease("own", "release", "x-ms-lease-id: " + One)).Code);
        Assert.Equal(200, (await Lease("own", "release", "x-ms-lease-id: " + Other)).Status);
        Assert.Equal("LeaseIdMismatchWithLeaseOperation", (await Lease("own", "renew", "x-ms-lease-id: " + Other)).Code);
        Assert.Equal("LeaseNotPresentWithLeaseOperation", (await Lease("own", "change", "x-ms-lease-id: " + Other, "x-ms-proposed-lease-id: " + One)).Code);
        Assert.Equal("LeaseNotPresentWithLeaseOperation", (await Lease("own", "break")).Code);
        Assert.Equal("LeaseNotPresentWithBlobOperation", (await server.Put("bkt/own", "y", "x-ms-lease-id: " + Other)).Code);
    }

    [Fact]
    public async Task An_ended_lease_can_be_renewed_until_the_blob_is_written()
    {
        await Acquire("ended", 15);
        server.Clock.Move(TimeSpan.FromSeconds(20));
        Assert.Equal("expired", (await server.Send("HEAD", "bkt/ended", null)).Header("x-ms-lease-state"));
        Assert.Equal("LeaseLost", (await server.Put("bkt/ended", "y", "x-ms-lease-id: " + One)).Code);
        Assert.Equal(200, (await Lease("ended", "renew", "x-ms-lease-id: " + One)).Status);
        server.Clock.Move(TimeSpan.FromSeconds(20));
        Assert.Equal(201, (await server.Put("bkt/ended", "y")).Status);
        Assert.Equal(409, (await Lease("ended", "renew", "x-ms-lease-id: " + One)).Status);
    }

    [Fact]
    public async Task A_lease_that_is_being_broken_holds_until_then()
    {
        await Acquire("broken");
        var breaking = await Lease("broken", "break", "x-ms-lease-break-period: 30");
        Assert.Equal((202, "30"), (breaking.Status, breaking.Header("x-ms-lease-time")));
        Assert.Equal("LeaseIdMissing", (await server.Put("bkt/broken", "y")).Code);
        Assert.Equal("LeaseIsBreakingAndCannotBeAcquired", (await Lease("broken", "acquire", "x-ms-lease-duration: -1", "x-ms-proposed-lease-id: " + One)).Code);
        Assert.Equal("LeaseIsBreakingAndCannotBeChanged", (await Lease("broken", "change", "x-ms-lease-id: " + One, "x-ms-proposed-lease-id: " + Other)).Code);
        Assert.Equal("LeaseIsBrokenAndCannotBeRenewed", (await Lease("broken", "renew", "x-ms-lease-id: " + One)).Code);
        server.Clock.Move(TimeSpan.FromSeconds(31));
        Assert.Equal("broken", (await server.Send("HEAD", "bkt/broken", null)).Header("x-ms-lease-state"));
        Assert.Equal(201, (await server.Put("bkt/broken", "y")).Status);
        await Acquire("broken-2");
        Assert.Equal("0", (await Lease("broken-2", "break")).Header("x-ms-lease-time"));
        Assert.Equal(201, (await Lease("broken-2", "acquire", "x-ms-lease-duration: 15")).Status);
    }

    [Theory]
    [InlineData("acquire", "x-ms-lease-duration: 5", "InvalidHeaderValue")]
    [InlineData("acquire", "x-ms-lease-duration: 61", "InvalidHeaderValue")]
    [InlineData("acquire", "x-a: b", "MissingRequiredHeader")]
    [InlineData("renew", "x-a: b", "MissingRequiredHeader")]
    [InlineData("change", "x-ms-lease-id: 11111111-1111-1111-1111-111111111111", "MissingRequiredHeader")]
    [InlineData("renew", "x-ms-lease-id: none", "InvalidHeaderValue")]
    [InlineData("break", "x-ms-lease-break-period: 61", "InvalidHeaderValue")]
    [InlineData("dance", "x-a: b", "InvalidHeaderValue")]
    public async Task What_cannot_be_read_is_refused(string action, string header, string code)
    {
        await server.Put("bkt/plain", "x");
        var answer = await Lease("plain", action, header);
        Assert.Equal((400, code), (answer.Status, answer.Code));
    }
}
