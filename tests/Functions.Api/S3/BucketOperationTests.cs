using System.Net;
using System.Xml.Linq;

namespace ZenkoFunctions.Api.Tests.S3;

public sealed class BucketOperationTests : IAsyncLifetime
{
    private BucketServer server = null!;

    public async Task InitializeAsync() => server = await BucketServer.Start();

    public async Task DisposeAsync() => await server.DisposeAsync();

    private async Task<string> Code(
        HttpMethod verb, string path, string? account = "owner", string? body = null, params (string, string)[] headers)
    {
        var response = await server.Send(verb, path, account, body, headers);
        var text = await response.Content.ReadAsStringAsync();
        var status = (int)response.StatusCode;
        return status < 300 || text.Length == 0 ? $"{status}" : $"{status} {XElement.Parse(text).Element("Code")!.Value}";
    }

    private static string Constraint(string value) =>
        $"<CreateBucketConfiguration xmlns='http://s3.amazonaws.com/doc/2006-03-01/'><LocationConstraint>{value}</LocationConstraint></CreateBucketConfiguration>";

    [Fact]
    public async Task A_bucket_is_made_found_and_removed()
    {
        var made = await server.Send(HttpMethod.Put, "/one/");
        Assert.Equal(HttpStatusCode.OK, made.StatusCode);
        Assert.Equal("/one", made.Headers.Location!.OriginalString);
        var head = await server.Send(HttpMethod.Head, "/one");
        Assert.Equal("us-east-1", head.Headers.GetValues("x-amz-bucket-region").Single());
        Assert.Equal("204", await Code(HttpMethod.Delete, "/one"));
        Assert.Equal("404", await Code(HttpMethod.Head, "/one"));
        Assert.Equal("404 NoSuchBucket", await Code(HttpMethod.Delete, "/one"));
    }

    [Fact]
    public async Task A_bucket_with_objects_is_not_removed()
    {
        await server.Bucket("full", "key");
        Assert.Equal("409 BucketNotEmpty", await Code(HttpMethod.Delete, "/full"));
    }

    [Fact]
    public async Task In_the_oldest_region_an_owner_may_make_a_bucket_again_and_another_may_not()
    {
        await server.Bucket("again");
        Assert.Equal("200", await Code(HttpMethod.Put, "/again"));
        Assert.Equal("409 BucketAlreadyExists", await Code(HttpMethod.Put, "/again", "other"));
    }

