using System.Security.Cryptography;
using System.Text;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Tests.Signatures;

/// <summary>Where real clients differ in what they sign, each is taken as it is, and an altered request still is not.</summary>
public sealed class ToleranceTests
{
    [Theory]
    [InlineData("/b/k", "acl")]
    [InlineData("/b/k", "acl=")]
    [InlineData("/b/k", "a=%2f&b=%7e&B=1")]
    [InlineData("/b/k", "prefix=a+b&x=%2B")]
    [InlineData("/b/k", "a-b=1&a=2&a0=3")]
    [InlineData("/b/k", "prefix=%C3%A4&delimiter=/")]
    [InlineData("/b//a/../%2E%2E/./k", "")]
    [InlineData("/b/a%20%28b%29", "")]
    [InlineData("/b/a%2Fb", "")]
    [InlineData("/b/(a)=@:!*'", "")]
    [InlineData("/", "")]
    public async Task What_is_signed_as_it_stands_on_the_wire_verifies(string path, string query)
    {
        var gate = await Gate.Open();
        await gate.Verify(gate.Signer().Sign(new() { Path = path, Query = query }));
    }

    [Theory]
    [InlineData("/b/(a)=@:!*'", "/b/%28a%29%3D%40%3A%21%2A%27", "", "")]
    [InlineData("/b/a+b,c;d", "/b/a%2Bb%2Cc%3Bd", "", "")]
    [InlineData("/b/%e4%bd%a0", "/b/%E4%BD%A0", "", "")]
    [InlineData("/b/%7Ea", "/b/~a", "", "")]
    [InlineData("/b/k", "/b/k", "uploads", "uploads")]
    [InlineData("/b/k", "/b/k", "b=2&a=1", "b=2&a=1")]
    [InlineData("/b/k", "/b/k", "b=(2)&a=1", "a=1&b=(2)")]
    [InlineData("/b/k", "/b/k", "prefix=a+b", "prefix=a+b")]
    public async Task Other_forms_of_the_same_path_and_query_verify(string path, string signedPath, string query, string signedQuery)
    {
        var gate = await Gate.Open();
        var request = Signed(path, signedPath, query, signedQuery);
        await gate.Verify(request);
        request.Path += "x";
        Assert.Equal(S3Errors.SignatureDoesNotMatch, (await gate.Refusal(request)).Error);
    }

    [Theory]
    [InlineData("/b/a+b", "/b/a%20b", "", "")]
    [InlineData("/b/a%2520b", "/b/a%20b", "", "")]
    [InlineData("/b/k", "/b/k", "prefix=a+b", "prefix=a%2Bb")]
    [InlineData("/b/k", "/b/k", "prefix=a%252Bb", "prefix=a%2Bb")]
    [InlineData("/b/./k", "/b/k", "", "")]
    public async Task What_means_something_else_does_not_verify(string path, string signedPath, string query, string signedQuery)
    {
        var gate = await Gate.Open();
        Assert.Equal(S3Errors.SignatureDoesNotMatch, (await gate.Refusal(Signed(path, signedPath, query, signedQuery))).Error);
    }

    [Fact]
    public async Task Header_values_are_signed_without_superfluous_blanks()
    {
        var gate = await Gate.Open();
        var request = gate.Signer().Sign(new SignedRequest { Path = "/b/k" }.With("x-amz-meta-a", "  a   b \t c  "));
        request.With("x-amz-meta-a", "a b c");
        Assert.Equal(S3Errors.SignatureDoesNotMatch, (await gate.Refusal(request)).Error);
        var folded = gate.Signer().Sign(new SignedRequest { Path = "/b/k" }.With("x-amz-meta-a", "a b c"));
        await gate.Verify(folded.With("x-amz-meta-a", "  a   b   c  "));
        var twice = new SignedRequest { Path = "/b/k" };
        twice.Headers["x-amz-meta-a"] = new(["1", "2"]);
        await gate.Verify(gate.Signer().Sign(twice));
    }

    [Fact]
    public async Task Commas_may_come_with_or_without_blanks()
    {
        var gate = await Gate.Open();
        var request = gate.Signer().Sign(new() { Path = "/b/k" });
        var authorization = request.Headers.Authorization.ToString();
        await gate.Verify(request.With("Authorization", authorization.Replace(", ", ",", StringComparison.Ordinal)));
        await gate.Verify(request.With("Authorization", authorization.Replace(", ", " ,  ", StringComparison.Ordinal)));
    }

    // A client whose canonical path and query are given, not derived.
    private static SignedRequest Signed(string path, string signedPath, string query, string signedQuery)
    {
        const string scope = "20130524/us-east-1/s3/aws4_request";
        var canonical = $"GET\n{signedPath}\n{signedQuery}\nhost:s3.example.com\nx-amz-content-sha256:UNSIGNED-PAYLOAD\nx-amz-date:20130524T000000Z\n\n"
            + "host;x-amz-content-sha256;x-amz-date\nUNSIGNED-PAYLOAD";
        var key = Encoding.UTF8.GetBytes("AWS4" + Gate.Secret);
        foreach (var part in scope.Split('/')) key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        var text = $"AWS4-HMAC-SHA256\n20130524T000000Z\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
        return new SignedRequest { Path = path, Query = query }
            .With("x-amz-content-sha256", "UNSIGNED-PAYLOAD").With("x-amz-date", "20130524T000000Z")
            .With("Authorization", $"AWS4-HMAC-SHA256 Credential={Gate.KeyId}/{scope}, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={signature}");
    }
}
