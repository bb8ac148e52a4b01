using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Api.Tests.Operations;
using ZenkoFunctions.Api.Tests.Signatures;
using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Settings;

namespace ZenkoFunctions.Api.Tests.Management;

/// <summary>Certificates are bound to access keys, and sign in as long as the key may sign.</summary>
public sealed class CertificateTests(CertificateServer server) : IClassFixture<CertificateServer>
{
    private const string Route = CertificateServer.Route;

    private static CertificateLine Line(Answer answer) => JsonSerializer.Deserialize(answer.Text, CertificateJson.Default.CertificateLine)!;

    private async Task<IReadOnlyList<string>> Listed(AccessKey key) =>
        [.. JsonSerializer.Deserialize((await server.SendAs(key, "GET", Route)).Text, CertificateJson.Default.CertificatesDocument)!.Certificates.Select(each => each.Fingerprint)];

    private static string Fingerprint(X509Certificate2 certificate) => certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant();

    private static void Refused(int status, string code, Answer answer) =>
        Assert.Equal((status, code), (answer.Status, JsonNode.Parse(answer.Text)!["code"]!.GetValue<string>()));

    [Fact]
    public async Task A_certificate_signs_in_from_its_binding_to_its_unbinding()
    {
        using var certificate = server.Certificate();
        Assert.Null(await server.Owner(certificate));
        var bound = await server.Register(server.Ann, certificate);
        Assert.Equal(201, bound.Status);
        var line = Line(bound);
        Assert.Equal((Fingerprint(certificate), server.Ann.Id, "CN=client", null), (line.Fingerprint, line.AccessKeyId, line.Subject, line.Warning));
        Assert.Equal((200, bound.Text), ((await server.Register(server.Ann, certificate)) is var again ? again.Status : 0, again.Text));

        Assert.Equal("ann", await server.Owner(certificate));
        Assert.Equal(200, (await server.Show(certificate, "PUT", "/of-ann/made-by-certificate")).Status);
        Assert.Equal(403, (await server.Show(certificate, "PUT", "/of-bob/made-by-certificate")).Status);
        Assert.Equal(200, (await server.Show(certificate, "GET", Route)).Status);
        Assert.Contains(line.Fingerprint, await Listed(server.Ann));

        // As other programs show it.
        var shown = string.Join(':', Convert.FromHexString(line.Fingerprint).Select(b => b.ToString("X2", null)));
        Assert.Equal(204, (await server.SendAs(server.Ann, "DELETE", $"{Route}/{Uri.EscapeDataString(shown)}")).Status);
        Assert.Null(await server.Owner(certificate));
        Assert.DoesNotContain(line.Fingerprint, await Listed(server.Ann));
        Refused(404, "NoSuchCertificate", await server.SendAs(server.Ann, "DELETE", $"{Route}/{line.Fingerprint}"));
    }

    [Fact]
    public async Task A_signature_counts_for_more_than_a_certificate()
    {
        using var certificate = server.Certificate();
        await server.Register(server.Ann, certificate);
        var request = CertificateServer.Request(server.Believing, "GET", "/").With(CertificateServer.Header, Convert.ToBase64String(certificate.RawData));
        Assert.Equal("bob", (await server.Send(server.Believing, server.Signer(server.Bob).Sign(request.Copy()))).Element("DisplayName"));
        var forged = new Signer(server.Bob.Id, "wrong", "us-east-1", server.Clock.Now).Sign(request);
        Assert.Equal("SignatureDoesNotMatch", (await server.Send(server.Believing, forged)).Element("Code"));
    }

    [Fact]
    public async Task A_header_is_believed_only_where_the_deployment_says_so()
    {
        using var certificate = server.Certificate();
        await server.Register(server.Ann, certificate);
        Assert.Equal("ann", await server.Owner(certificate));
        Assert.Null(await server.Owner(certificate, server.Doubting));
        Assert.Null(await server.Owner(certificate, server.Straight));
        await server.Set(LiveSetting.CertificateSessions, true);
        foreach (var to in new[] { server.Doubting, server.Straight })
        {
            var keys = await server.Show(certificate, "POST", "/?Action=AssumeRoleWithCertificate&Version=2011-06-15", to);
            Assert.Equal((403, "AccessDenied"), (keys.Status, keys.Element("Code")));
        }
        await server.Set(LiveSetting.CertificateSessions, false);
    }

