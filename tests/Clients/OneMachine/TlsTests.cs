using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>HTTPS by a certificate of one's own: <c>--tls-cert</c> and <c>--tls-key</c>.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task A_server_shows_its_certificate_and_a_renewed_one_without_a_restart()
    {
        var first = Write(Made());
        await using var server = await ServerProcess.Start(scratch["data"], more: ["--tls-cert", scratch["cert.pem"], "--tls-key", scratch["key.pem"]]);
        Assert.StartsWith("https://", server.Endpoint, StringComparison.Ordinal);
        Assert.Equal((200, first), await Ask(server.Endpoint));
        // The certificate has come, its key has not yet.
        var renewed = Made();
        await File.WriteAllTextAsync(scratch["cert.pem"], renewed.Certificate);
        Assert.Equal((200, first), await Ask(server.Endpoint));
        await File.WriteAllTextAsync(scratch["key.pem"], renewed.Key);
        Assert.Equal((200, renewed.Thumbprint), await Ask(server.Endpoint));
        // What cannot be used does not take the place of what can.
        Write(Made(until: -1));
        Assert.Equal((200, renewed.Thumbprint), await Ask(server.Endpoint));
        File.Delete(scratch["cert.pem"]);
        Assert.Equal((200, renewed.Thumbprint), await Ask(server.Endpoint));
        await Assert.ThrowsAnyAsync<HttpRequestException>(async () => await Ask(server.Endpoint.Replace("https://", "http://", StringComparison.Ordinal)));
    }

    [ClientFact(Client.Curl)]
    public async Task Clients_that_can_speak_HTTP_2()
    {
        Write(Made());
        await using var server = await ServerProcess.Start(scratch["data"], more: ["--tls-cert", scratch["cert.pem"], "--tls-key", scratch["key.pem"]]);
        var large = RandomNumberGenerator.GetBytes(20 << 20);
        await File.WriteAllBytesAsync(scratch["large"], large);
        await Curl("200", "-X", "PUT", Presigned("PUT", ""));
        await Curl("200", "-T", scratch["large"], Presigned("PUT", "large"));
        await Curl("200", "-o", scratch["back"], Presigned("GET", "large"));
        Assert.Equal(large, await File.ReadAllBytesAsync(scratch["back"]));
        // Refused while it comes, and the connection goes on.
        var refused = await Curl("403", "-T", scratch["large"], Presigned("PUT", "large") + "0");
        Assert.Contains("<Code>SignatureDoesNotMatch</Code>", refused, StringComparison.Ordinal);

        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
        using var client = new HttpClient(handler) { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async i =>
        {
            using var put = await client.PutAsync(new Uri(Presigned("PUT", $"many-{i}")), new ByteArrayContent(large, i << 20, 1 << 20));
            Assert.Equal(HttpStatusCode.OK, put.StatusCode);
            using var wrong = await client.PutAsync(new Uri(Presigned("PUT", $"many-{i}") + "0"), new ByteArrayContent(large));
            Assert.Equal(HttpStatusCode.Forbidden, wrong.StatusCode);
            Assert.Equal(large[(i << 20)..((i + 1) << 20)], await client.GetByteArrayAsync(new Uri(Presigned("GET", $"many-{i}"))));
        }));

        string Presigned(string verb, string key)
        {
            using var s3 = Sdk.Client(server.Endpoint);
            return s3.GetPreSignedURL(new()
            {
                BucketName = "http2", Key = key.Length > 0 ? key : null, Verb = Enum.Parse<Amazon.S3.HttpVerb>(verb), Protocol = Amazon.S3.Protocol.HTTPS, Expires = DateTime.UtcNow.AddMinutes(5),
            });
        }

        async Task<string> Curl(string status, params string[] arguments)
        {
            var ran = (await Shell.Run("curl", ["-sk", "--http2", "-w", "\n%{http_version} %{http_code}", .. arguments])).Succeeded();
            Assert.EndsWith("\n2 " + status, ran.Out, StringComparison.Ordinal);
            return ran.Out;
        }
    }

    [Theory]
    [InlineData("other key", "cannot be used", "private key")]
    [InlineData("ended", "ended on", "Renew it")]
    [InlineData("not yet", "holds from", "clock")]
    [InlineData("no certificate", "cannot be used", "PEM")]
    public async Task A_certificate_that_cannot_be_used_is_told_with_what_to_do(string trouble, string what, string then)
    {
        var made = trouble == "ended" ? Made(until: -1) : trouble == "not yet" ? Made(from: 1, until: 2) : Made();
        Write(made);
        if (trouble == "other key") await File.WriteAllTextAsync(scratch["key.pem"], Made().Key);
        if (trouble == "no certificate") await File.WriteAllTextAsync(scratch["cert.pem"], "nothing");
        var ran = await Start("--tls-cert", scratch["cert.pem"], "--tls-key", scratch["key.pem"]);
        Assert.Equal(1, ran.ExitCode);
        foreach (var word in new[] { "--tls-cert", what, then }) Assert.Contains(word, ran.Err, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_missing_or_left_out_is_told_at_once()
    {
        Write(Made());
        var missing = await Start("--tls-cert", scratch["cert.pem"], "--tls-key", scratch["nothing.pem"]);
        Assert.Equal(2, missing.ExitCode);
        Assert.Contains("there is no such file", missing.Err, StringComparison.Ordinal);
        var half = await Start("--tls-cert", scratch["cert.pem"]);
        Assert.Equal(2, half.ExitCode);
        Assert.Contains("--tls-cert and --tls-key are given together", half.Err, StringComparison.Ordinal);
    }

    private Task<Ran> Start(params string[] more) => Shell.Run("dotnet", [Repository.Program, "serve", "--data", scratch["data"], "--port", "0", .. more]);

    private string Write((string Certificate, string Key, string Thumbprint) made)
    {
        File.WriteAllText(scratch["cert.pem"], made.Certificate);
        File.WriteAllText(scratch["key.pem"], made.Key);
        return made.Thumbprint;
    }

    /// <summary>A certificate for localhost that holds from and until so many days from now.</summary>
    private static (string Certificate, string Key, string Thumbprint) Made(int from = -2, int until = 1)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(from), DateTimeOffset.UtcNow.AddDays(until));
        return (made.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem(), made.Thumbprint);
    }

    /// <summary>The status of a health check over a new connection, and the certificate that it showed.</summary>
    private static async Task<(int, string?)> Ask(string endpoint)
    {
        string? shown = null;
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, _) => (shown = (certificate as X509Certificate2)?.Thumbprint) is not null,
            },
        };
        using var client = new HttpClient(handler);
        using var answer = await client.GetAsync(new Uri(endpoint + "/_/healthcheck"));
        return ((int)answer.StatusCode, shown);
    }
}
