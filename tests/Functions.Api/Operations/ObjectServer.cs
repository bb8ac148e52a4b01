using System.Net.Http.Headers;
using System.Text;
using System.Xml.Linq;
using Microsoft.Extensions.Logging.Abstractions;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Logging;
using ZenkoFunctions.Api.S3.Signatures;
using ZenkoFunctions.Api.Tests.Signatures;
using ZenkoFunctions.Contracts.Locations;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Notifications;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Api.Tests.Operations;

/// <summary>The whole server, over storage of its own, with a bucket <c>bkt</c> of its own.</summary>
public sealed class ObjectServer : IAsyncLifetime
{
    /// <summary>By which it may be watched.</summary>
    internal const string MonitoringToken = "let-me-watch";

    private const string Region = "us-east-1";

    private readonly string root = Directory.CreateTempSubdirectory("operations-").FullName;
    private Way way = null!;
    private TestServer server = null!;
    private AccessKey key = null!;

    // Sends headers as clients in other languages do: in UTF-8, not only ASCII.
    private readonly HttpClient client = new(new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8, AllowAutoRedirect = false });

    /// <summary>The domain.</summary>
    internal Installation Installation { get; private set; } = null!;

    /// <summary>The keys of its encryption.</summary>
    internal KeyRing Ring { get; private set; } = null!;

    /// <summary>Its buckets.</summary>
    internal Buckets Buckets { get; private set; } = null!;

    /// <summary>Its objects.</summary>
    internal ObjectStore Objects { get; private set; } = null!;

    /// <summary>The default location, which has links.</summary>
    internal LinkedLocation Linked { get; private set; } = null!;

    /// <summary>A location that can have copies, as <c>other</c> can.</summary>
    internal MemorySite Site { get; } = new();

    /// <summary>A location whose keys go without the bucket's name.</summary>
    private static MemorySite Matched => new() { ReplicaTraits = new(KeepsVersions: true, 5L << 30, 10_000, HasTags: true, WholeKey: true) };

    /// <summary>How many of the next changes of objects are to fail, as where a disk does.</summary>
    internal int FailingChanges;

    /// <summary>All that it keeps: contents of files, blobs, rows.</summary>
    internal async IAsyncEnumerable<ReadOnlyMemory<byte>> Kept()
    {
        foreach (var path in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
        {
            if (Path.GetFileName(path) is "lock") continue;
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var content = new byte[file.Length];
            file.ReadExactly(content);
            yield return content;
        }
        await foreach (var content in way.Elsewhere) yield return content;
    }

    /// <summary>The access logs of buckets; nothing is delivered until it is flushed.</summary>
    internal AccessLog AccessLog { get; private set; } = null!;

    /// <summary>What is delivered to the target <c>hook</c>.</summary>
    internal RecordingTarget Target { get; } = new();

    public async Task InitializeAsync()
    {
        var clock = TimeProvider.System;
        way = await Way.Open(root);
        Linked = new(way.Engines.Locations.BuiltIn["disk"]);
        var engines = way.Engines with
        {
            Table = name => new TroubledTable(way.Engines.Table(name), this),
            Locations = new("disk", new Dictionary<string, ILocation>
            {
                ["disk"] = Linked, ["far"] = way.Engines.Locations.BuiltIn["far"], ["site"] = Site, ["other"] = new MemorySite(), ["matched"] = Matched,
                ["passing"] = new MemorySite { Traits = new(5L << 30) { IsTransient = true } },
            }),
        };
        var installation = new Installation(
            engines, MasterKey.OpenOrCreate(Path.Combine(root, "master.key")), new() { Region = Region, Objects = new() { InlineBytes = 1024 } },
            new Dictionary<string, IEventTarget> { ["hook"] = Target, ["other"] = new RecordingTarget() }, clock, NullLoggerFactory.Instance);
        (Ring, Buckets, Objects) = (installation.Keys, installation.Buckets, installation.Objects);
        key = (await installation.Accounts.EnsureRoot(null, null, default)).Key;
        way.Start(installation.Jobs);
        AccessLog = new(installation.Buckets, installation.Objects, Region, TimeSpan.FromHours(1), clock, NullLogger.Instance);
        AccessLog.Start();
        Installation = installation;
        var authenticator = new Authenticator(installation.Accounts, Region, clock);
        server = await TestServer.Start(
            S3Services.Of(installation) with { AccessLog = AccessLog }, authenticator.Verify,
            new ManagementGateway(installation, authenticator, TestServer.Hosts, MonitoringToken));
        Assert.Equal(200, (await Send("PUT", "/bkt")).Status);
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        await server.DisposeAsync();
        await AccessLog.DisposeAsync();
        await way.DisposeAsync();
        Directory.Delete(root, recursive: true);
    }

    /// <summary>Sends a signed request.</summary>
    /// <param name="verb">The method.</param>
    /// <param name="target">Raw path and query.</param>
    /// <param name="body">The payload, UTF-8.</param>
    /// <param name="headers">Further headers, <c>name: value</c>.</param>
    internal Task<Answer> Send(string verb, string target, string body = "", params string[] headers) =>
        SendSigned(verb, target, Encoding.UTF8.GetBytes(body), PayloadForm.Hashed, [], headers);

    /// <summary>Sends the body in chunks, with a trailer behind it.</summary>
    internal Task<Answer> SendWithTrailer(string verb, string target, string body, string name, string value, params string[] headers) =>
        SendSigned(verb, target, Encoding.UTF8.GetBytes(body), PayloadForm.SignedChunksAndTrailer, [(name, value)], headers);

    /// <summary>Sends a signed request with bytes as its body.</summary>
    internal Task<Answer> SendBytes(string verb, string target, byte[] body, params string[] headers) =>
        SendSigned(verb, target, body, PayloadForm.Hashed, [], headers);

    /// <summary>Sends a request that nobody signed.</summary>
    internal Task<Answer> SendUnsigned(string verb, string target, params string[] headers) => SendUnsignedBody(verb, target, "", headers);

    /// <summary>Sends a request with a body that nobody signed.</summary>
    internal async Task<Answer> SendUnsignedBody(string verb, string target, string body, params string[] headers)
    {
        using var message = new HttpRequestMessage(new HttpMethod(verb), new Uri(server.Address, target));
        if (verb is "PUT" or "POST") message.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        foreach (var header in headers)
        {
            var colon = header.IndexOf(": ", StringComparison.Ordinal);
            if (!message.Headers.TryAddWithoutValidation(header[..colon], header[(colon + 2)..]))
                message.Content?.Headers.TryAddWithoutValidation(header[..colon], header[(colon + 2)..]);
        }
        return await Answer.Of(await client.SendAsync(message));
    }

    /// <summary>A request to this server, not signed yet.</summary>
    internal SignedRequest Request(string verb, string target, byte[] body, params string[] headers)
    {
        var (path, query) = target.Split('?', 2) is [var before, var after] ? (before, after) : (target, "");
        var request = new SignedRequest { Verb = verb, Path = path, Query = query, Body = body }.With("Host", server.Address.Authority);
        foreach (var header in headers)
        {
            var colon = header.IndexOf(": ", StringComparison.Ordinal);
            request.With(header[..colon], header[(colon + 2)..]);
        }
        return request;
    }

    /// <summary>The root's key.</summary>
    internal AccessKey Key => key;

    /// <summary>Where it listens.</summary>
    internal Uri Address => server.Address;

    /// <summary>Signs with the root's key.</summary>
    internal Signer Signer() => new(key.Id, key.Secret, Region, DateTimeOffset.UtcNow);

    /// <summary>Sends bytes as they are; the whole answer.</summary>
    internal Task<string> SendRaw(byte[] request) => RawHttp.Exchange(server.Address, request);

    private async Task<Answer> SendSigned(
        string verb, string target, byte[] body, PayloadForm form, (string, string)[] trailers, string[] headers)
    {
        var request = Request(verb, target, body, headers);
        var signer = Signer();
        signer.Trailers.AddRange(trailers);
        return await Send(signer.Sign(request, form));
    }

    /// <summary>Sends a request as it is.</summary>
    internal async Task<Answer> Send(SignedRequest request)
    {
        var target = request.Query.Length == 0 ? request.Path : $"{request.Path}?{request.Query}";
        var message = new HttpRequestMessage(new HttpMethod(request.Verb), new Uri(server.Address, target));
        if (request.Verb is "PUT" or "POST") message.Content = new ByteArrayContent(request.Body);
        foreach (var (name, values) in request.Headers)
            if (!message.Headers.TryAddWithoutValidation(name, (string?)values))
                message.Content?.Headers.TryAddWithoutValidation(name, (string?)values);
        return await Answer.Of(await client.SendAsync(message));
    }
}