    [Theory]
    [InlineData("not Base64")]
    [InlineData("bm90IGEgY2VydGlmaWNhdGU=")]
    [InlineData("twice")]
    public async Task A_header_that_tells_no_certificate_signs_nobody_in(string value)
    {
        using var certificate = server.Certificate();
        await server.Register(server.Ann, certificate);
        var der = Convert.ToBase64String(certificate.RawData);
        var answer = await server.Send(
            server.Believing, CertificateServer.Request(server.Believing, "GET", "/").With(CertificateServer.Header, value == "twice" ? $"{der}, {der}" : value));
        Assert.Equal((403, "AccessDenied"), (answer.Status, answer.Element("Code")));
    }

    [Fact]
    public async Task A_web_page_does_not_act_by_the_certificate_of_who_looks_at_it()
    {
        using var certificate = server.Certificate();
        await server.Register(server.Ann, certificate);
        Assert.Null(await server.Owner(certificate, null, ("Origin", "https://elsewhere.example")));
        Assert.Null(await server.Owner(certificate, null, ("Sec-Fetch-Site", "cross-site")));
        Assert.Null(await server.Owner(certificate, null, ("Sec-Fetch-Site", "same-origin")));
        Assert.Equal("ann", await server.Owner(certificate, null, ("Sec-Fetch-Site", "none")));
    }

    [Theory]
    [InlineData("key disabled")]
    [InlineData("account disabled")]
    [InlineData("key deleted")]
    [InlineData("user deleted")]
    [InlineData("another key of that id")]
    public async Task With_its_key_a_certificate_ends_at_once(string how)
    {
        var accounts = server.Installation.Accounts;
        var account = (await accounts.CreateAccount(how, $"{how.Replace(' ', '-')}@example.com", null, null, default)).Value;
        var user = (await accounts.CreateUser(account, "u", default)).Value;
        var key = await server.Key(account, how == "user deleted" ? user : null);
        using var certificate = server.Certificate();
        Assert.Equal(201, (await server.Register(key, certificate)).Status);
        Assert.Equal(how == "user deleted" ? "AccessDenied" : null, (await server.Show(certificate, "GET", "/")).Element("Code"));
        if (how == "key disabled") await accounts.EnableKey(key.Id, false, default);
        if (how == "account disabled") await accounts.EnableAccount(account.Id, false, default);
        if (how is "key deleted" or "another key of that id") Assert.True(await accounts.DeleteKey(key.Id, default));
        if (how == "user deleted") await accounts.DeleteUser(account, "u", default);
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        if (how == "another key of that id") Assert.Null((await accounts.CreateKey(account, null, key.Id, key.Secret, default)).Refusal);

        var (isDisabled, answer) = (how.EndsWith("disabled", StringComparison.Ordinal), await server.Show(certificate, "GET", "/"));
        Assert.Equal((403, isDisabled ? "InvalidAccessKeyId" : "AccessDenied"), (answer.Status, answer.Element("Code")));
        Assert.Equal(403, (await server.Show(certificate, "PUT", "/of-ann/x")).Status);
        // What is nobody's any more can become another's; what is disabled may come back, and cannot.
        Assert.Equal(isDisabled ? 409 : 201, (await server.Register(server.Bob, certificate)).Status);
    }

    [Fact]
    public async Task A_write_that_is_under_way_when_its_certificate_is_unbound_is_not_committed()
    {
        using var certificate = server.Certificate();
        await server.Register(server.Ann, certificate);
        var shown = ClientCertificate.Of(certificate);
        var gate = new Api.S3.Signatures.Authenticator(server.Installation.Accounts, "us-east-1", server.Clock);
        var sender = await gate.Verify(new SignedRequest { Verb = "PUT", Path = "/of-ann/k" }.ToWire() with { ClientCertificate = shown }, null, default);
        Assert.Equal("ann", (await sender.Renew!(default))!.Account!.Name);
        Assert.Null(sender.Signer);
        await server.Installation.Accounts.UnbindCertificate(shown.Fingerprint, server.Ann.Account.Id, default);
        Assert.Null(await sender.Renew(default));
    }

