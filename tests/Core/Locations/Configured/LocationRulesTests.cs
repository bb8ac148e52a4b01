using System.Text.Json;
using ZenkoFunctions.Core.Locations.Configured;

namespace ZenkoFunctions.Core.Tests.Locations.Configured;

public sealed class LocationRulesTests
{
    private const string Key = "a2V5";
    private const string Bucket = """ "accessKey":"account1","bucketName":"bucket" """;

    [Theory]
    [InlineData("file", """{"path":"/srv/x"}""", null)]
    [InlineData("azure", "{" + Bucket + "}", Key)]
    [InlineData("location-azure-v1", "{" + Bucket + ""","endpoint":"http://127.0.0.1:10000/account1","bucketMatch":true}""", Key)]
    [InlineData("aws-s3", "{" + Bucket + ""","region":"eu-west-1","serverSideEncryption":true}""", Key)]
    [InlineData("gcp", "{" + Bucket + ""","mpuBucketName":"helper"}""", Key)]
    [InlineData("wasabi", "{" + Bucket + "}", Key)]
    [InlineData("do-spaces", "{" + Bucket + ""","endpoint":"nyc3.digitaloceanspaces.com"}""", Key)]
    [InlineData("ceph-radosgw-s3", "{" + Bucket + ""","endpoint":"http://ceph:8080/","bucketMatch":true}""", Key)]
    [InlineData("3ds-outscale-oos-public", "{" + Bucket + ""","endpoint":"oos.eu-west-2.outscale.com"}""", Key)]
    public void What_a_type_needs_is_enough(string type, string details, string? secret) => Assert.Null(Wrong(type, details, secret));

    [Theory]
    [InlineData("location-mem-v1", "{}", null, "not served")]
    [InlineData("location-scality-sproxyd-v1", "{}", null, "not served")]
    [InlineData("location-scality-hdclient-v2", "{}", null, "not served")]
    [InlineData("location-nfs-mount-v1", "{}", null, "not served")]
    [InlineData("location-dmf-v1", "{}", null, "not served")]
    [InlineData("location-azure-archive-v1", "{}", null, "not served")]
    [InlineData("location-moon-v1", "{}", null, "no type of location")]
    [InlineData("file", "{}", null, "needs path")]
    [InlineData("file", """{"path":"here"}""", null, "absolute")]
    [InlineData("file", """{"path":"/srv/x"}""", Key, "has no secretKey")]
    [InlineData("aws-s3", """{"accessKey":"id"}""", Key, "needs bucketName")]
    [InlineData("aws-s3", "{" + Bucket + "}", null, "needs secretKey")]
    [InlineData("aws-s3", "{" + Bucket + ""","path":"/x"}""", Key, "has no path")]
    [InlineData("aws-s3", "{" + Bucket + ""","endpoint":"ftp://x"}""", Key, "no endpoint")]
    [InlineData("aws-s3", "{" + Bucket + ""","endpoint":"http://x/path"}""", Key, "no endpoint")]
    [InlineData("aws-s3", "{" + Bucket + ""","endpoint":"http://user@x"}""", Key, "no endpoint")]
    [InlineData("ceph-radosgw-s3", "{" + Bucket + "}", Key, "needs endpoint")]
    [InlineData("gcp", "{" + Bucket + ""","serverSideEncryption":true}""", Key, "has no serverSideEncryption")]
    [InlineData("azure", """{"accessKey":"Account_1","bucketName":"bucket"}""", Key, "3 to 24")]
    [InlineData("azure", "{" + Bucket + "}", "no base64!", "Base64")]
    [InlineData("azure", "{" + Bucket + ""","region":"x"}""", Key, "has no region")]
    [InlineData("aws-s3", """{"accessKey":"id","bucketName":"a/b"}""", Key, "cannot be the name of a bucket")]
    [InlineData("aws-s3", """{"accessKey":"i\nd","bucketName":"bucket"}""", Key, "cannot be seen")]
    public void What_a_type_does_not_know_or_lacks_is_named(string type, string details, string? secret, string told) =>
        Assert.Contains(told, Wrong(type, details, secret), StringComparison.Ordinal);

    [Fact]
    public void Only_what_keeps_bytes_for_a_while_may_be_transient()
    {
        Assert.Contains("transient", Wrong("aws-s3", "{" + Bucket + "}", Key, c => c with { IsTransient = true }), StringComparison.Ordinal);
        Assert.Null(Wrong("file", """{"path":"/srv/x"}""", null, c => c with { IsTransient = true }));
    }

    [Fact]
    public void Limits_have_bounds()
    {
        Assert.Contains("sizeLimitGB", Wrong("file", """{"path":"/x"}""", null, c => c with { SizeLimitGb = -1 }), StringComparison.Ordinal);
        Assert.Contains("bandwidthLimit", Wrong("file", """{"path":"/x"}""", null, c => c with { BandwidthLimit = 1 }), StringComparison.Ordinal);
        Assert.Contains("concurrency", Wrong("file", """{"path":"/x"}""", null, c => c with { Concurrency = 65 }), StringComparison.Ordinal);
    }

    [Fact]
    public void Short_names_of_types_are_unique() =>
        Assert.Equal(LocationTypes.All.Count, LocationTypes.All.Select(type => type.ShortName).Distinct().Count());

    private static string? Wrong(string type, string details, string? secret, Func<LocationConfig, LocationConfig>? change = null)
    {
        var config = new LocationConfig { Name = "x", LocationType = type, Details = JsonSerializer.Deserialize(details, LocationJson.Default.LocationDetails)! };
        return LocationRules.Wrong(LocationRules.Tidied(change?.Invoke(config) ?? config), secret, isShared: false);
    }
}
