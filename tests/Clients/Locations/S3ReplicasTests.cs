using ZenkoFunctions.Clients.Tests.Harness;
using ZenkoFunctions.Contracts.Locations;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Locations.S3;

namespace ZenkoFunctions.Clients.Tests.Locations;

/// <summary>Replicas in a bucket that keeps versions.</summary>
public class S3ReplicasTests(RunningServer server) : ReplicasContract, IClassFixture<RunningServer>
{
    private S3Place place = null!;

    protected virtual bool KeepsVersions => true;

    protected override async ValueTask<IReplicas> Create() => new S3Location("far", place = await server.NewBucket(KeepsVersions));

    protected override ValueTask<IReplicas> CreateWithoutBucket() => new(new S3Location("far", server.Place("was-never-made")));

    protected override ValueTask<IReplicas> CreateWithWrongKey() => new(new S3Location("far", place with { SecretKey = "wrong/" + ServerProcess.SecretKey }));

    [Fact]
    public async Task What_clients_are_told_of_a_replica_is_what_the_plan_says()
    {
        var headers = new Dictionary<string, string>
        {
            ["Content-Type"] = "text/x-poem; charset=utf-8",
            ["Cache-Control"] = "max-age=9",
            ["Content-Disposition"] = "attachment; filename=\"a b+c.txt\"",
            ["Content-Encoding"] = "x-none",
            ["Content-Language"] = "cy",
            ["Expires"] = "Wed, 21 Oct 2065 07:28:00 GMT",
        };
        var large = Plan("b/large", Bytes(1)) with { Md5 = null, PartBytes = PartBytes, Headers = headers };
        await Place.Put(Plan("b/small", [1]) with { Headers = headers }, Whole([1]), default);
        var upload = await Place.Begin(large, default);
        await Place.Complete(large, upload, [await PutPart(large, upload, 1, Bytes(1))], default);
        using var s3 = Sdk.Client(server.Endpoint);
        foreach (var key in new[] { "b/small", "b/large" })
        {
            var told = await s3.GetObjectMetadataAsync(place.Bucket, key);
            Assert.Equal(headers.Values, headers.Keys.Select(name => name == "Expires" ? told.ExpiresString : told.Headers[name]));
        }
    }

    [Fact]
    public async Task A_refusal_says_what_to_do_and_not_the_secret()
    {
        var wrong = new S3Location("far", place with { SecretKey = "wrongsecret" });
        var e = await Assert.ThrowsAsync<ReplicaRefusedException>(async () => await wrong.Put(Plan("b/key", [1]), Whole([1]), default));
        Assert.Equal(("far", "SignatureDoesNotMatch"), (e.Location, e.Code));
        Assert.Contains("secret key", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrongsecret", e.ToString() + (place with { SecretKey = "wrongsecret" }), StringComparison.Ordinal);
        e = await Assert.ThrowsAsync<ReplicaRefusedException>(
            async () => await new S3Location("far", server.Place("was-never-made")).Put(Plan("b/key", [1]), Whole([1]), default));
        Assert.Equal("NoSuchBucket", e.Code);
    }

    [Fact]
    public async Task A_key_that_is_too_long_is_refused()
    {
        var key = "b/" + new string('k', 1024);
        var e = await Assert.ThrowsAsync<ReplicaRefusedException>(async () => await Place.Put(Plan(key, [1]), Whole([1]), default));
        Assert.Equal("KeyTooLongError", e.Code);
    }

    [Fact]
    public async Task An_upload_that_is_gone_is_refused_by_that_name()
    {
        var plan = Plan("b/large", [1]) with { Md5 = null, PartBytes = PartBytes };
        var upload = await Place.Begin(plan, default);
        var part = await PutPart(plan, upload, 1, [1]);
        await Place.Abort(plan.Key, upload, default);
        var e = await Assert.ThrowsAsync<ReplicaRefusedException>(async () => await PutPart(plan, upload, 2, Bytes(PartBytes + 1)));
        Assert.Equal("NoSuchUpload", e.Code);
        e = await Assert.ThrowsAsync<ReplicaRefusedException>(async () => await Place.Complete(plan, upload, [part], default));
        Assert.Equal("NoSuchUpload", e.Code);
        Assert.Empty(await server.Uploads(place));
    }
}

/// <summary>Replicas in a bucket that keeps none: what is written over is gone.</summary>
public sealed class S3ReplicasWithoutVersionsTests(RunningServer server) : S3ReplicasTests(server)
{
    protected override bool KeepsVersions => false;
}