    [Fact]
    public async Task A_certificate_of_another_key_is_not_taken_over()
    {
        using var certificate = server.Certificate();
        await server.Register(server.Ann, certificate);
        Refused(409, "CertificateTaken", await server.Register(server.Bob, certificate));
        Refused(409, "CertificateTaken", await server.Register(await server.Key(server.Ann.Account, null), certificate));
        Assert.Equal("ann", await server.Owner(certificate));
        Refused(404, "NoSuchCertificate", await server.SendAs(server.Bob, "DELETE", $"{Route}/{Fingerprint(certificate)}"));
        Assert.DoesNotContain(Fingerprint(certificate), await Listed(server.Bob));
        Assert.Equal("ann", await server.Owner(certificate));
        Assert.Equal(204, (await server.SendAs(server.Root, "DELETE", $"{Route}/{Fingerprint(certificate)}")).Status);
        Assert.Null(await server.Owner(certificate));
    }

    [Fact]
    public async Task Users_have_certificates_of_their_own_unless_a_policy_denies_it()
    {
        var user = await server.UserOfAnn("cert-user");
        using X509Certificate2 mine = server.Certificate(), accounts = server.Certificate(), denied = server.Certificate();
        Assert.Equal(201, (await server.Register(user, mine)).Status);
        await server.Register(server.Ann, accounts);
        Assert.Equal([Fingerprint(mine)], await Listed(user));
        Assert.Equal(2, (await Listed(server.Ann)).Intersect([Fingerprint(mine), Fingerprint(accounts)]).Count());
        Refused(404, "NoSuchCertificate", await server.SendAs(user, "DELETE", $"{Route}/{Fingerprint(accounts)}"));
        // It may what its user may: nothing yet.
        Assert.Equal(403, (await server.Show(mine, "PUT", "/of-ann/by-user")).Status);
        await Allow("""{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"},{"Effect":"Deny","Action":"zenko:RegisterCertificate","Resource":"*"}""");
        Assert.Equal(200, (await server.Show(mine, "PUT", "/of-ann/by-user")).Status);
        Assert.Equal(403, (await server.Show(mine, "GET", "/of-ann/by-user")).Status);
        Refused(403, "AccessDenied", await server.Register(user, denied));

        async Task Allow(string statements) => Assert.Null((await server.Installation.Accounts.PutUserPolicy(
            server.Ann.Account, "cert-user", new("p", $$"""{"Version":"2012-10-17","Statement":[{{statements}}]}"""), default)).Refusal);
    }

    [Fact]
    public async Task Only_a_lasting_key_that_signs_the_body_proves_that_it_is_ones_own()
    {
        using X509Certificate2 first = server.Certificate(), second = server.Certificate();
        var pem = Encoding.UTF8.GetBytes(second.ExportCertificatePem());
        SignedRequest Fresh(Uri to)
        {
            var request = CertificateServer.Request(to, "POST", Route);
            request.Body = pem;
            return request;
        }
        await server.Register(server.Ann, first);
        var byCertificate = Fresh(server.Believing).With(CertificateServer.Header, Convert.ToBase64String(first.RawData));
        Refused(403, "AccessDenied", await server.Send(server.Believing, byCertificate));
        Refused(403, "AccessDenied", await server.Send(server.Straight, Fresh(server.Straight)));
        Refused(403, "AccessDenied", await server.Send(server.Straight, server.Signer(server.Ann).SignV2(Fresh(server.Straight))));
        Refused(403, "AccessDenied", await server.Send(server.Straight, server.Signer(server.Ann).Sign(Fresh(server.Straight), PayloadForm.Unsigned)));
        Refused(403, "AccessDenied", await server.Send(server.Straight, server.Signer(server.Ann).Presign(Fresh(server.Straight), 60)));
        var session = server.Installation.Accounts.StartSession(server.Ann, null, null, null, TimeSpan.FromHours(1));
        var bySession = Fresh(server.Straight).With("x-amz-security-token", session.Token);
        Refused(403, "AccessDenied", await server.Send(server.Straight, new Signer(session.AccessKeyId, session.Secret, "us-east-1", server.Clock.Now).Sign(bySession)));
        var altered = server.Signer(server.Ann).Sign(Fresh(server.Straight));
        altered.Body = Encoding.UTF8.GetBytes(first.ExportCertificatePem());
        Refused(400, "XAmzContentSHA256Mismatch", await server.Send(server.Straight, altered));
        Assert.Null(await server.Owner(second));
        Assert.Equal(201, (await server.Send(server.Straight, server.Signer(server.Ann).Sign(Fresh(server.Straight), PayloadForm.SignedChunks))).Status);
        Assert.Equal("ann", await server.Owner(second));
    }

