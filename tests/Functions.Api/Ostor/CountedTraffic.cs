using System.Text;
using ZenkoFunctions.Api.Tests.Operations;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Settings;

namespace ZenkoFunctions.Api.Tests.Ostor;

/// <summary>A known mix of requests, and what statistics are to say of it: counted from outside, by what was sent and received.</summary>
internal sealed class CountedTraffic(OstorServer server)
{
    private readonly SortedDictionary<(string Bucket, string User), long[]> items = [];

    /// <summary>By bucket and user: put, get, list, other, uploaded, downloaded.</summary>
    public IReadOnlyList<(string, string, string)> Items => [.. items.Select(item => (item.Key.Bucket, item.Key.User, string.Join(' ', item.Value)))];

    /// <summary>The user that the mix belongs to.</summary>
    public string Owner { get; private set; } = "";

    /// <summary>Its keys.</summary>
    public AccessKey Key { get; private set; } = null!;

    /// <summary>Counts from now on, and moves to the beginning of a period.</summary>
    public async Task Begin()
    {
        await server.Installation.Settings.Set(LiveSetting.UsageCollect, "true", default);
        var seconds = server.Clock.GetUtcNow().ToUnixTimeSeconds();
        server.Clock.Move(TimeSpan.FromSeconds(1800 - (seconds % 1800) + 1));
        await server.Installation.Statistics.Refresh(default);
    }

    /// <summary>Sends the mix for buckets of that name.</summary>
    public async Task Send(string name)
    {
        (Owner, Key) = await server.NewUser(name + "@example.com");
        var (system, ordinary) = (Id(server.System.Account), Id(server.Ordinary.Account));
        var (counted, blobs) = ($"/{name}", $"{name}-blobs");
        var text = new string('x', 1000);
        await As("", Put, "PUT", counted); // there is no such bucket yet
        await As(name, Put, "PUT", counted + "/key", text);
        await As(name, Get, "GET", counted + "/key");
        await As(name, Get, "HEAD", counted + "/key");
        await As(name, Put, "PUT", counted + "/key?tagging", "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>");
        await As(name, List, "GET", counted + "?list-type=2");
        await As(name, List, "GET", counted + "?uploads");
        await As(name, Get, "GET", counted + "?versioning");
        await As("", List, "GET", "/");
        await As(name, null, "GET", counted + "/missing");
        await As("", null, "GET", counted + "-missing/key");
        var policy = $$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::{{name}}/key"}]}""";
        await As(name, Put, "PUT", counted + "?policy", policy);
        // Others bear what they ask for, and visitors are the owner's.
        Note(name, ordinary, Get, "", await server.SendAs(server.Ordinary, "GET", counted + "/key"));
        Note(name, ordinary, null, text, await server.SendAs(server.Ordinary, "PUT", counted + "/key", text), isRead: false);
        Note(name, Owner, Get, "", await server.Send(server.Request("GET", counted + "/key")));
        // Nobody bears whom nobody let in, or who is nobody.
        Assert.Equal(403, (await server.Send(server.Request("GET", counted))).Status);
        Assert.Equal(403, (await server.SendAs(new(Key.Id, "wrong", true, null!, null), "GET", counted + "/key")).Status);
        Assert.Equal(400, (await server.Send("GET", "/?ostor-nothing")).Status);
        await As(name, Other, "DELETE", counted + "/key");

        Note("", system, Put, "", await server.Send("PUT", "/" + blobs));
        await Blob(Put, "PUT", "/key", "12345");
        await Blob(Get, "GET", "/key");
        await Blob(List, "GET", "?restype=container&comp=list");
        await Blob(null, "GET", "/missing");
        await Blob(Other, "DELETE", "/key");

        async Task As(string bucket, int? kind, string verb, string target, string body = "") => Note(bucket, Owner, kind, body, await server.SendAs(Key, verb, target, body));

        async Task Blob(int? kind, string verb, string target, string body = "") => Note(blobs, system, kind, body, await server.SendBlob(verb, blobs + target, body));
    }

    private const int Put = 0, Get = 1, List = 2, Other = 3;

    private void Note(string bucket, string user, int? kind, string body, Answer answer, bool isRead = true)
    {
        Assert.True(kind is null == answer.Status >= 400, $"{bucket} {user}: {answer.Status} {answer.Text}");
        if (!items.TryGetValue((bucket, user), out var item)) items[(bucket, user)] = item = new long[6];
        if (kind is { } one) item[one]++;
        // What a refused client had sent already is read over, in part.
        item[4] += isRead ? Encoding.UTF8.GetByteCount(body) : 0;
        item[5] += answer.Body.Length;
    }

    private static string Id(Account account) => long.Parse(account.Id, System.Globalization.CultureInfo.InvariantCulture).ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
}
