using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using ZenkoFunctions.Api.Blob;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Signatures;
using ZenkoFunctions.Api.StorageAccounts;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Tests.StorageAccounts;

/// <summary>S3 and what az talks to, with a clock that stands still, and the roots of two accounts.</summary>
public sealed class ArmServer : IAsyncLifetime
{
    internal const string Client = "04b07795-8ddb-461a-bbee-02f9e1bf7b46", Version = "?api-version=2022-09-01";

    private static readonly string[] Domains = ["localhost", "s3.localhost"];

    private readonly HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private TwoAccounts accounts = null!;
    private TestServer server = null!;

    internal ManualClock Clock => accounts.Clock;

    internal Installation Installation => accounts.Installation;

    internal AccessKey Root => accounts.Root;

    internal AccessKey Other => accounts.Other;

    /// <summary>Scheme, host and port.</summary>
    internal string Base => $"{Way.Scheme}://{server.Address.Authority}";

    public async Task InitializeAsync()
    {
        accounts = await TwoAccounts.Open();
        var authenticator = new Authenticator(Installation.Accounts, Installation.Region, Clock);
        server = await TestServer.Start(
            S3Services.Of(Installation), authenticator.Verify, new ArmGateway(Installation, Domains, TestServer.Hosts, new BlobHosts(Domains)));
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        await server.DisposeAsync();
        await accounts.DisposeAsync();
    }

    /// <summary>A user of the root account with a policy, and its key.</summary>
    internal async Task<AccessKey> User(string name, string? action)
    {
        var user = (await Installation.Accounts.CreateUser(Root.Account, name, default)).Value;
        if (action is not null)
            await Installation.Accounts.PutUserPolicy(Root.Account, name, new("p", $$$"""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"{{{action}}}","Resource":"*"}}"""), default);
        return (await Installation.Accounts.CreateKey(Root.Account, user, null, null, default)).Value;
    }

    /// <summary>Sends a request.</summary>
    internal async Task<ArmAnswer> Send(string verb, string target, HttpContent? body = null, params (string Name, string Value)[] headers)
    {
        using var message = new HttpRequestMessage(new HttpMethod(verb), new Uri(server.Address, target)) { Content = body };
        foreach (var (name, value) in headers) message.Headers.TryAddWithoutValidation(name, value);
        using var response = await client.SendAsync(message);
        return new((int)response.StatusCode, response.Headers, await response.Content.ReadAsStringAsync(), response.Content.Headers.ContentType?.MediaType);
    }

    /// <summary>Sends a form; names and values take turns.</summary>
    internal Task<ArmAnswer> Form(string target, params string[] fields) =>
        Send("POST", target, new FormUrlEncodedContent(fields.Chunk(2).Select(pair => KeyValuePair.Create(pair[0], pair[1]))));

    /// <summary>Signs in as a service principal does; the access token.</summary>
    internal async Task<string> Token(AccessKey key, string? scope = null)
    {
        var answer = await Form("/adfs/oauth2/token", "grant_type", "client_credentials", "client_id", key.Id, "client_secret", key.Secret, "scope", scope ?? $"{Base}//.default");
        Assert.Equal(200, answer.Status);
        return answer["access_token"]!;
    }

    /// <summary>Calls the Resource Manager.</summary>
    internal async Task<ArmAnswer> Call(AccessKey key, string verb, string path, string? body = null) => await Send(
        verb, path.Contains('?', StringComparison.Ordinal) ? path : path + Version, body is null ? null : new StringContent(body, Encoding.UTF8, "application/json"),
        ("Authorization", "Bearer " + await Token(key)));

    /// <summary>The path of a storage account of a key's account.</summary>
    internal static string Account(AccessKey key, string name) =>
        $"{Subscription(key)}/resourceGroups/default/providers/Microsoft.Storage/storageAccounts/{name}";

    internal static string Subscription(AccessKey key) => $"/subscriptions/{Tokens.SubscriptionOf(key.Account)}";
}

/// <summary>What came back.</summary>
internal sealed record ArmAnswer(int Status, HttpResponseHeaders Headers, string Text, string? Type)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    /// <summary>A member of the document; null where there is none.</summary>
    public string? this[string name] => Json[name]?.ToString();

    /// <summary>Status and code of an error of the Resource Manager.</summary>
    public (int, string?) Error => (Status, Json["error"]?["code"]?.ToString());

    /// <summary>Status and code of an error of OAuth.</summary>
    public (int, string?) OAuthError => (Status, Json["error"]?.ToString());

    public string? Header(string name) => Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;
}
