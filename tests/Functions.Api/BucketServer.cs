using System.IO.Pipelines;
using System.Xml.Linq;
using Microsoft.Extensions.Logging.Abstractions;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Notifications;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Tests;

/// <summary>The real operations over storage of its own. The Authorization header just names the account.</summary>
internal sealed class BucketServer : IAsyncDisposable
{
    public static readonly Account Owner = new("000000000001", new string('a', 64), "owner", "owner@example.com");
    public static readonly Account Other = new("000000000002", new string('b', 64), "other", "other@example.com");

    private readonly DirectoryInfo directory;
    private readonly Way way;
    private TestServer server = null!;

    private BucketServer(Way way, DirectoryInfo directory, string region)
    {
        (this.way, this.directory) = (way, directory);
        Services = S3Services.Of(new(
            way.Engines, new MasterKey(new byte[MasterKey.Length]), new() { Region = region }, new Dictionary<string, IEventTarget>(),
            TimeProvider.System, NullLoggerFactory.Instance));
    }

    public S3Services Services { get; private set; }

    public static async Task<BucketServer> Start(
        string region = "us-east-1", PlainCustomerKeys customerKeys = PlainCustomerKeys.Local)
    {
        var directory = Directory.CreateTempSubdirectory("zenkofn-test-");
        var self = new BucketServer(await Way.Open(directory.FullName), directory, region);
        self.Services = self.Services with { PlainCustomerKeys = customerKeys };
        self.server = await TestServer.Start(self.Services, (request, _, _) => new(new Authenticated(
            request.Headers.Authorization.ToString() switch
            {
                "owner" => new(Owner, null, "OWNER"),
                "other" => new(Other, null, "OTHER"),
                _ => Principal.Anonymous,
            },
            request.Body, request.ContentLength, _ => null)));
        return self;
    }

    /// <summary>Makes a bucket of the owner with empty objects under these keys.</summary>
    public async Task<Bucket> Bucket(string name, params IEnumerable<string> keys)
    {
        var bucket = (await Services.Buckets.Create(name, Owner, "", default)).Value;
        foreach (var key in keys)
        {
            var content = new Content(PipeReader.Create(Stream.Null), 0);
            var written = await Services.Objects.Put(
                bucket, key, new(Owner.CanonicalId, Owner.Name), new(), content, Conditions.None, default);
            Assert.Null(written.Refusal);
        }
        return bucket;
    }

    public async Task<HttpResponseMessage> Send(
        HttpMethod verb, string path, string? account = "owner", string? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(verb, path);
        if (body is not null) request.Content = new StringContent(body);
        if (account is not null) request.Headers.TryAddWithoutValidation("Authorization", account);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await server.Client.SendAsync(request);
    }

    /// <summary>The document of a GET: status and code of an error, or the root with its namespace taken off.</summary>
    public async Task<XElement> Get(string path)
    {
        var response = await Send(HttpMethod.Get, path);
        var root = XElement.Parse(await response.Content.ReadAsStringAsync());
        foreach (var element in root.DescendantsAndSelf()) element.Name = element.Name.LocalName;
        return root;
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        await way.DisposeAsync();
        directory.Delete(recursive: true);
    }
}