    [Theory]
    [InlineData("ended", "ended at", "Make another")]
    [InlineData("not yet", "holds from", "clocks")]
    [InlineData("authority", "CA:TRUE", "usr_cert")]
    [InlineData("server only", "extended key usage", "clientAuth")]
    [InlineData("no signatures", "key usage", "digitalSignature")]
    [InlineData("weak", "too weak", "2048")]
    [InlineData("with its private key", "private key", "alone")]
    [InlineData("no PEM", "PEM form", "BEGIN CERTIFICATE")]
    [InlineData("damaged", "no certificate", "Copy")]
    [InlineData("a request", "PEM form", "BEGIN CERTIFICATE")]
    public async Task A_certificate_that_is_not_fit_is_refused_with_what_to_do(string trouble, string what, string then)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var weak = RSA.Create(1024);
        using var certificate = trouble switch
        {
            "ended" => server.Certificate(days: -1, from: -3),
            "not yet" => server.Certificate(from: 1),
            "authority" => server.Certificate(more: new X509BasicConstraintsExtension(true, false, 0, true)),
            "server only" => server.Certificate(more: new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1")], false)),
            "no signatures" => server.Certificate(more: new X509KeyUsageExtension(X509KeyUsageFlags.KeyEncipherment, true)),
            "weak" => server.Certificate(new CertificateRequest("CN=weak", weak, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
            _ => server.Certificate(),
        };
        var pem = trouble switch
        {
            "with its private key" => certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem(),
            "no PEM" => "certificate",
            "damaged" => "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
            "a request" => new CertificateRequest("CN=request", key, HashAlgorithmName.SHA256).CreateSigningRequestPem(),
            _ => certificate.ExportCertificatePem(),
        };
        var answer = await server.SendAs(server.Ann, "POST", Route, pem);
        Refused(400, "InvalidCertificate", answer);
        foreach (var word in new[] { what, then }) Assert.Contains(word, answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Fingerprint(certificate), await Listed(server.Ann));
    }

    [Fact]
    public async Task A_certificate_for_clients_is_taken_whatever_kind_of_key_it_has()
    {
        using var rsa = RSA.Create(2048);
        using var certificate = server.Certificate(
            new CertificateRequest("CN=rsa", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), more:
            [new X509BasicConstraintsExtension(false, false, 0, true), new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.2")], false), new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true)]);
        Assert.Equal(201, (await server.Register(server.Bob, certificate)).Status);
        Assert.Equal("bob", await server.Owner(certificate));
    }

    [Fact]
    public async Task One_that_ends_is_warned_of_and_then_signs_in_no_more()
    {
        var own = new CertificateServer();
        await own.InitializeAsync();
        using var certificate = own.Certificate(days: 10);
        Assert.Contains("ends in 10 days", Line(await own.Register(own.Ann, certificate)).Warning, StringComparison.Ordinal);
        Assert.Equal("ann", await own.Owner(certificate));
        own.Clock.Advance(TimeSpan.FromDays(10) + TimeSpan.FromSeconds(1));
        var answer = await own.Show(certificate, "GET", "/");
        Assert.Equal((403, "AccessDenied"), (answer.Status, answer.Element("Code")));
        Assert.Contains("ended at", answer.Text, StringComparison.Ordinal);
        Assert.Contains("has ended", (await own.SendAs(own.Ann, "GET", Route)).Text, StringComparison.Ordinal);
        await own.DisposeAsync();
    }

    [Fact]
    public async Task An_account_has_only_so_many()
    {
        var accounts = server.Installation.Accounts;
        var account = (await accounts.CreateAccount("many", "many@example.com", null, null, default)).Value;
        var key = await server.Key(account, null);
        for (var i = 0; i < Accounts.MostCertificates; i++)
            Assert.Null((await accounts.BindCertificate(new(i.ToString("x64", null), "CN=many", server.Clock.Now, server.Clock.Now), key, default)).Refusal);
        using var certificate = server.Certificate();
        Refused(409, "TooManyCertificates", await server.Register(key, certificate));
        Assert.True(await accounts.UnbindCertificate(new string('0', 64), account.Id, default));
        Assert.Equal(201, (await server.Register(key, certificate)).Status);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_not_read()
    {
        Refused(400, "EntityTooLarge", await server.SendAs(server.Ann, "POST", Route, new string('x', 70_000)));
        Refused(400, "InvalidCertificate", await server.SendAs(server.Ann, "POST", Route, new string('x', 40_000)));
    }
}
