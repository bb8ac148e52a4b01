using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using ZenkoFunctions.Api.Blob;
using ZenkoFunctions.Api.Ostor;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Signatures;
using ZenkoFunctions.Api.Tests.Operations;
using ZenkoFunctions.Api.Tests.Blob;
using ZenkoFunctions.Api.Tests.Signatures;
using ZenkoFunctions.Api.Utapi;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Notifications;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Settings;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Api.Tests.Ostor;

/// <summary>The gateway with real signatures, the root account as the system user, and an account that is none.</summary>
public sealed class OstorServer : IAsyncLifetime
{
    private readonly string root = Directory.CreateTempSubdirectory("zenkofn-test-").FullName;
    private readonly HttpClient client = new();
    private Way way = null!;
    private TestServer server = null!;

    internal Installation Installation { get; private set; } = null!;

    internal AccessKey System { get; private set; } = null!;

    /// <summary>Of an account that administrates nothing.</summary>
    internal AccessKey Ordinary { get; private set; } = null!;

    internal Uri Address => server.Address;

    /// <summary>The domain's time; requests are signed by the real one.</summary>
    internal ShiftedClock Clock { get; } = new();

    public async Task InitializeAsync()
    {
        way = await Way.Open(root);
        Installation = Open(way.Engines);
        System = (await Installation.Accounts.EnsureRoot(null, null, default)).Key;
        var account = (await Installation.Accounts.CreateAccount("ordinary", "ordinary@example.com", null, null, default)).Value;
        Ordinary = (await Installation.Accounts.CreateKey(account, null, null, null, default)).Value;
        Assert.Null((await Installation.Buckets.Create("kept", account, "", default)).Refusal);
        Assert.Null((await Installation.BlobAccounts.Create(new() { Name = "acct", OwnerId = System.Account.Id, Location = "", Created = default }, default)).Refusal);
        way.Start(Installation.Jobs);
        server = await Serve(Installation);
    }

    /// <summary>Another process over the same state.</summary>
    /// <param name="consistency">What it owes to others; null where it is the only one.</param>
    internal Installation Open(Consistency? consistency = null) => Open(way.Engines with { Consistency = consistency ?? Consistency.OneMachine });

    private Installation Open(Engines engines) => new(
        engines, new MasterKey(new byte[MasterKey.Length]), new(), new Dictionary<string, IEventTarget>(), Clock, NullLoggerFactory.Instance);

    /// <summary>Serves S3, ostor, Utapi, and Azure's protocol, in which the storage account's owner asks whatever is signed.</summary>
    internal static Task<TestServer> Serve(Installation installation)
    {
        var authenticator = new Authenticator(installation.Accounts, installation.Region, TimeProvider.System);
        var services = S3Services.Of(installation);
        return TestServer.Start(
            services, authenticator.Verify, new OstorGateway(installation, authenticator, TestServer.Hosts), new UtapiGateway(installation, authenticator, TestServer.Hosts),
            new BlobGateway(
                installation, services,
                async (_, _, account, ct) => new(new Principal(await installation.Accounts.Find(account.OwnerId, ct), null, account.Name)), new(["localhost"])));
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        await server.DisposeAsync();
        await way.DisposeAsync();
        Directory.Delete(root, recursive: true);
    }

    /// <summary>Sends a request of the system user's, signed with version 4.</summary>
    internal Task<Answer> Send(string verb, string target) => SendAs(System, verb, target);

    /// <summary>The same of another key's.</summary>
    internal Task<Answer> SendAs(AccessKey key, string verb, string target, string body = "") => SendTo(Address, key, verb, target, body);

    /// <summary>Sends a request to a server, signed with version 4.</summary>
    internal async Task<Answer> SendTo(Uri to, AccessKey key, string verb, string target, string body = "")
    {
        var request = Request(verb, target, to);
        request.Body = Encoding.UTF8.GetBytes(body);
        if (body.Length > 0) request.With("Content-MD5", Convert.ToBase64String(MD5.HashData(request.Body)));
        return await Send(new Signer(key.Id, key.Secret, Installation.Region, DateTimeOffset.UtcNow).Sign(request), to);
    }

