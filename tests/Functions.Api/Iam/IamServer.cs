using System.Net.Http.Headers;
using System.Text;
using System.Xml.Linq;
using ZenkoFunctions.Api.Iam;
using ZenkoFunctions.Api.S3.Signatures;
using ZenkoFunctions.Api.Tests.Signatures;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Tests.Iam;

/// <summary>The gateway with real signatures, two accounts, and IAM and STS.</summary>
internal sealed class IamServer : IAsyncDisposable
{
    public const string Anybody = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}}""";

    private readonly BucketServer buckets;
    private readonly TestServer server;

    private IamServer(BucketServer buckets, TestServer server, Accounts accounts, ManualClock clock, AccessKey root, AccessKey other) =>
        (this.buckets, this.server, Accounts, Clock, Root, Other) = (buckets, server, accounts, clock, root, other);

    public Accounts Accounts { get; }
    public ManualClock Clock { get; }
    public AccessKey Root { get; }

    /// <summary>The root of another account.</summary>
    public AccessKey Other { get; }

    public static async Task<IamServer> Start()
    {
        var clock = new ManualClock();
        var buckets = await BucketServer.Start();
        var accounts = new Accounts(new InMemoryTable(), new MasterKey(new byte[MasterKey.Length]), clock);
        var authenticator = new Authenticator(accounts, "us-east-1", clock);
        var server = await TestServer.Start(buckets.Services, authenticator.Verify, new IamGateway(accounts, authenticator, TestServer.Hosts, clock));
        return new(buckets, server, accounts, clock, await Root("ann"), await Root("bob"));

        async Task<AccessKey> Root(string name)
        {
            var account = (await accounts.CreateAccount(name, name + "@example.com", null, null, default)).Value;
            return (await accounts.CreateKey(account, null, null, null, default)).Value;
        }
    }

    /// <summary>A policy with one statement.</summary>
    public static string Allow(string action, string resource = "*") =>
        $$$"""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"{{{action}}}","Resource":"{{{resource}}}"}}""";

    /// <summary>Calls an action; the names and values of its parameters take turns.</summary>
    public async Task<IamAnswer> Call(AccessKey key, string action, params string[] parameters) => await CallAs(key, null, action, parameters);

    public async Task<IamAnswer> CallAs(AccessKey key, string? token, string action, params string[] parameters)
    {
        var service = action is "AssumeRole" or "GetSessionToken" or "GetCallerIdentity" ? IamService.Sts : IamService.Iam;
        var form = new StringBuilder($"Action={action}&Version={service.Version}");
        for (var i = 0; i < parameters.Length; i += 2) form.Append($"&{parameters[i]}={Uri.EscapeDataString(parameters[i + 1])}");
        return await Send(key, service.Name, form.ToString(), token);
    }

    /// <summary>Signs and sends a form.</summary>
    public async Task<IamAnswer> Send(AccessKey key, string service, string form, string? token = null, Action<SignedRequest>? alter = null)
    {
        var request = new SignedRequest { Verb = "POST", Body = Encoding.UTF8.GetBytes(form) };
        if (token is not null) request.With("x-amz-security-token", token);
        // Clients sign for the home of IAM, wherever we are.
        new Signer(key.Id, key.Secret, service == "iam" ? "us-east-1" : "eu-west-3", Clock.Now) { Service = service }.Sign(request);
        alter?.Invoke(request);
        return new(await Send(request));
    }

    /// <summary>The status and the error's code of an S3 request for the list of buckets.</summary>
    public async Task<(int Status, string? Code)> ListBuckets(AccessKey key, string? token = null, bool presigned = false)
    {
        var request = new SignedRequest();
        if (token is not null && presigned) request.Query = "X-Amz-Security-Token=" + Uri.EscapeDataString(token);
        else if (token is not null) request.With("x-amz-security-token", token);
        var signer = new Signer(key.Id, key.Secret, "us-east-1", Clock.Now);
        var response = await Send(presigned ? signer.Presign(request, 600) : signer.Sign(request));
        return ((int)response.StatusCode, XElement.Parse(await response.Content.ReadAsStringAsync()).Element("Code")?.Value);
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        await buckets.DisposeAsync();
    }

    private async Task<HttpResponseMessage> Send(SignedRequest request)
    {
        using var message = new HttpRequestMessage(new(request.Verb), request.Query.Length == 0 ? request.Path : $"{request.Path}?{request.Query}");
        if (request.Verb == "POST")
        {
            message.Content = new ByteArrayContent(request.Body);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
        }
        foreach (var (name, value) in request.Headers) message.Headers.TryAddWithoutValidation(name, value.ToString());
        return await server.Client.SendAsync(message);
    }
}

/// <summary>An answer of IAM or STS.</summary>
internal sealed class IamAnswer
{
    private readonly HttpResponseMessage response;

    public IamAnswer(HttpResponseMessage response)
    {
        this.response = response;
        Document = XElement.Parse(response.Content.ReadAsStringAsync().GetAwaiter().GetResult());
    }

    public XElement Document { get; }

    public int Status => (int)response.StatusCode;

    public string RequestId => response.Headers.GetValues("x-amz-request-id").Single();

    /// <summary>Status and code of a refusal; 200 and nothing on success.</summary>
    public (int, string?) Outcome => (Status, this["Code"]);

    /// <summary>The first element of that name.</summary>
    public string? this[string name] => All(name).FirstOrDefault();

    public IEnumerable<string> All(string name) => Document.Descendants().Where(e => e.Name.LocalName == name).Select(e => e.Value);

    /// <summary>The credentials in it.</summary>
    public (AccessKey Key, string Token) Session() =>
        (new(this["AccessKeyId"]!, this["SecretAccessKey"]!, true, null!, null), this["SessionToken"]!);

    /// <summary>The key in it.</summary>
    public AccessKey Key() => new(this["AccessKeyId"]!, this["SecretAccessKey"]!, true, null!, null);
}
