using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Xml.Linq;
using ZenkoFunctions.Api.S3.Signatures;
using ZenkoFunctions.Api.Tests.Management;
using ZenkoFunctions.Api.Tests.Operations;
using ZenkoFunctions.Api.Tests.Signatures;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Settings;

namespace ZenkoFunctions.Api.Tests.CloudStack;

/// <summary>CloudStack's calls, its prefix, and sessions by certificate.</summary>
public sealed class CloudStackTests(CertificateServer server) : IClassFixture<CertificateServer>, IAsyncLifetime
{
    public async Task InitializeAsync()
    {
        await server.Set(LiveSetting.CloudStackActions, true);
        await server.Set(LiveSetting.CertificateSessions, true);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    /// <summary>Signs as CloudStack's script does: the query as it stands, the path as the URL has it.</summary>
    private async Task<Answer> Call(
        AccessKey key, string action, string parameters = "", string url = "", string method = "HmacSHA1", Func<string, string>? alter = null, double skewMinutes = 0, string? secret = null)
    {
        var time = server.Clock.Now.AddMinutes(skewMinutes).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var query = $"AWSAccessKeyId={key.Id}&Action={action}&SignatureMethod={method}&SignatureVersion=2&Timestamp={time}&Version=2010-11-15";
        if (parameters.Length > 0) query += "&" + parameters;
        var text = Encoding.UTF8.GetBytes($"GET\n{server.Straight.Authority}\n{url}\n{query}");
#pragma warning disable CA5350 // the protocol's own algorithm
        var signature = Convert.ToBase64String(
            method == "HmacSHA256" ? HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret ?? key.Secret), text) : HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret ?? key.Secret), text));