    /// <summary>Asks in Azure's protocol, in the storage account of the root account's: no signature is looked at.</summary>
    internal Task<Answer> SendBlob(string verb, string target, string body = "") => SendBlob(Address, verb, "/acct/" + target, body);

    /// <summary>The same of another server.</summary>
    internal async Task<Answer> SendBlob(Uri to, string verb, string target, string body = "")
    {
        var request = Request(verb, target, to).With("x-ms-version", "2021-12-02");
        if (verb == "PUT") request.With("x-ms-blob-type", "BlockBlob");
        request.Body = Encoding.UTF8.GetBytes(body);
        return await Send(request, to);
    }

    /// <summary>The answer to a GET as JSON.</summary>
    internal async Task<JsonElement> Get(string target)
    {
        var answer = await Send("GET", target);
        Assert.True(answer.Status == 200, $"{target}: {answer.Status} {answer.Text}");
        return Json(answer);
    }

    internal static JsonElement Json(Answer answer)
    {
        Assert.Equal("application/json", answer.Header("Content-Type"));
        using var document = JsonDocument.Parse(answer.Body);
        return document.RootElement.Clone();
    }

    /// <summary>Makes a user; its document.</summary>
    internal async Task<(string Id, AccessKey Key)> NewUser(string email)
    {
        var answer = await Send("PUT", "/?ostor-users&emailAddress=" + Uri.EscapeDataString(email));
        Assert.True(answer.Status == 200, answer.Text);
        return (Json(answer).GetProperty("UserId").GetString()!, Key(Json(answer)));
    }

    /// <summary>The first key pair of a document.</summary>
    internal static AccessKey Key(JsonElement document)
    {
        var pair = document.GetProperty("AWSAccessKeys")[0];
        return new(pair.GetProperty("AWSAccessKeyId").GetString()!, pair.GetProperty("AWSSecretAccessKey").GetString()!, true, null!, null);
    }

    internal SignedRequest Request(string verb, string target, Uri? to = null) =>
        new SignedRequest { Verb = verb, Path = target.Split('?')[0], Query = target.Split('?', 2) is [_, var query] ? query : "" }.With("Host", (to ?? Address).Authority);

    internal async Task<Answer> Send(SignedRequest request, Uri? to = null)
    {
        using var message = new HttpRequestMessage(new HttpMethod(request.Verb), new Uri(to ?? Address, request.Query.Length == 0 ? request.Path : $"{request.Path}?{request.Query}"));
        if (request.Body.Length > 0) message.Content = new ByteArrayContent(request.Body);
        foreach (var (name, values) in request.Headers)
            if (!message.Headers.TryAddWithoutValidation(name, (string?)values)) message.Content?.Headers.TryAddWithoutValidation(name, (string?)values);
        return await Answer.Of(await client.SendAsync(message));
    }

    /// <summary>Everything that ostor tells of users, with limits and quotas, those of the bucket <c>kept</c>, and settings, as text.</summary>
    internal async Task<string> State()
    {
        var state = new StringBuilder((await Send("GET", "/?ostor-users")).Text);
        var kept = (await Installation.Buckets.Find("kept", default))!;
        state.Append(kept.Get(BucketSettings.Quota)).Append(kept.Get(BucketSettings.Limits));
        await foreach (var account in Installation.Accounts.List(default)) state.Append(account);
        foreach (var setting in LiveSetting.All) state.Append(await Installation.Settings.Read(setting, default)).Append(' ');
        foreach (var user in (await Get("/?ostor-users")).EnumerateArray())
            state.Append((await Send("GET", "/?ostor-users&id=" + user.GetProperty("UserId").GetString())).Text);
        return state.ToString();
    }
}
