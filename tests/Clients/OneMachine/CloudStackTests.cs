using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Xml.Linq;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>CloudStack's S3: boto 2 over plain HTTP, its registration of certificates done right, and clients that sign in by them.</summary>
[Trait("Speed", "Slow")]
public sealed class CloudStackTests : IDisposable
{
    private const string Prefix = "/awsapi/rest/AmazonS3";

    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    private static Dictionary<string, string> Root => new()
    {
        ["AWS_ACCESS_KEY_ID"] = ServerProcess.AccessKey, ["AWS_SECRET_ACCESS_KEY"] = ServerProcess.SecretKey, ["AWS_DEFAULT_REGION"] = "us-east-1", ["PYTHONDONTWRITEBYTECODE"] = "1",
        // No file of the person's is read.
        ["BOTO_CONFIG"] = "/dev/null",
    };

    [ClientFact(Client.Boto2)]
    public async Task Boto_2_works_over_plain_HTTP_on_a_directory_anywhere_with_the_servlets_path_and_without()
    {
        await using var server = await ServerProcess.Start(scratch["data"], more: ["--path-prefix", Prefix, "--set", "cloudstack.actions=true"]);
        Directory.CreateDirectory(scratch["mounted"]);
        (await Shell.Run("dotnet", [Repository.Program, "location", "add", "storage-root", "--type", "file", "--path", scratch["mounted"], "--endpoint", server.Endpoint], Root)).Succeeded();
        await File.WriteAllTextAsync(scratch["client.pem"], Made("client").Certificate);
        var environment = new Dictionary<string, string>(Root)
        {
            ["ENDPOINT"] = server.Endpoint, ["PREFIX"] = Prefix, ["BUCKET"] = "boto2", ["LOCATION"] = "storage-root", ["CERTIFICATE"] = scratch["client.pem"],
        };
        (await Shell.Run(Installed.PythonOfBoto2!, [Path.Combine(Repository.PythonScripts, "cloudstack_boto2.py")], environment)).Succeeded();
        Assert.DoesNotContain("is not looked at", server.Error, StringComparison.Ordinal);
    }

