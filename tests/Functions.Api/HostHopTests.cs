using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.Tests.Signatures;

namespace ZenkoFunctions.Api.Tests;

/// <summary>What clients signed is found again behind the Functions host, which changes host, path and headers; and nothing else is.</summary>
public sealed class HostHopTests
{
    private const string Invocation = "3f0f0b7e-8f0a-4a6c-9d3e-0b7b1c1e2a11";

    [Theory]
    [InlineData("/bkt/a%2Fb", "/bkt/a%252Fb", "bkt", "a/b")]
    [InlineData("/bkt/a%252Fb", "/bkt/a%252Fb", "bkt", "a%2Fb")]
    [InlineData("/bkt/a%2Bb", "/bkt/a+b", "bkt", "a+b")]
    [InlineData("/bkt/a%20b", "/bkt/a%20b", "bkt", "a b")]
    [InlineData("/bkt/%28x%29%21%27%2A", "/bkt/(x)!'*", "bkt", "(x)!'*")]
    [InlineData("/bkt/%C3%A9", "/bkt/%C3%A9", "bkt", "é")]
    [InlineData("/bkt//k//", "/bkt//k//", "bkt", "/k//")]
    public async Task A_signed_path_is_read_as_the_client_sent_it(string sent, string arrives, string bucket, string key)
    {
        var gate = await Gate.Open();
        var read = await Read(gate, gate.Signer().Sign(new SignedRequest { Path = sent }), arrives);
        Assert.Equal(new Address(bucket, key), Address.Parse(null, read.RawPath));
        Assert.Equal(Invocation, read.InvocationId);
    }

    [Theory]
    [InlineData("/bkt/a%252Fb", "/bkt/a%252Fb", "a%2Fb")]
    [InlineData("/bkt/a%2Fb", "/bkt/a%252Fb", "a/b")]
    [InlineData("/bkt/./k", "/bkt/k", "./k")]
    [InlineData("/bkt/x/../k", "/bkt/k", "x/../k")]
    public void The_platforms_word_for_the_original_path_is_taken_where_it_explains_what_arrived(string sent, string arrives, string key)
    {
        var request = new SignedRequest { Path = arrives }.With("X-WAWS-Unencoded-URL", sent + "?versions");
        Assert.Equal(key, Address.Parse(null, Hop().Readings(Through(request, arrives)).First().RawPath).Key);
    }

    [Fact]
    public void Another_path_in_the_platforms_header_is_not_believed()
    {
        var request = new SignedRequest { Path = "/bkt/k" }.With("X-WAWS-Unencoded-URL", "/other/key");
        Assert.All(Hop().Readings(Through(request, "/bkt/k")), reading => Assert.Equal("/bkt/k", reading.RawPath));
    }

    [Fact]
    public void An_encoded_slash_of_a_request_without_signature_is_a_slash() => Assert.All(
        Hop().Readings(Through(new SignedRequest { Path = "/bkt/a%2Fb" }, "/bkt/a%252Fb")), reading => Assert.Equal("/bkt/a%2Fb", reading.RawPath));

    [Theory]
    [InlineData("fn.example.net", "fn.example.net")]
    [InlineData("fn.example.net:443", "fn.example.net")]
    [InlineData("s3.example.com", "fn.example.net")]
    [InlineData("s3.example.com:443", "fn.example.net")]
    public async Task The_host_that_was_signed_is_found_among_those_that_are_known(string signed, string forwarded)
    {
        var gate = await Gate.Open();
        var request = gate.Signer().Sign(new SignedRequest { Path = "/bkt/k" }.With("Host", signed));
        Assert.Equal(signed, (await Read(gate, request, "/bkt/k", forwarded, "s3.example.com")).Headers.Host);
    }