    [Fact]
    public async Task In_other_regions_an_owner_is_told_that_the_bucket_is_there()
    {
        await using var elsewhere = await BucketServer.Start("eu-west-1");
        await elsewhere.Bucket("again");
        var response = await elsewhere.Send(HttpMethod.Put, "/again");
        Assert.Contains("<Code>BucketAlreadyOwnedByYou</Code>", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("eu-west-1", (await elsewhere.Get("/again?location")).Value);
    }

    [Theory]
    [InlineData("us-east-1", "200")]
    [InlineData("", "200")]
    [InlineData("disk", "200")]
    [InlineData("mars-1", "400 InvalidLocationConstraint")]
    public async Task A_constraint_names_the_region_or_a_location(string constraint, string expected) =>
        Assert.Equal(expected, await Code(HttpMethod.Put, "/placed", body: Constraint(constraint)));

    [Fact]
    public async Task The_location_is_the_constraint_and_empty_for_the_oldest_region()
    {
        await server.Send(HttpMethod.Put, "/placed", body: Constraint("disk"));
        await server.Send(HttpMethod.Put, "/plain", body: Constraint("us-east-1"));
        Assert.Equal("disk", (await server.Get("/placed?location")).Value);
        Assert.Equal("", (await server.Get("/plain?location")).Value);
    }

    [Theory]
    [InlineData("x-amz-acl", "private", "200")]
    [InlineData("x-amz-acl", "public-read", "200")]
    [InlineData("x-amz-acl", "public", "400 InvalidArgument")]
    [InlineData("x-amz-acl", "bucket-owner-full-control", "200")]
    [InlineData("x-amz-bucket-namespace", "account-regional", "501 NotImplemented")]
    [InlineData("x-amz-bucket-namespace", "global", "200")]
    [InlineData("x-amz-grant-read", "id=1", "400 InvalidArgument")]
    [InlineData("x-amz-object-ownership", "BucketOwnerEnforced", "200")]
    [InlineData("x-amz-object-ownership", "ObjectWriter", "200")]
    [InlineData("x-amz-object-ownership", "Nobody", "400 InvalidArgument")]
    [InlineData("x-amz-bucket-object-lock-enabled", "True", "200")]
    [InlineData("x-amz-bucket-object-lock-enabled", "yes", "400 InvalidArgument")]
    [InlineData("x-amz-bucket-object-lock-enabled", "false", "200")]
    public async Task A_bucket_is_not_made_otherwise_than_asked(string header, string value, string expected)
    {
        Assert.Equal(expected, await Code(HttpMethod.Put, "/asked", headers: (header, value)));
        Assert.Equal(expected == "200" ? "200" : "404", await Code(HttpMethod.Head, "/asked"));
    }

    [Theory]
    [InlineData("<CreateBucketConfiguration>")]
    [InlineData("<CreateBucketConfiguration><Tag/></CreateBucketConfiguration>")]
    [InlineData("blah")]
    public async Task A_malformed_configuration_makes_no_bucket(string body)
    {
        Assert.Equal("400 MalformedXML", await Code(HttpMethod.Put, "/malformed", body: body));
        Assert.Equal("404", await Code(HttpMethod.Head, "/malformed"));
    }

    [Theory]
    [InlineData("<Location><Name>az</Name><Type>AvailabilityZone</Type></Location>")]
    [InlineData("<Bucket><Type>Directory</Type></Bucket>")]
    public async Task A_configuration_that_asks_for_more_than_there_is_makes_no_bucket(string element)
    {
        var body = $"<CreateBucketConfiguration>{element}</CreateBucketConfiguration>";
        Assert.Equal("501 NotImplemented", await Code(HttpMethod.Put, "/tagged", body: body));
        Assert.Equal("404", await Code(HttpMethod.Head, "/tagged"));
    }

    [Fact]
    public async Task Only_the_owner_gets_at_a_bucket()
    {
        await server.Bucket("mine", "key");
        foreach (var (verb, path) in new[]
        {
            (HttpMethod.Get, "/mine"), (HttpMethod.Get, "/mine?list-type=2"), (HttpMethod.Delete, "/mine"), (HttpMethod.Get, "/mine?location"),
            (HttpMethod.Get, "/mine?uploads"), (HttpMethod.Get, "/mine/key"), (HttpMethod.Delete, "/mine/key"), (HttpMethod.Put, "/mine/key2"),
        })
        {
            Assert.Equal("403 AccessDenied", await Code(verb, path, "other", verb == HttpMethod.Put ? "x" : null));
            Assert.Equal("403 AccessDenied", await Code(verb, path, null, verb == HttpMethod.Put ? "x" : null));
        }
        Assert.Equal("403 AccessDenied", await Code(HttpMethod.Get, "/mine", headers: ("x-amz-expected-bucket-owner", "000000000002")));
        Assert.Equal("200", await Code(HttpMethod.Get, "/mine", headers: ("x-amz-expected-bucket-owner", "000000000001")));
    }

    [Fact]
    public async Task Buckets_are_listed_page_by_page_for_their_owner_alone()
    {
        await server.Bucket("b-1");
        await server.Bucket("b-2");
        await server.Bucket("b-3");
        await server.Bucket("c-1");
        await server.Send(HttpMethod.Put, "/b-0", "other");

        var first = await server.Get("/?max-buckets=2&prefix=b-");
        Assert.Equal(["b-1", "b-2"], first.Descendants("Name").Select(n => n.Value));
        Assert.Equal("b-", first.Element("Prefix")!.Value);
        Assert.Equal(BucketServer.Owner.CanonicalId, first.Element("Owner")!.Element("ID")!.Value);
        Assert.Equal("owner", first.Element("Owner")!.Element("DisplayName")!.Value);
        var token = first.Element("ContinuationToken")!.Value;
        var second = await server.Get($"/?max-buckets=2&prefix=b-&continuation-token={token}");
        Assert.Equal(["b-3"], second.Descendants("Name").Select(n => n.Value));
        Assert.Null(second.Element("ContinuationToken"));
        Assert.Empty((await server.Get("/?bucket-region=eu-west-1")).Descendants("Name"));
        Assert.Equal("us-east-1", (await server.Get("/?bucket-region=us-east-1")).Descendants("BucketRegion").First().Value);
    }

    [Theory]
    [InlineData("max-buckets=0")]
    [InlineData("max-buckets=10001")]
    [InlineData("max-buckets=x")]
    [InlineData("continuation-token=x")]
    public async Task A_bad_parameter_of_ListBuckets_is_an_invalid_argument(string query) =>
        Assert.Equal("400 InvalidArgument", await Code(HttpMethod.Get, "/?" + query));
}
