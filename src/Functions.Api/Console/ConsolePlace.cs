using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console;

/// <summary>Where the console is, and where a browser finds the objects: never in the same place, where that can be helped.</summary>
public sealed class ConsolePlace
{
    /// <summary>The path that is the console's where it has neither a port nor a host of its own.</summary>
    public const string Path = "/_/console";

    /// <summary>A host of its own, lower case; null for none.</summary>
    public string? Host { get; init; }

    /// <summary>Whether <see cref="Path"/> is the console's, too, on the origin of the objects.</summary>
    public bool IsUnderPath { get; init; }

    /// <summary>The port of its own, once it is listened to; null for none.</summary>
    public int? Port { get; set; }

    /// <summary>The port of the objects, where the console has one of its own.</summary>
    public int? ObjectPort { get; set; }

    /// <summary>The host of the objects, where the console has one of its own.</summary>
    public string? ObjectHost { get; init; }

    /// <summary>
    /// The same as a browser calls it, for a policy of what a page may load; null where that is what its address says, or nothing that a
    /// policy could be told: the host is what the browser sent.
    /// </summary>
    public string? ObjectOriginFor(WireRequest request) =>
        Uri.TryCreate(ObjectsFor(request), UriKind.Absolute, out var found) && found.GetLeftPart(UriPartial.Authority) is var origin && !origin.AsSpan().ContainsAny(" ;,'\"") ? origin : null;

    /// <summary>Whether a request is for the console.</summary>
    public bool IsFor(WireRequest request) =>
        request.IsOfConsole || (Host is not null && IsHost(request)) || (IsUnderPath && request.SignedIn is null && IsUnder(request.RawPath));

    /// <summary>The path within the console, from its root; null where a slash is missing behind the root.</summary>
    public string? Within(WireRequest request) =>
        request.IsOfConsole || (Host is not null && IsHost(request)) ? request.RawPath : request.RawPath.Length == Path.Length ? null : request.RawPath[Path.Length..];

    /// <summary>The URL of its root as whoever sends a request finds it; null where there is no console.</summary>
    public string? UrlFor(WireRequest request) =>
        Port is { } port ? $"{Scheme(request)}://{NameOf(request)}:{port}/"
        : Host is not null ? $"{Scheme(request)}://{Host}{PortOf(request)}/"
        : IsUnderPath ? $"{Scheme(request)}://{request.Headers.Host}{Path}/"
        : null;

    /// <summary>What a browser calls the origin of the console's pages, where whoever sends a request finds them; null where there is no console.</summary>
    public string? OriginFor(WireRequest request) =>
        UrlFor(request) is { } url && Uri.TryCreate(url, UriKind.Absolute, out var found) ? found.GetLeftPart(UriPartial.Authority) : null;

    /// <summary>The scheme, host and port at which a browser that talks to the console finds the objects.</summary>
    public string ObjectsFor(WireRequest request) =>
        request.IsOfConsole && ObjectPort is { } port ? $"{Scheme(request)}://{NameOf(request)}:{port}"
        : $"{Scheme(request)}://{(Host is not null && ObjectHost is not null ? ObjectHost + PortOf(request) : request.Headers.Host.ToString())}";

    private bool IsHost(WireRequest request) => NameOf(request).Equals(Host, StringComparison.OrdinalIgnoreCase);

    private static bool IsUnder(string path) => path.StartsWith(Path, StringComparison.Ordinal) && (path.Length == Path.Length || path[Path.Length] == '/');

    private static string Scheme(WireRequest request) => request.IsHttps ? "https" : "http";

    // Both hosts lead to the same app, so by the same port.
    private static string PortOf(WireRequest request) => request.Headers.Host.ToString()[NameOf(request).Length..];

    private static string NameOf(WireRequest request)
    {
        var host = request.Headers.Host.ToString();
        var colon = host.LastIndexOf(':');
        return colon >= 0 && !host.EndsWith(']') ? host[..colon] : host;
    }
}