    [Fact]
    public async Task A_host_that_nobody_named_does_not_match()
    {
        var gate = await Gate.Open();
        var request = gate.Signer().Sign(new SignedRequest { Path = "/bkt/k" }.With("Host", "elsewhere.example.org"));
        var refused = await Assert.ThrowsAsync<S3Exception>(() => Read(gate, request, "/bkt/k", "fn.example.net"));
        Assert.Equal(S3Errors.SignatureDoesNotMatch, refused.Error);
    }

    [Fact]
    public async Task Header_lines_that_were_merged_still_match_and_an_altered_one_does_not()
    {
        var gate = await Gate.Open();
        var request = new SignedRequest { Path = "/bkt/k" };
        request.Headers["x-amz-meta-a"] = new(["1", "2"]);
        gate.Signer().Sign(request);
        request.Headers["x-amz-meta-a"] = "1, 2";
        await Read(gate, request, "/bkt/k");
        request.Headers["x-amz-meta-a"] = "1, 3";
        await Assert.ThrowsAsync<S3Exception>(() => Read(gate, request, "/bkt/k"));
    }

    [Fact]
    public void The_clients_address_is_believed_from_the_named_header_only()
    {
        var request = Through(new SignedRequest().With("X-Client-IP", "203.0.113.9:4711"), "/");
        Assert.Null(Hop().Readings(request).First().Peer);
        Assert.Equal("203.0.113.9", new HostHop([], "X-Client-IP", 100).Readings(request).First().Peer!.ToString());
        Assert.Null(new HostHop([], "CLIENT-IP", 100).Readings(request).First().Peer);
    }

    [Fact]
    public void The_clients_certificate_is_believed_from_the_named_header_only()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = new CertificateRequest("CN=client", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1));
        var request = Through(new SignedRequest().With("X-ARR-ClientCert", Convert.ToBase64String(made.RawData)), "/");
        Assert.All(Hop().Readings(request), reading => Assert.Null(reading.ClientCertificate));
        Assert.All(new HostHop([], null, 100, "X-ARR-ClientCert").Readings(request), reading => Assert.Equal(
            (made.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant(), "CN=client"), (reading.ClientCertificate!.Fingerprint, reading.ClientCertificate.Subject)));
        Assert.Null(new HostHop([], null, 100, "X-Client-Cert").Readings(request).First().ClientCertificate);
        // What a connection within the platform shows is not the client's.
        Assert.Null(Hop().Readings(request with { ClientCertificate = new("", "", default, default) }).First().ClientCertificate);
    }

    [Fact]
    public void What_the_platform_adds_under_a_protocols_prefix_is_taken_away()
    {
        var request = Through(new SignedRequest().With("x-ms-coldstart", "1").With("x-ms-client-principal-name", "n").With("x-ms-client-request-id", "mine"), "/");
        var read = Hop().Readings(request).First();
        Assert.Equal(["x-ms-client-request-id"], read.Headers.Keys.Where(name => name.StartsWith("x-ms-", StringComparison.OrdinalIgnoreCase)));
        Assert.True(read.IsHttps);
    }

    private static HostHop Hop(params string[] publicHosts) => new(publicHosts, null, 1000);

    /// <summary>As the host passes a request on.</summary>
    private static WireRequest Through(SignedRequest request, string arrives, string forwarded = "s3.example.com")
    {
        var passed = request.Copy().With("X-Forwarded-Host", forwarded).With("X-Forwarded-For", "127.0.0.1").With("X-Forwarded-Proto", "https")
            .With("x-ms-invocation-id", Invocation).With("X-Azure-Functions-InvocationId", Invocation).With("Host", "127.0.0.1:5000");
        passed.Path = arrives;
        return passed.ToWire();
    }

    private static async Task<WireRequest> Read(
        Gate gate, SignedRequest request, string arrives, string forwarded = "s3.example.com", params string[] publicHosts)
    {
        var arrived = Through(request, arrives, forwarded);
        var exchange = new Exchange(arrived, "") { Readings = Hop(publicHosts).Readings(arrived) };
        await exchange.FirstThatMatches(() => gate.Authenticator.Verify(exchange.Request, null, default));
        return exchange.Request;
    }
}