/// <summary>A table of which the test can have changes fail.</summary>
internal sealed class TroubledTable(ITable inner, ObjectServer server) : ITable
{
    public ValueTask<Row?> Get(TableKey key, CancellationToken ct) => inner.Get(key, ct);

    public IAsyncEnumerable<Row> Scan(
        KeyRange range, string? rowPrefix, int? limit, Func<TableKey, TableKey?>? skip, ScanBudget? budget, CancellationToken ct) =>
        inner.Scan(range, rowPrefix, limit, skip, budget, ct);

    public ValueTask<Outcome> Apply(string partition, IReadOnlyList<Change> changes, CancellationToken ct) =>
        Volatile.Read(ref server.FailingChanges) > 0 && Interlocked.Decrement(ref server.FailingChanges) >= 0
            ? throw new IOException("The disk does not answer.")
            : inner.Apply(partition, changes, ct);
}

/// <summary>What came back.</summary>
internal sealed record Answer(int Status, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>The code of an error.</summary>
    public string? Code => Element("Code");

    public static async Task<Answer> Of(HttpResponseMessage response) =>
        new((int)response.StatusCode, response.Headers, response.Content.Headers, await response.Content.ReadAsByteArrayAsync());

    /// <summary>A header, or null.</summary>
    public string? Header(string name) =>
        Headers.TryGetValues(name, out var values) || ContentHeaders.TryGetValues(name, out values)
            ? string.Join(", ", values)
            : null;

    /// <summary>The text of the first element of that name, or null.</summary>
    public string? Element(string name) => Elements(name) is [var first, ..] ? first : null;

    /// <summary>The texts of all elements of that name.</summary>
    public IReadOnlyList<string> Elements(string name) =>
        Body.Length == 0 || Body[0] != '<'
            ? []
            : [.. XDocument.Parse(Text).Descendants().Where(e => e.Name.LocalName == name).Select(e => e.Value)];
}
