using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using ZenkoFunctions.Api.Blob;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Signatures;
using ZenkoFunctions.Api.StorageAccounts;
using ZenkoFunctions.Api.Tests.Operations;
using ZenkoFunctions.Api.Tests.Signatures;
using ZenkoFunctions.Core.BlobAccounts;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Notifications;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Tests.Blob;

/// <summary>
/// S3 and Azure's protocol over the same storage, with the storage account <c>acct</c> and the bucket <c>bkt</c>, which is its container.
/// Who asks for blobs is the account's owner: signatures are other tests' matter.
/// </summary>
public sealed class BlobFixture : IAsyncLifetime
{
    private readonly string root = Directory.CreateTempSubdirectory("blobs-").FullName;
    private readonly HttpClient client = new();
    private Way way = null!;
    private TestServer server = null!;
    private AccessKey key = null!;

    internal Installation Installation { get; private set; } = null!;

    /// <summary>What the SAS of the next requests allows; null for none.</summary>
    internal string? Letters { get; set; }

    /// <summary>Who sends the next requests; null for the owner.</summary>
    internal Principal? Sender { get; set; }

    /// <summary>Whether signatures are verified, as they are by the program.</summary>
    internal bool Verifies { get; set; }

    /// <summary>The owner's access key.</summary>
    internal AccessKey Owner => key;

    internal ShiftedClock Clock { get; } = new();

    public async Task InitializeAsync()
    {
        way = await Way.Open(root);
        Installation = new(
            way.Engines, new MasterKey(new byte[MasterKey.Length]), new() { Region = "us-east-1", Objects = new() { InlineBytes = 1024, CopiedAtOnce = 1_000_000, CopyPartBytes = 300_000 } },
            new Dictionary<string, IEventTarget>(), Clock, NullLoggerFactory.Instance);
        key = (await Installation.Accounts.EnsureRoot(null, null, default)).Key;
        way.Start(Installation.Jobs);
        var services = S3Services.Of(Installation);
        var authenticator = new Authenticator(Installation.Accounts, "us-east-1", TimeProvider.System);
        var owner = key.Account;
        Assert.Null((await Installation.BlobAccounts.Create(new() { Name = "acct", OwnerId = owner.Id, Location = "", Created = default }, default)).Refusal);
        var verified = new BlobAuthenticator(Installation, new BlobTokens(Installation.Tokens));
        var gateway = new BlobGateway(
            Installation, services, (request, address, account, ct) => Verifies ? verified.Verify(request, address, account, ct) : new(Sender is { } other ? new BlobSender(other) : new BlobSender(new(owner, null, "acct"))
            {
                Renew = _ => new(new Principal(owner, null, "acct")),
                Grant = Letters is { } letters ? new(letters) : null,
            }), new(["localhost"]));
        server = await TestServer.Start(services, authenticator.Verify, gateway);
        Assert.Equal(200, (await S3("PUT", "/bkt")).Status);
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        await server.DisposeAsync();
        await way.DisposeAsync();
        Directory.Delete(root, recursive: true);
    }

    /// <summary>Asks as somebody else than the owner.</summary>
    internal async Task<Answer> SendAs(Principal sender, string verb, string target)
    {
        Sender = sender;
        var answer = await Send(verb, target, null);
        Sender = null;
        return answer;
    }

    /// <summary>A user of the owner, with one policy.</summary>
    internal async Task<Principal> User(string name, string statements)
    {
        var user = (await Installation.Accounts.CreateUser(key.Account, name, default)).Value;
        var policy = await Installation.Accounts.PutUserPolicy(key.Account, name, new("p", $$"""{"Version":"2012-10-17","Statement":[{{statements}}]}"""), default);
        Assert.Null(policy.Refusal);
        return (await Installation.Accounts.FindPrincipal(key.Account, user.Id, name, default))!;
    }

    /// <summary>The URL of a blob.</summary>
    internal string Url(string target) => new Uri(server.Address, "/acct/" + target).ToString();

    /// <summary>Asks in Azure's protocol.</summary>
    /// <param name="verb">The method.</param>
    /// <param name="target">Container, blob and query: <c>bkt/a?comp=tags</c>.</param>
    /// <param name="body">Null for none.</param>
    /// <param name="headers"><c>name: value</c>.</param>
    internal async Task<Answer> Send(string verb, string target, string? body, params string[] headers)
    {
        using var message = new HttpRequestMessage(new HttpMethod(verb), new Uri(server.Address, "/acct/" + target));
        if (body is not null || verb == "PUT") message.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body ?? ""));
        foreach (var header in headers.Append("x-ms-version: 2021-12-02"))
        {
            var colon = header.IndexOf(": ", StringComparison.Ordinal);
            if (!message.Headers.TryAddWithoutValidation(header[..colon], header[(colon + 2)..]))
                message.Content?.Headers.TryAddWithoutValidation(header[..colon], header[(colon + 2)..]);
        }
        return await Answer.Of(await client.SendAsync(message));
    }

    /// <summary>Writes a block blob.</summary>
    internal async Task<Answer> Put(string target, string body, params string[] headers) =>
        await Send("PUT", target, body, [.. headers, "x-ms-blob-type: BlockBlob"]);

    /// <summary>Asks in S3's protocol.</summary>
    internal async Task<Answer> S3(string verb, string target, string body = "", params string[] headers)
    {
        var (path, query) = target.Split('?', 2) is [var before, var after] ? (before, after) : (target, "");
        var request = new SignedRequest { Verb = verb, Path = path, Query = query, Body = Encoding.UTF8.GetBytes(body) }.With("Host", server.Address.Authority);
        foreach (var header in headers)
        {
            var colon = header.IndexOf(": ", StringComparison.Ordinal);
            request.With(header[..colon], header[(colon + 2)..]);
        }
        request = new Signer(key.Id, key.Secret, "us-east-1", DateTimeOffset.UtcNow).Sign(request, PayloadForm.Hashed);
        var message = new HttpRequestMessage(new HttpMethod(verb), new Uri(server.Address, target));
        if (verb is "PUT" or "POST") message.Content = new ByteArrayContent(request.Body);
        foreach (var (name, values) in request.Headers)
            if (!message.Headers.TryAddWithoutValidation(name, (string?)values)) message.Content?.Headers.TryAddWithoutValidation(name, (string?)values);
        return await Answer.Of(await client.SendAsync(message));
    }
}

/// <summary>The time, moved on by the test.</summary>
internal sealed class ShiftedClock : TimeProvider
{
    private long shift;

    public void Move(TimeSpan by) => Interlocked.Add(ref shift, by.Ticks);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref shift));
}
