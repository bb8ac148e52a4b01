using System.Diagnostics;
using System.Security.Cryptography;
using ZenkoFunctions.Api.Tests.Operations;
using ZenkoFunctions.Contracts.Faults;

namespace ZenkoFunctions.Api.Tests.Management;

/// <summary>S3 over locations that were added while the server ran.</summary>
public sealed class AddedLocationTests(TwoClouds clouds) : IClassFixture<TwoClouds>, IAsyncLifetime
{
    private const int MiB = 1 << 20;
    private const string Write = "x-amz-meta-scal-location-constraint: ";

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync()
    {
        clouds.Network.Always(null);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_bucket_of_a_location_keeps_all_of_its_objects_there_small_ones_too()
    {
        await clouds.Add("all-there");
        Assert.Equal(200, (await clouds.MakeBucket("bucket-1", "all-there")).Status);
        Assert.Equal("all-there", (await clouds.Near.Send("GET", "/bucket-1?location")).Element("LocationConstraint"));
        await clouds.Near.Send("PUT", "/bucket-1/small", "small");
        await clouds.Near.SendBytes("PUT", "/bucket-1/large", new byte[100_000]);
        Assert.Equal(["100000", "5"], (await clouds.Sizes("all-there")).Order(StringComparer.Ordinal));
        Assert.Equal("small", (await clouds.Near.Send("GET", "/bucket-1/small")).Text);
        Assert.Equal(206, (await clouds.Near.Send("GET", "/bucket-1/large", "", "Range: bytes=5-9")).Status);
    }

    [Fact]
    public async Task An_object_goes_where_its_header_says_and_is_read_from_where_a_header_says()
    {
        await clouds.Add("by-header");
        Assert.Equal(200, (await clouds.Near.Send("PUT", "/bkt/by-header", "there", Write + "by-header")).Status);
        Assert.Equal(["5"], await clouds.Sizes("by-header"));
        Assert.Equal("there", (await clouds.Near.Send("GET", "/bkt/by-header", "", "x-amz-location-constraint: by-header")).Text);
        Assert.Equal("InvalidLocationConstraint", (await clouds.Near.Send("GET", "/bkt/by-header", "", "x-amz-location-constraint: disk")).Code);
        Assert.Equal("InvalidLocationConstraint", (await clouds.Near.Send("PUT", "/bkt/x", "x", Write + "no-such")).Code);
    }

    [Fact]
    public async Task An_upload_in_parts_goes_there_part_by_part_and_is_one_object()
    {
        await clouds.Add("in-parts");
        await clouds.MakeBucket("bucket-2", "in-parts");
        var upload = (await clouds.Near.Send("POST", "/bucket-2/parts?uploads")).Element("UploadId");
        byte[][] parts = [RandomNumberGenerator.GetBytes(9 * MiB), RandomNumberGenerator.GetBytes(1000)];
        var etags = new List<string?>();
        for (var i = 0; i < parts.Length; i++)
            etags.Add((await clouds.Near.SendBytes("PUT", $"/bucket-2/parts?partNumber={i + 1}&uploadId={upload}", parts[i])).Header("ETag"));
        var list = string.Concat(etags.Select((etag, i) => $"<Part><PartNumber>{i + 1}</PartNumber><ETag>{etag}</ETag></Part>"));
        Assert.Equal(200, (await clouds.Near.Send("POST", $"/bucket-2/parts?uploadId={upload}", $"<CompleteMultipartUpload>{list}</CompleteMultipartUpload>")).Status);
        Assert.Equal(parts.SelectMany(part => part), (await clouds.Near.Send("GET", "/bucket-2/parts")).Body);
        Assert.Equal(["1000", $"{9 * MiB}"], (await clouds.Sizes("in-parts")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_copy_within_a_place_is_made_by_the_place()
    {
        await clouds.Add("copies");
        await clouds.MakeBucket("bucket-3", "copies");
        var body = RandomNumberGenerator.GetBytes(200_000);
        await clouds.Near.SendBytes("PUT", "/bucket-3/one", body);
        var before = clouds.Network.Seen.Count;
        Assert.Equal(200, (await clouds.Near.Send("PUT", "/bucket-3/two", "", "x-amz-copy-source: /bucket-3/one")).Status);
        Assert.DoesNotContain(clouds.Network.Seen.Skip(before), line => line.StartsWith("GET ", StringComparison.Ordinal));
        Assert.Equal(body, (await clouds.Near.Send("GET", "/bucket-3/two")).Body);
    }

    [Fact]
    public async Task Copies_go_from_one_place_to_another_through_us()
    {
        await clouds.Add("from-here");
        await clouds.Add("to-there");
        await clouds.MakeBucket("bucket-4", "from-here");
        await clouds.MakeBucket("bucket-5", "to-there");
        var body = RandomNumberGenerator.GetBytes(200_000);
        await clouds.Near.SendBytes("PUT", "/bucket-4/one", body);
        await clouds.Near.Send("PUT", "/bkt/home", "home");
        Assert.Equal(200, (await clouds.Near.Send("PUT", "/bucket-5/one", "", "x-amz-copy-source: /bucket-4/one")).Status);
        Assert.Equal(200, (await clouds.Near.Send("PUT", "/bucket-5/home", "", "x-amz-copy-source: /bkt/home")).Status);
        Assert.Equal(200, (await clouds.Near.Send("PUT", "/bkt/back", "", "x-amz-copy-source: /bucket-5/one")).Status);
        Assert.Equal(body, (await clouds.Near.Send("GET", "/bucket-5/one")).Body);
        Assert.Equal(body, (await clouds.Near.Send("GET", "/bkt/back")).Body);
        Assert.Equal(["200000", "4"], (await clouds.Sizes("to-there")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Versions_are_kept_whatever_the_place_keeps()
    {
        await clouds.Add("unversioned");
        await clouds.MakeBucket("bucket-6", "unversioned");
        Assert.Equal(200, (await clouds.Near.Send("PUT", "/bucket-6?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")).Status);
        var first = (await clouds.Near.Send("PUT", "/bucket-6/key", "first")).Header("x-amz-version-id");
        await clouds.Near.Send("PUT", "/bucket-6/key", "second");
        await clouds.Near.Send("DELETE", "/bucket-6/key");
        Assert.Equal("first", (await clouds.Near.Send("GET", $"/bucket-6/key?versionId={first}")).Text);
        Assert.Equal(404, (await clouds.Near.Send("GET", "/bucket-6/key")).Status);
    }

    [Fact]
    public async Task An_owner_makes_a_bucket_again_only_where_the_location_is_like_that()
    {
        await clouds.Add("legacy", document => document["legacyAwsBehavior"] = true);
        await clouds.Add("strict");
        await clouds.MakeBucket("bucket-7", "legacy");
        await clouds.MakeBucket("bucket-8", "strict");
        Assert.Equal(200, (await clouds.MakeBucket("bucket-7", "legacy")).Status);
        Assert.Equal("BucketAlreadyOwnedByYou", (await clouds.MakeBucket("bucket-8", "strict")).Code);
    }

    [Fact]
    public async Task More_than_a_location_may_keep_is_refused()
    {
        await clouds.Add("bounded", document => document["sizeLimitGB"] = 1);
        await clouds.MakeBucket("bucket-9", "bounded");
        Assert.Equal(200, (await clouds.Near.Send("PUT", "/bucket-9/fits", "fits")).Status);
        var head = clouds.Near.Request("PUT", "/bucket-9/too-large", []);
        clouds.Near.Signer().Sign(head.With("Content-Length", "1000000000"), Signatures.PayloadForm.Unsigned);
        var refused = await clouds.Near.SendRaw(RawHttp.Bytes(head.With("Expect", "100-continue")));
        Assert.Contains("HTTP/1.1 403", refused, StringComparison.Ordinal);
        Assert.Contains("The assigned storage space limit for location bounded will be exceeded", refused, StringComparison.Ordinal);
        Assert.Equal(200, (await clouds.Near.Send("PUT", "/bucket-9/fits-too", "fits")).Status);
    }

    [Fact]
    public async Task A_cloud_that_is_down_is_told_as_such_hurts_no_other_and_is_used_again_when_it_is_up()
    {
        await clouds.Add("down");
        await clouds.MakeBucket("bucket-10", "down");
        await clouds.Near.Send("PUT", "/bucket-10/key", "there");
        clouds.Network.Always(new Fault.Answer(503));
        var time = Stopwatch.StartNew();
        foreach (var verb in new[] { "GET", "PUT", "GET", "PUT", "GET" })
        {
            var answer = await clouds.Near.Send(verb, "/bucket-10/key", verb == "PUT" ? "new" : "");
            Assert.Equal((503, "ServiceUnavailable"), (answer.Status, answer.Code));
            Assert.Contains("location down", answer.Text, StringComparison.Ordinal);
        }
        Assert.InRange(time.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(60));
        Assert.Equal(200, (await clouds.Near.SendBytes("PUT", "/bkt/meanwhile", new byte[100_000])).Status);

        clouds.Network.Always(null);
        Answer up;
        do up = await clouds.Near.Send("GET", "/bucket-10/key");
        while (up.Status == 503 && time.Elapsed < TimeSpan.FromMinutes(2));
        Assert.Equal((200, "there"), (up.Status, up.Text));
        Assert.Equal(200, (await clouds.Near.Send("PUT", "/bucket-10/key", "new")).Status);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task A_cloud_that_hangs_is_told_within_seconds()
    {
        await clouds.Add("hanging");
        await clouds.MakeBucket("bucket-11", "hanging");
        await clouds.Near.Send("PUT", "/bucket-11/key", "there");
        clouds.Network.Always(new Fault.Hang());
        foreach (var verb in new[] { "GET", "PUT" })
        {
            var time = Stopwatch.StartNew();
            Assert.Equal(503, (await clouds.Near.Send(verb, "/bucket-11/key", verb == "PUT" ? "new" : "")).Status);
            Assert.InRange(time.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(25));
        }
    }
}
