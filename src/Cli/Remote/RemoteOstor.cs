using System.Globalization;
using ZenkoFunctions.Api.Ostor;
using ZenkoFunctions.Cli.Probing;

namespace ZenkoFunctions.Cli.Remote;

/// <summary>A parameter of a query; without a value where it is null.</summary>
internal readonly record struct Parameter(string Name, string? Value = null);

/// <summary>ostor's API of a running server: accounts, their keys, quotas and limits, for its administrators.</summary>
internal sealed class RemoteOstor(RemoteServer server)
{
    public async Task<IReadOnlyList<UserLine>> Users(CancellationToken ct) => server.Read(await Send("GET", "ostor-users", ct), OstorJson.Default.ListUserLine);

    public async Task<UserDocument> User(Parameter who, CancellationToken ct) => server.Read(await Send("GET", "ostor-users", ct, who), OstorJson.Default.UserDocument);

    public async Task<NewKeyDocument> Create(string email, CancellationToken ct) =>
        server.Read(await Send("PUT", "ostor-users", ct, new Parameter("emailAddress", email)), OstorJson.Default.NewKeyDocument);

    public Task Delete(Parameter who, CancellationToken ct) => Send("DELETE", "ostor-users", ct, who);

    public Task Enable(Parameter who, bool isEnabled, CancellationToken ct) => Send("POST", "ostor-users", ct, who, new(isEnabled ? "enable" : "disable"));

    /// <summary>Makes a key of an account, or of a user of it.</summary>
    public async Task<NewKeyDocument> NewKey(Parameter who, string? user, CancellationToken ct) =>
        server.Read(await Send("POST", "ostor-users", ct, [who, new("genKey"), .. Of(user)]), OstorJson.Default.NewKeyDocument);

    /// <summary>Makes a user of an account that may do all that the account may, with a key: what ostor calls an account of a user.</summary>
    public async Task<Api.Ostor.AccountDocument> NewUser(Parameter who, string user, CancellationToken ct) =>
        server.Read(await Send("POST", "ostor-accounts", ct, [who, .. Of(user)]), OstorJson.Default.AccountDocument);

    public Task RevokeKey(Parameter who, string? user, string id, CancellationToken ct) => Send("POST", "ostor-users", ct, [who, new("revokeKey", id), .. Of(user)]);

    public async Task<IReadOnlyList<BucketDocument>> Buckets(CancellationToken ct) => server.Read(await Send("GET", "ostor-buckets", ct), OstorJson.Default.BucketsDocument).Buckets;

    /// <summary>What is set for a target: of <c>ostor-quotas</c> or <c>ostor-limits</c>; null where nothing is.</summary>
    public async Task<Dictionary<string, string>?> Find(string resource, Parameter target, CancellationToken ct)
    {
        try
        {
            return server.Read(await Send("GET", resource, ct, target), CliJson.Default.DictionaryStringString);
        }
        catch (RemoteException none) when (none is { Status: 404, Code: not ("NoSuchBucket" or "NoSuchUser") })
        {
            return null;
        }
    }

    public Task Set(string resource, CancellationToken ct, params Parameter[] parameters) => Send("PUT", resource, ct, parameters);

    public Task Remove(string resource, Parameter target, CancellationToken ct) => Send("DELETE", resource, ct, target);

    /// <summary>An account as people name it: its e-mail address, its 12 digits, or ostor's 16.</summary>
    /// <exception cref="StartupException">It is none of these.</exception>
    public static Parameter Named(string text) =>
        text.Contains('@', StringComparison.Ordinal) ? new("emailAddress", text)
        : text.Length == 12 && text.All(char.IsAsciiDigit) ? new("id", OstorIds.Of(text))
        : text.Length == 16 && text.All(char.IsAsciiHexDigit) ? new("id", text.ToLowerInvariant())
        : throw new StartupException($"'{text}' is no account: name it by its e-mail address, its 12 digits, or its 16 hex digits in ostor. zenkofn account list has them.");

    /// <summary>The 12 digits of an account that ostor knows by this id.</summary>
    public static string AccountOf(string ostorId) => long.Parse(ostorId, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture).ToString("d12", CultureInfo.InvariantCulture);

    private static Parameter[] Of(string? user) => user is null ? [] : [new("accountName", user)];

    // The resource comes first.
    private async Task<byte[]> Send(string verb, string resource, CancellationToken ct, params Parameter[] parameters)
    {
        var query = string.Concat(parameters.Select(each => each.Value is null ? $"&{each.Name}" : $"&{each.Name}={RemoteServer.Segment(each.Value)}"));
        return (await server.Send(new Call(verb, "/") { Query = resource + query }, "application/json", ct)).Body;
    }
}