#pragma warning restore CA5350
        query += "&Signature=" + Uri.EscapeDataString(signature);
        return await server.Send(server.Straight, CertificateServer.Request(server.Straight, "GET", $"{(url.Length == 0 ? "/" : url)}?{alter?.Invoke(query) ?? query}"));
    }

    private static string Pem(X509Certificate2 certificate) => Uri.EscapeDataString(certificate.ExportCertificatePem()).Replace("%20", "+", StringComparison.Ordinal);

    private static void Refused(int status, string code, Answer answer) => Assert.Equal((status, code, "application/xml"), (answer.Status, answer.Element("Code"), answer.Header("Content-Type")));

    [Theory]
    [InlineData("", "HmacSHA1")]
    [InlineData("", "HmacSHA256")]
    [InlineData(CertificateServer.Prefix, "HmacSHA1")]
    [InlineData(CertificateServer.Prefix + "/", "HmacSHA256")]
    public async Task Its_registration_binds_a_certificate_and_takes_no_secret(string url, string method)
    {
        using var certificate = server.Certificate();
        var key = await server.Key(server.Ann.Account, null);
        Assert.Equal((200, ""), Short(await Call(key, "SetUserKeys", $"accesskey={key.Id}&secretkey={key.Secret}", url, method)));
        Assert.Equal((200, ""), Short(await Call(key, "SetUserKeys", $"accesskey={key.Id}&secretkey=is-not-looked-at", url, method)));
        Assert.Equal((200, ""), Short(await Call(key, "SetCertificate", "cert=" + Pem(certificate), url, method)));
        Assert.Equal("ann", await server.Owner(certificate));
        Assert.Equal((200, ""), Short(await Call(key, "SetCertificate", "cert=" + Pem(certificate), url, method)));
        Assert.Equal((200, ""), Short(await Call(key, "DeleteCertificate", "", url, method)));
        Assert.Null(await server.Owner(certificate));
        Refused(404, "NoSuchCertificate", await Call(key, "DeleteCertificate", "", url, method));
        Assert.Equal("1.04", (await Call(key, "cloudS3Version", "", url, method)).Element("CloudS3Version"));

        static (int, string) Short(Answer answer) => (answer.Status, answer.Text);
    }

    [Fact]
    public async Task Calls_are_signed_with_version_4_as_well()
    {
        using var certificate = server.Certificate();
        var key = await server.Key(server.Bob.Account, null);
        Assert.Equal(200, (await server.SendAs(key, "GET", "/?Action=SetCertificate&cert=" + Uri.EscapeDataString(certificate.ExportCertificatePem()))).Status);
        Assert.Equal("bob", await server.Owner(certificate));
        // A certificate signs in, but proves no key.
        Refused(403, "AccessDenied", await server.Show(certificate, "GET", "/?Action=DeleteCertificate"));
        Assert.Equal("bob", await server.Owner(certificate));
    }

    [Theory]
    [InlineData("unsigned", 403, "AccessDenied")]
    [InlineData("other secret", 403, "SignatureDoesNotMatch")]
    [InlineData("altered", 403, "SignatureDoesNotMatch")]
    [InlineData("unknown key", 403, "InvalidAccessKeyId")]
    [InlineData("late", 403, "RequestTimeTooSkewed")]
    [InlineData("early", 403, "RequestTimeTooSkewed")]
    [InlineData("twice", 400, "InvalidRequest")]
    [InlineData("version 1", 400, "InvalidArgument")]
    [InlineData("MD5", 400, "InvalidArgument")]
    [InlineData("no time", 403, "AccessDenied")]
    [InlineData("other's key", 400, "InvalidArgument")]
    [InlineData("no certificate", 400, "InvalidRequest")]
    [InlineData("bad certificate", 400, "InvalidCertificate")]
    public async Task What_is_wrong_is_told_in_XML(string trouble, int status, string code)
    {
        var key = server.Ann;
        var own = "accesskey=" + key.Id;
        Refused(status, code, await (trouble switch
        {
            "unsigned" => server.Send(server.Straight, CertificateServer.Request(server.Straight, "GET", $"/?Action=SetUserKeys&{own}&secretkey={key.Secret}")),
            "other secret" => Call(key, "SetUserKeys", own, secret: "wrong"),
            "altered" => Call(key, "SetUserKeys", own, alter: query => query.Replace("SetUserKeys", "DeleteCertificate", StringComparison.Ordinal)),
            "unknown key" => Call(key with { Id = "AKIAUNKNOWN" }, "SetUserKeys", own),
            "late" => Call(key, "SetUserKeys", own, skewMinutes: -16),
            "early" => Call(key, "SetUserKeys", own, skewMinutes: 16),
            "twice" => Call(key, "SetUserKeys", own + "&Action=DeleteCertificate"),
            "version 1" => Call(key, "SetUserKeys", own, alter: query => query.Replace("SignatureVersion=2", "SignatureVersion=1", StringComparison.Ordinal)),
            "MD5" => Call(key, "SetUserKeys", own, method: "HmacMD5"),
            "no time" => Call(key, "SetUserKeys", own, alter: query => query.Replace("Timestamp=", "Expires=", StringComparison.Ordinal)),
            "other's key" => Call(key, "SetUserKeys", "accesskey=" + server.Bob.Id),
            "no certificate" => Call(key, "SetCertificate"),
            _ => Call(key, "SetCertificate", "cert=nothing"),
        }));
    }

    [Fact]
    public async Task Switched_off_it_says_so_and_does_nothing()
    {
        var own = new CertificateServer();
        await own.InitializeAsync();
        using var certificate = own.Certificate();
        var off = await own.SendAs(own.Ann, "GET", "/?Action=SetCertificate&cert=" + Uri.EscapeDataString(certificate.ExportCertificatePem()));
        Refused(501, "NotImplemented", off);
        Assert.Contains("cloudstack.actions", off.Text, StringComparison.Ordinal);
        Assert.Null(await own.Owner(certificate));
        await own.Register(own.Ann, certificate);
        var sts = await own.Show(certificate, "POST", "/?Action=AssumeRoleWithCertificate&Version=2011-06-15");
        Assert.Equal((501, "NotImplemented"), (sts.Status, sts.Element("Code")));
        Assert.Contains("certificates.sts", sts.Text, StringComparison.Ordinal);
        await own.DisposeAsync();
    }

    [Fact]
    public async Task A_certificate_is_exchanged_for_the_keys_of_a_session_that_ends_with_its_key()
    {
        using var certificate = server.Certificate();
        var key = await server.UserOfAnn("sts-user");
        await server.Installation.Accounts.PutUserPolicy(
            server.Ann.Account, "sts-user", new("p", """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"}]}"""), default);
        await server.Register(key, certificate);
        var answer = await server.Show(certificate, "POST", "/?Action=AssumeRoleWithCertificate&Version=2011-06-15&DurationSeconds=1800");
        Assert.Equal(200, answer.Status);
        var document = XElement.Parse(answer.Text);
        Assert.Equal(XName.Get("AssumeRoleWithCertificateResponse", "https://sts.amazonaws.com/doc/2011-06-15/"), document.Name);
        var credentials = document.Elements().Single(e => e.Name.LocalName == "AssumeRoleWithCertificateResult").Elements().Single(e => e.Name.LocalName == "Credentials")
            .Elements().ToDictionary(e => e.Name.LocalName, e => e.Value);
        Assert.Equal(["AccessKeyId", "Expiration", "SecretAccessKey", "SessionToken"], credentials.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(server.Clock.Now.AddMinutes(30), DateTimeOffset.Parse(credentials["Expiration"], CultureInfo.InvariantCulture));
        Assert.Equal(200, await List());
        await server.Installation.Accounts.DeleteKey(key.Id, default);
        Assert.Equal(403, await List());

        async Task<int> List()
        {
            var request = CertificateServer.Request(server.Straight, "GET", "/").With("x-amz-security-token", credentials["SessionToken"]);
            return (await server.Send(server.Straight, new Signer(credentials["AccessKeyId"], credentials["SecretAccessKey"], "us-east-1", server.Clock.Now).Sign(request))).Status;
        }
    }

    [Fact]
    public async Task A_session_does_not_outlast_its_certificate()
    {
        using var certificate = server.Certificate(days: 1);
        await server.Register(server.Ann, certificate);
        var answer = await server.Show(certificate, "POST", "/?Action=AssumeRoleWithCertificate&Version=2011-06-15&DurationSeconds=604800");
        Assert.Equal(
            new DateTimeOffset(certificate.NotAfter.ToUniversalTime()), DateTimeOffset.Parse(answer.Element("Expiration")!, CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("unbound", 403, "AccessDenied")]
    [InlineData("too short", 400, "ValidationError")]
    [InlineData("policy", 501, "NotImplemented")]
    [InlineData("other version", 400, "InvalidAction")]
    [InlineData("other action", 400, "MalformedQueryString")]
    [InlineData("signed", 403, "AccessDenied")]
    public async Task Sessions_are_refused_where_they_may_not_be(string trouble, int status, string code)
    {
        using var certificate = server.Certificate();
        if (trouble != "unbound") await server.Register(server.Ann, certificate);
        const string query = "/?Action=AssumeRoleWithCertificate&Version=2011-06-15";
        var answer = trouble switch
        {
            "too short" => await server.Show(certificate, "POST", query + "&DurationSeconds=899"),
            "policy" => await server.Show(certificate, "POST", query + "&Policy=%7B%7D"),
            "other version" => await server.Show(certificate, "POST", "/?Action=AssumeRoleWithCertificate&Version=2010-05-08"),
            "other action" => await server.Show(certificate, "POST", query + "&Action=GetSessionToken"),
            "signed" => await server.Send(server.Straight, new Signer(server.Ann.Id, server.Ann.Secret, "us-east-1", server.Clock.Now) { Service = "sts" }.Sign(CertificateServer.Request(server.Straight, "POST", query))),
            _ => await server.Show(certificate, "POST", query),
        };
        Assert.Equal((status, code), (answer.Status, answer.Element("Code")));
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(4, false)]
    [InlineData(2, true)]
    [InlineData(2, false)]
    public async Task Under_the_prefix_either_path_may_have_been_signed(int version, bool withPrefix)
    {
        async Task<Answer> Send(string verb, string path, string signed)
        {
            var request = CertificateServer.Request(server.Straight, verb, signed);
            request = version == 4 ? server.Signer(server.Ann).Sign(request) : server.Signer(server.Ann).SignV2(request);
            request.Path = path;
            return await server.Send(server.Straight, request);
        }
        Task<Answer> Under(string verb, string path) => Send(verb, CertificateServer.Prefix + path, withPrefix ? CertificateServer.Prefix + path : path);
        Assert.Equal(200, (await Under("PUT", "/of-ann/a%20b")).Status);
        Assert.Equal(200, (await Under("GET", "/of-ann/a%20b")).Status);
        Assert.Equal(200, (await Under("GET", "/of-ann")).Status);
        Assert.Equal("ann", (await Under("GET", "/")).Element("DisplayName"));
        Assert.Equal("ann", (await Send("GET", CertificateServer.Prefix, CertificateServer.Prefix)).Element("DisplayName"));
        Assert.Equal(200, (await Send("GET", "/of-ann/a%20b", "/of-ann/a%20b")).Status);
        Assert.Equal("NoSuchKey", (await Under("GET", "/of-ann/none")).Element("Code"));
        // What was signed for one path is none for another, whose name goes on with the prefix's or has it twice.
        Assert.Equal("SignatureDoesNotMatch", (await Send("GET", CertificateServer.Prefix + "/of-ann/a%20b", "/of-ann/other")).Element("Code"));
        Assert.Equal("SignatureDoesNotMatch", (await Send("GET", CertificateServer.Prefix + CertificateServer.Prefix + "/of-ann/a%20b", CertificateServer.Prefix + "/of-ann/a%20b")).Element("Code"));
        Assert.Equal("NoSuchBucket", (await Send("GET", CertificateServer.Prefix + "3/of-ann/a%20b", CertificateServer.Prefix + "3/of-ann/a%20b")).Element("Code"));
    }

    [Theory]
    [InlineData("/awsapi", true)]
    [InlineData("/awsapi/rest/AmazonS3", true)]
    [InlineData("", false)]
    [InlineData("/", false)]
    [InlineData("awsapi", false)]
    [InlineData("/awsapi/", false)]
    [InlineData("/a//b", false)]
    [InlineData("/_/management", false)]
    [InlineData("/a/../b", false)]
    [InlineData("/a%2Fb", false)]
    public void A_prefix_is_a_plain_path(string prefix, bool isOne) => Assert.Equal(isOne, AppSettings.WrongPathPrefix(prefix) is null);

    [Fact]
    public void The_prefix_is_a_key_where_the_host_is_a_buckets()
    {
        var prefix = new PathPrefix(CertificateServer.Prefix, TestServer.Hosts);
        var request = new SignedRequest { Path = CertificateServer.Prefix + "/k" };
        Assert.Equal("/k", prefix.Strip(request.With("Host", "s3.localhost").ToWire()).RawPath);
        Assert.Equal(CertificateServer.Prefix + "/k", prefix.Strip(request.With("Host", "bkt.s3.localhost").ToWire()).RawPath);
    }
}
