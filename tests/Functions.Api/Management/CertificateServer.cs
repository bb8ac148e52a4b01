using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using ZenkoFunctions.Api.CloudStack;
using ZenkoFunctions.Api.Iam;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Signatures;
using ZenkoFunctions.Api.Tests.Operations;
using ZenkoFunctions.Api.Tests.Signatures;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Notifications;
using ZenkoFunctions.Core.Settings;

namespace ZenkoFunctions.Api.Tests.Management;

/// <summary>
/// One installation behind three servers: one that believes a platform's header with the client's certificate, one behind the same
/// platform that was not told to, and one that clients reach straight.
/// </summary>
public sealed class CertificateServer : IAsyncLifetime
{
    /// <summary>In which the platform tells the certificate.</summary>
    internal const string Header = "X-ARR-ClientCert";

    /// <summary>Under which the straight one serves everything once more.</summary>
    internal const string Prefix = "/awsapi/rest/AmazonS3";

    internal const string Route = "/_/management/certificates";

    private readonly string root = Directory.CreateTempSubdirectory("zenkofn-test-").FullName;
    private readonly HttpClient client = new();
    private Way way = null!;
    private TestServer believing = null!, doubting = null!, straight = null!;

    internal ManualClock Clock { get; } = new();

    internal Installation Installation { get; private set; } = null!;

    /// <summary>The installation's root.</summary>
    internal AccessKey Root { get; private set; } = null!;

    /// <summary>An ordinary account's own key.</summary>
    internal AccessKey Ann { get; private set; } = null!;

    /// <summary>Another's.</summary>
    internal AccessKey Bob { get; private set; } = null!;

    internal Uri Believing => believing.Address;

    internal Uri Doubting => doubting.Address;

    internal Uri Straight => straight.Address;

    public async Task InitializeAsync()
    {
        way = await Way.Open(root);
        Installation = new(
            way.Engines, new MasterKey(new byte[MasterKey.Length]), new(), new Dictionary<string, IEventTarget>(), Clock, NullLoggerFactory.Instance);
        Root = (await Installation.Accounts.EnsureRoot(null, null, default)).Key;
        (Ann, Bob) = (await Account("ann"), await Account("bob"));
        var authenticator = new Authenticator(Installation.Accounts, Installation.Region, Clock);
        IProtocol[] others =
        [
            new ManagementGateway(Installation, authenticator, TestServer.Hosts),
            new IamGateway(Installation.Accounts, authenticator, TestServer.Hosts, Clock, Installation.Settings),
            new CloudStackGateway(Installation, authenticator, TestServer.Hosts),
        ];
        var services = S3Services.Of(Installation);
        believing = await TestServer.Start(services, authenticator.Verify, new HostHop([], null, 1 << 20, Header), null, others);
        doubting = await TestServer.Start(services, authenticator.Verify, new HostHop([], null, 1 << 20), null, others);
        straight = await TestServer.Start(services, authenticator.Verify, null, Prefix, others);

        async Task<AccessKey> Account(string name)
        {
            var account = (await Installation.Accounts.CreateAccount(name, name + "@example.com", null, null, default)).Value;
            await Installation.Buckets.Create("of-" + name, account, "", default);
            return await Key(account, null);
        }
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        foreach (var server in new[] { believing, doubting, straight }) await server.DisposeAsync();
        await way.DisposeAsync();
        Directory.Delete(root, recursive: true);
    }

    /// <summary>A further key.</summary>
    internal async Task<AccessKey> Key(Account account, User? user) => (await Installation.Accounts.CreateKey(account, user, null, null, default)).Value;

    /// <summary>A user of Ann's, with a key of its own.</summary>
    internal async Task<AccessKey> UserOfAnn(string name) => await Key(Ann.Account, (await Installation.Accounts.CreateUser(Ann.Account, name, default)).Value);

    internal ValueTask Set(LiveSetting setting, bool isOn) => Installation.Settings.Set(setting, isOn ? "true" : null, default);

    /// <summary>Binds a certificate to the key that signs.</summary>
    internal Task<Answer> Register(AccessKey key, X509Certificate2 certificate) => SendAs(key, "POST", Route, certificate.ExportCertificatePem());

    internal Signer Signer(AccessKey key) => new(key.Id, key.Secret, Installation.Region, Clock.Now);

    /// <summary>Sends a request, signed with version 4, to the server that clients reach straight.</summary>
    internal Task<Answer> SendAs(AccessKey key, string verb, string target, string body = "")
    {
        var request = Request(Straight, verb, target);
        request.Body = Encoding.UTF8.GetBytes(body);
        return Send(Straight, Signer(key).Sign(request));
    }

    /// <summary>Sends an unsigned request, as the platform passes it on from a client that has shown a certificate.</summary>
    internal Task<Answer> Show(X509Certificate2 certificate, string verb, string target, Uri? to = null, params (string Name, string Value)[] headers)
    {
        var request = Request(to ?? Believing, verb, target).With(Header, Convert.ToBase64String(certificate.RawData));
        foreach (var (name, value) in headers) request.With(name, value);
        return Send(to ?? Believing, request);
    }

    /// <summary>Whose buckets an unsigned request is shown; null where it is nobody's, or the code of another refusal.</summary>
    internal async Task<string?> Owner(X509Certificate2 certificate, Uri? to = null, params (string Name, string Value)[] headers)
    {
        var answer = await Show(certificate, "GET", "/", to, headers);
        return answer.Status == 200 ? answer.Element("DisplayName") : answer.Element("Code") is "AccessDenied" && !answer.Text.Contains("certificate", StringComparison.Ordinal) ? null : answer.Element("Code");
    }

    internal static SignedRequest Request(Uri to, string verb, string target) =>
        new SignedRequest { Verb = verb, Path = target.Split('?')[0], Query = target.Split('?', 2) is [_, var query] ? query : "" }.With("Host", to.Authority);

    internal async Task<Answer> Send(Uri to, SignedRequest request)
    {
        using var message = new HttpRequestMessage(new HttpMethod(request.Verb), new Uri(to, request.Query.Length == 0 ? request.Path : $"{request.Path}?{request.Query}"));
        if (request.Body.Length > 0) message.Content = new ByteArrayContent(request.Body);
        foreach (var (name, values) in request.Headers)
            if (!message.Headers.TryAddWithoutValidation(name, (string?)values)) message.Content?.Headers.TryAddWithoutValidation(name, (string?)values);
        return await Answer.Of(await client.SendAsync(message));
    }

    /// <summary>A certificate that signs itself.</summary>
    /// <param name="days">How long it holds, from a day before now on.</param>
    /// <param name="from">From which day on.</param>
    /// <param name="more">Its extensions.</param>
    internal X509Certificate2 Certificate(int days = 365, int from = -1, params X509Extension[] more)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Certificate(new("CN=client", key, HashAlgorithmName.SHA256), days, from, more);
    }

    internal X509Certificate2 Certificate(CertificateRequest request, int days = 365, int from = -1, params X509Extension[] more)
    {
        foreach (var extension in more) request.CertificateExtensions.Add(extension);
        return request.CreateSelfSigned(Clock.Now.AddDays(from), Clock.Now.AddDays(days));
    }
}
