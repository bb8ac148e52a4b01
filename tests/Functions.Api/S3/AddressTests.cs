using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Tests.S3;

public sealed class AddressTests
{
    private static readonly HostNames Hosts = new(["localhost", "s3.localhost", "s3.example.com"], "eu-north-1");

    [Theory]
    [InlineData("/", "", "", Target.Service)]
    [InlineData("/bucket", "bucket", "", Target.Bucket)]
    [InlineData("/bucket/", "bucket", "", Target.Bucket)]
    [InlineData("/bucket//", "bucket", "/", Target.Object)]
    [InlineData("/bucket/a/../b", "bucket", "a/../b", Target.Object)]
    [InlineData("/bucket/a%2Fb%20c+d%c3%a4", "bucket", "a/b c+dä", Target.Object)]
    [InlineData("/metadata/oauth2/token", "metadata", "oauth2/token", Target.Object)]
    [InlineData("/tenants", "tenants", "", Target.Bucket)]
    [InlineData("/subscriptions", "subscriptions", "", Target.Bucket)]
    [InlineData("/adfs", "adfs", "", Target.Bucket)]
    [InlineData("/:bucket/a", "bucket", "a", Target.Object)]
    public void A_path_names_bucket_and_key(string path, string bucket, string key, Target target)
    {
        var address = Address.Parse(null, path);
        Assert.Equal((bucket, key, target), (address.Bucket, address.Key, address.Target));
    }

    [Fact]
    public void With_a_bucket_in_the_host_the_whole_path_is_the_key()
    {
        Assert.Equal(new Address("my.bucket", "a/b"), Address.Parse("my.bucket", "/a/b"));
        Assert.Equal(Target.Bucket, Address.Parse("my.bucket", "/").Target);
    }

    [Theory]
    [InlineData("bucket.localhost", "bucket")]
    [InlineData("bucket.localhost:8000", "bucket")]
    [InlineData("Bucket.S3.localhost:8000", "bucket")]
    [InlineData("my.bucket.s3.example.com", "my.bucket")]
    [InlineData("s3.localhost", null)]
    [InlineData("localhost:8000", null)]
    [InlineData("127.0.0.1:8000", null)]
    [InlineData("[::1]:8000", null)]
    [InlineData("[::1]", null)]
    [InlineData("other.example.com", null)]
    [InlineData("", null)]
    public void A_host_under_a_domain_names_a_bucket(string host, string? bucket) => Assert.Equal(bucket, Hosts.BucketOf(host));

    [Theory]
    [InlineData("/bucket/%")]
    [InlineData("/bucket/%4")]
    [InlineData("/bucket/%zz")]
    [InlineData("/bucket/%ff")]
    [InlineData("/bucket/%c0%80")]
    [InlineData("/bucket/%ed%a0%80")]
    public void A_path_that_is_no_percent_encoded_UTF8_is_refused(string path) =>
        Assert.Equal(S3Errors.InvalidURI, Assert.Throws<S3Exception>(() => Address.Parse(null, path)).Error);

    [Theory]
    [InlineData("site.s3-website.localhost", "site")]
    [InlineData("Site.S3-Website.LocalHost:8000", "site")]
    [InlineData("www.site.s3-website.s3.localhost", "www.site")]
    [InlineData("site.s3-website-eu-north-1.example.com", "site")]
    [InlineData("site.s3-website-eu-north-1.s3.example.com", "site")]
    [InlineData("site.s3-website-us-east-1.example.com", null)]
    [InlineData("s3-website.localhost", null)]
    [InlineData("site.s3-website.example.org", null)]
    [InlineData("site.localhost", null)]
    public void A_websites_host_names_its_bucket(string host, string? bucket)
    {
        Assert.Equal(bucket, Hosts.WebsiteOf(host));
        if (bucket is not null) Assert.Null(Hosts.BucketOf(host));
    }

    [Theory]
    [InlineData("ab")]
    [InlineData("Upper")]
    [InlineData("under_score")]
    [InlineData("-start")]
    [InlineData("end-")]
    [InlineData("two..dots")]
    [InlineData("dot.-dash")]
    [InlineData("dash-.dot")]
    [InlineData("192.168.0.1")]
    [InlineData("admin")]
    [InlineData("runtime")]
    [InlineData("a23456789012345678901234567890123456789012345678901234567890123x")]
    [InlineData("_")]
    [InlineData(":")]
    [InlineData("::bucket")]
    [InlineData("")]
    public void A_bad_bucket_name_is_refused(string name) => Assert.Equal(
        S3Errors.InvalidBucketName, Assert.Throws<S3Exception>(() => Address.Parse(null, $"/{name}/key")).Error);

    [Theory]
    [InlineData("abc")]
    [InlineData("1-2.3-4")]
    [InlineData("administrator")]
    [InlineData("a23456789012345678901234567890123456789012345678901234567890123")]
    public void A_good_bucket_name_is_taken(string name) => Assert.Null(BucketName.Fault(name));

    [Fact]
    public void The_reserved_names_are_these() => Assert.Equal(["admin", "runtime"], BucketName.Reserved);

    [Fact]
    public void A_key_may_have_1024_bytes_and_not_one_more()
    {
        Assert.Equal(512, Address.Parse(null, "/bucket/" + string.Concat(Enumerable.Repeat("%C3%A4", 512))).Key.Length);
        Assert.Equal(S3Errors.KeyTooLongError, Assert.Throws<S3Exception>(
            () => Address.Parse(null, "/bucket/a" + string.Concat(Enumerable.Repeat("%C3%A4", 512)))).Error);
    }
}
