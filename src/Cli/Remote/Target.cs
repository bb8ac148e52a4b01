using System.CommandLine;

namespace ZenkoFunctions.Cli.Remote;

/// <summary>Which server a command asks, and who signs: by options, else by the environment, else by the data directory of a server on this machine.</summary>
/// <param name="Endpoint">The server.</param>
/// <param name="Key">The key's id, its secret, and the token where it is a session's.</param>
/// <param name="Region">The region of signatures.</param>
internal sealed record Target(Uri Endpoint, (string Id, string Secret, string? Token) Key, string Region)
{
    private static readonly Uri Usual = new("http://127.0.0.1:8000");

    /// <summary>Who said so, for people.</summary>
    public required string EndpointFrom { get; init; }

    /// <inheritdoc cref="EndpointFrom"/>
    public required string KeyFrom { get; init; }

    /// <summary>The data directory of this machine's server that the options name.</summary>
    public required string Data { get; init; }

    /// <summary>A PEM file of an authority that is trusted beside those of the system; null for none.</summary>
    public string? Authority { get; init; }

    /// <summary>What the options and the environment name.</summary>
    /// <exception cref="StartupException">They name no server, or no key.</exception>
    public static Target Of(ParseResult parsed)
    {
        var data = Path.GetFullPath(parsed.GetRequiredValue(RemoteOptions.Data));
        var isNamed = parsed.GetResult(RemoteOptions.Data) is { Implicit: false };
        var announced = DataDirectory.Announced(data);
        var (endpoint, endpointFrom) = FindEndpoint(parsed, data, isNamed, announced?.Endpoint);
        var (key, keyFrom) = FindKey(parsed, data, isNamed);
        var isHere = endpoint == announced?.Endpoint;
        var authority = Path.Combine(data, "tls", "ca.pem");
        return new(endpoint, key, RegionOf(parsed, isHere ? announced!.Value.Region : "us-east-1"))
        {
            EndpointFrom = endpointFrom, KeyFrom = keyFrom, Data = data, Authority = isHere && File.Exists(authority) ? authority : null,
        };
    }

    /// <summary>The region to sign for.</summary>
    public static string RegionOf(ParseResult parsed, string otherwise) => parsed.GetValue(RemoteOptions.Region) ?? Setting("AWS_REGION") ?? Setting("AWS_DEFAULT_REGION") ?? otherwise;

    /// <summary>A variable of the environment; null where it is empty.</summary>
    public static string? Setting(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static (Uri, string) FindEndpoint(ParseResult parsed, string data, bool isNamed, Uri? announced)
    {
        if (parsed.GetValue(RemoteOptions.Endpoint) is { } given) return (given, "--endpoint");
        var here = (announced!, $"the data directory {data}");
        if (isNamed && announced is not null) return here;
        foreach (var name in (string[])["ZENKOFN_ENDPOINT", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"])
        {
            if (Setting(name) is not { } text) continue;
            return RemoteOptions.ParseEndpoint(text) is { } url ? (url, name) : throw new StartupException($"{name} is '{text}': it must be http(s)://host or http(s)://host:port.");
        }
        if (announced is not null) return here;
        return isNamed
            ? throw new StartupException($"No server runs on the data directory {data}. Start one: zenkofn serve --data {data}. Or name a server elsewhere with --endpoint.")
            : (Usual, "the default");
    }

    private static ((string, string, string?), string) FindKey(ParseResult parsed, string data, bool isNamed)
    {
        var root = Path.Combine(data, DataDirectory.RootCredentialsName);
        if (parsed.GetValue(RemoteOptions.Credentials) is { } given)
        {
            if (!given.Exists) throw new StartupException($"--credentials: there is no file {given.FullName}.");
            return (RootCredentials.Read(given.FullName, Profile) ?? throw new StartupException($"{given.FullName} has no access key in the profile [{Profile}]."), given.FullName);
        }
        if (isNamed && OfFile(root, "default") is { } named) return (named, root);
        if (Setting("AWS_ACCESS_KEY_ID") is { } id && Setting("AWS_SECRET_ACCESS_KEY") is { } secret) return ((id, secret, Setting("AWS_SESSION_TOKEN")), "AWS_ACCESS_KEY_ID");
        if (Setting("AWS_SHARED_CREDENTIALS_FILE") is { } shared && OfFile(shared, Profile) is { } profile) return (profile, shared);
        return OfFile(root, "default") is { } kept ? (kept, root) : throw new StartupException(
            $"There is no {root}. Name the server's data directory with --data, a file of keys with --credentials, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to the keys of an administrator.");
    }

    private static string Profile => Setting("AWS_PROFILE") ?? "default";

    private static (string, string, string?)? OfFile(string file, string profile) => File.Exists(file) ? RootCredentials.Read(file, profile) : null;
}