    [ClientFact(Client.Curl)]
    public async Task A_registered_certificate_signs_a_client_in_and_gets_keys_of_a_session()
    {
        await using var server = await ServerProcess.Start(
            scratch["data"], more: ["--tls", "auto", "--client-certificates", "--path-prefix", Prefix, "--set", "certificates.sts=true"]);
        var authority = Path.Combine(scratch["data"], "tls", "ca.pem");
        var (mine, others) = (Made("mine"), Made("others"));
        // With its key, as curl wants it; the key is not sent to be registered.
        await File.WriteAllTextAsync(scratch["mine.pem"], mine.Key + "\n" + mine.Certificate);
        await File.WriteAllTextAsync(scratch["others.pem"], others.Key + "\n" + others.Certificate);
        await File.WriteAllTextAsync(scratch["server.pem"], Made("server", clients: false).Certificate);

        Assert.Equal("403", await Curl("mine.pem", "/"));
        var registered = (await Register("--cert", scratch["mine.pem"])).Succeeded();
        Assert.Contains(mine.Fingerprint, registered.Out, StringComparison.Ordinal);
        Assert.Contains("It ends in", registered.Err, StringComparison.Ordinal);
        (await Register("--cert", scratch["mine.pem"])).Succeeded();
        Assert.Contains(mine.Fingerprint, (await Register("--list")).Succeeded().Out, StringComparison.Ordinal);

        Assert.Equal("200", await Curl("mine.pem", "/"));
        Assert.Equal("200", await Curl("mine.pem", "/by-certificate", "-X", "PUT"));
        Assert.Equal("200", await Curl("mine.pem", $"{Prefix}/by-certificate/key", "-T", scratch["mine.pem"]));
        Assert.Equal("200", await Curl("mine.pem", "/by-certificate/key"));
        Assert.Equal("403", await Curl("others.pem", "/by-certificate/key"));
        Assert.Equal("403", await Curl(null, "/by-certificate/key"));
        // A header is nothing here, whoever sends it.
        Assert.Equal("403", await Curl(null, "/by-certificate/key", "-H", "X-ARR-ClientCert: " + mine.Der));
        Assert.Equal("403", await Curl("others.pem", "/by-certificate/key", "-H", "X-ARR-ClientCert: " + mine.Der));

        Assert.Equal("200", await Curl("mine.pem", "/?Action=AssumeRoleWithCertificate&Version=2011-06-15&DurationSeconds=900", "-X", "POST"));
        var keys = XElement.Parse(await File.ReadAllTextAsync(scratch["body"])).Descendants().Where(e => !e.HasElements).ToDictionary(e => e.Name.LocalName, e => e.Value);
        using (var s3 = new Amazon.S3.AmazonS3Client(
            keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"],
            new Amazon.S3.AmazonS3Config { ServiceURL = server.Endpoint, ForcePathStyle = true, AuthenticationRegion = "us-east-1", HttpClientFactory = new Trusting() }))
            Assert.Equal("key", Assert.Single((await s3.ListObjectsV2Async(new() { BucketName = "by-certificate" })).S3Objects).Key);

        foreach (var (file, says) in new[] { ("server.pem", "clientAuth"), ("body", "There is no certificate in") })
        {
            var refused = await Register("--cert", scratch[file]);
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains(says, refused.Err, StringComparison.Ordinal);
        }
        var wrong = await RegisterWith("wrong", "--cert", scratch["others.pem"]);
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains("signature", wrong.Err, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(2, (await Register()).ExitCode);
        Assert.Equal(2, (await Register("--list", "--cert", scratch["mine.pem"])).ExitCode);

        using (var listed = JsonDocument.Parse((await Register("--list", "--json")).Succeeded().Out))
            Assert.Equal(mine.Fingerprint, Assert.Single(listed.RootElement.GetProperty("certificates").EnumerateArray()).GetProperty("fingerprint").GetString());
        (await Register("--delete", mine.Fingerprint)).Succeeded();
        Assert.Equal(1, (await Register("--delete", mine.Fingerprint)).ExitCode);
        Assert.Equal("403", await Curl("mine.pem", "/by-certificate/key"));
        Assert.DoesNotContain(ServerProcess.SecretKey, server.Output + server.Error, StringComparison.Ordinal);

        Task<Ran> Register(params string[] more) => RegisterWith(ServerProcess.SecretKey, more);

        Task<Ran> RegisterWith(string secret, params string[] more) => Shell.Run(
            "dotnet", [Repository.Program, "register", "--apikey", ServerProcess.AccessKey, "--url", server.Endpoint + Prefix, .. more],
            new Dictionary<string, string> { ["AWS_SECRET_ACCESS_KEY"] = secret, ["SSL_CERT_FILE"] = authority });

        async Task<string> Curl(string? certificate, string target, params string[] more)
        {
            string[] shown = certificate is null ? [] : ["--cert", scratch[certificate]];
            return (await Shell.Run(
                Installed.Find("curl"), ["-sS", "--globoff", "--cacert", authority, .. shown, "-o", scratch["body"], "-w", "%{http_code}", .. more, server.Endpoint + target])).Succeeded().Out;
        }
    }

    [Fact]
    public async Task Certificates_are_not_asked_for_without_TLS()
    {
        var ran = await Shell.Run("dotnet", [Repository.Program, "serve", "--data", scratch["data"], "--port", "0", "--client-certificates"]);
        Assert.Equal(2, ran.ExitCode);
        Assert.Contains("--client-certificates needs HTTPS", ran.Err, StringComparison.Ordinal);
        var prefix = await Shell.Run("dotnet", [Repository.Program, "serve", "--data", scratch["data"], "--port", "0", "--path-prefix", "/_/management"]);
        Assert.Equal(2, prefix.ExitCode);
        Assert.Contains("--path-prefix", prefix.Err, StringComparison.Ordinal);
    }

    /// <summary>A certificate that signs itself, for clients or for a server, that ends in a week.</summary>
    private static (string Certificate, string Key, string Der, string Fingerprint) Made(string name, bool clients = true)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new(clients ? "1.3.6.1.5.5.7.3.2" : "1.3.6.1.5.5.7.3.1")], false));
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(7));
        return (made.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem(), Convert.ToBase64String(made.RawData), made.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant());
    }

    private sealed class Trusting : Amazon.Runtime.HttpClientFactory
    {
        public override HttpClient CreateHttpClient(Amazon.Runtime.IClientConfig clientConfig) =>
            new(new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator });
    }
}
