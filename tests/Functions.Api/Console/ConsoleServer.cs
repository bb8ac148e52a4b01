using System.Buffers;
using System.IO.Pipelines;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using ZenkoFunctions.Api.Console;
using ZenkoFunctions.Api.Iam;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Api.Ostor;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Signatures;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Tests.Console;

/// <summary>S3, management and the console under its path, with a clock that stands still, and the roots of two accounts.</summary>
public sealed class ConsoleServer : IAsyncLifetime
{
    private readonly HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
    private TwoAccounts accounts = null!;
    private TestServer server = null!;

    internal ManualClock Clock => accounts.Clock;

    internal Installation Installation => accounts.Installation;

    internal AccessKey Root => accounts.Root;

    internal AccessKey Other => accounts.Other;

    /// <summary>Scheme, host and port.</summary>
    internal string Origin => $"{Way.Scheme}://{server.Address.Authority}";

    public async Task InitializeAsync()
    {
        accounts = await TwoAccounts.Open();
        var authenticator = new Authenticator(Installation.Accounts, Installation.Region, Clock);
        var place = new ConsolePlace { IsUnderPath = true };
        server = await TestServer.Start(
            S3Services.Of(Installation), authenticator.Verify,
            new ConsoleGateway(Installation, place, TestServer.Hosts), new ManagementGateway(Installation, authenticator, TestServer.Hosts, null, place.UrlFor),
            new OstorGateway(Installation, authenticator, TestServer.Hosts), new IamGateway(Installation.Accounts, authenticator, TestServer.Hosts, Clock, Installation.Settings));
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        await server.DisposeAsync();
        await accounts.DisposeAsync();
    }

    /// <summary>A user of the root account with a policy, and its key.</summary>
    internal async Task<AccessKey> User(string name, string action, string resource)
    {
        var user = (await Installation.Accounts.CreateUser(Root.Account, name, default)).Value;
        await Installation.Accounts.PutUserPolicy(Root.Account, name, new("p", $$$"""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":{{{action}}},"Resource":{{{resource}}}}}"""), default);
        return (await Installation.Accounts.CreateKey(Root.Account, user, null, null, default)).Value;
    }

    /// <summary>How often an operation of S3 was asked for, by pages too.</summary>
    internal long Asked(string operation) => Installation.Answered.Of("s3", operation).ByStatus().Sum(each => each.Count);

    /// <summary>Puts an object into a bucket of the root account's.</summary>
    internal async Task Put(string bucket, string key, string text, string type)
    {
        var content = new Content(PipeReader.Create(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(text))), text.Length);
        var written = await Installation.Objects.Put(
            (await Installation.Buckets.Find(bucket, default))!, key, new(Root.Account.CanonicalId, Root.Account.Name), new() { Headers = new Dictionary<string, string> { ["Content-Type"] = type } }, content, Conditions.None, default);
        Assert.Null(written.Refusal);
    }

    /// <summary>Asks as somebody who is not signed in.</summary>
    internal Task<BrowserAnswer> Get(string target) => Send(HttpMethod.Get, target, null, null);

    /// <summary>Follows a link to this server. What ends TLS before it is not there.</summary>
    internal Task<BrowserAnswer> Follow(string link)
    {
        Assert.StartsWith(Origin + "/", link, StringComparison.Ordinal);
        return Get(link[Origin.Length..]);
    }

    /// <summary>A browser that nobody has signed in with.</summary>
    internal Browser Browser() => new(this);

    /// <summary>A browser that somebody has signed in with.</summary>
    internal async Task<Browser> SignedIn(AccessKey key)
    {
        var browser = Browser();
        Assert.Equal(303, (await browser.Post("sign-in", "access_key", key.Id, "secret_key", key.Secret)).Status);
        return browser;
    }

    internal async Task<BrowserAnswer> Send(HttpMethod verb, string target, string? cookie, HttpContent? body, params (string Name, string Value)[] headers)
    {
        using var message = new HttpRequestMessage(verb, new Uri(server.Address, target)) { Content = body };
        if (cookie is not null) message.Headers.TryAddWithoutValidation("Cookie", cookie);
        foreach (var (name, value) in headers) message.Headers.TryAddWithoutValidation(name, value);
        using var response = await client.SendAsync(message);
        return new((int)response.StatusCode, response.Headers, await response.Content.ReadAsStringAsync(), response.Content.Headers.ContentType?.ToString());
    }
}

/// <summary>What came back.</summary>
internal sealed record BrowserAnswer(int Status, HttpResponseHeaders Headers, string Text, string? ContentType)
{
    public string? Header(string name) => Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;
}

/// <summary>A browser: keeps its cookie, and sends the token of the page that it looks at with forms.</summary>
internal sealed partial class Browser(ConsoleServer server)
{
    /// <summary>Its cookie; null for none.</summary>
    public string? Cookie { get; set; }

    /// <summary>What forms carry; null before a page was shown that has one.</summary>
    public string? Token { get; set; }

    public async Task<BrowserAnswer> Get(string path)
    {
        var answer = await server.Send(HttpMethod.Get, "/_/console/" + path, Cookie, null);
        if (FormToken().Match(answer.Text) is { Success: true } found) Token = found.Groups[1].Value;
        return answer;
    }

    /// <summary>Sends a form of the console's own; names and values take turns.</summary>
    public Task<BrowserAnswer> Post(string path, params string[] fields) => PostFrom(server.Origin, "same-origin", path, fields);

    /// <summary>Sends a form as a page of somewhere else does.</summary>
    public async Task<BrowserAnswer> PostFrom(string? origin, string? site, string path, params string[] fields)
    {
        var all = fields.Chunk(2).Select(pair => KeyValuePair.Create(pair[0], pair[1])).Concat(Token is null ? [] : [KeyValuePair.Create("form", Token)]);
        (string, string)[] headers = [.. origin is null ? (IEnumerable<(string, string)>)[] : [("Origin", origin)], .. site is null ? (IEnumerable<(string, string)>)[] : [("Sec-Fetch-Site", site)]];
        var answer = await server.Send(HttpMethod.Post, "/_/console/" + path, Cookie, new FormUrlEncodedContent(all), headers);
        if (answer.Header("Set-Cookie") is { } set) Cookie = set.Split(';')[0];
        return answer;
    }

    [GeneratedRegex("name=\"form\" value=\"([^\"]+)\"")]
    private static partial Regex FormToken();
}
