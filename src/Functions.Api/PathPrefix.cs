using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api;

/// <summary>
/// A path under which everything is served once more, for clients that were set up for a server that had S3 there. Hosts of buckets do
/// not have it: all of their paths are keys.
/// </summary>
/// <param name="prefix">As <see cref="Core.Composition.AppSettings.WrongPathPrefix"/> wants it.</param>
/// <param name="hosts">Under which all paths are keys.</param>
public sealed class PathPrefix(string prefix, HostNames hosts)
{
    /// <summary>The request without the prefix, where it has it.</summary>
    public WireRequest Strip(WireRequest request)
    {
        var path = request.RawPath;
        if (!IsUnder(path) || hosts.IsBucket(request.Headers.Host)) return request;
        var rest = path.Length == prefix.Length ? "/" : path[prefix.Length..];
        // A signature of what is left over would also be one of a path that has the prefix once: what it means is not certain then.
        return request with { RawPath = rest, PathsBeforeStrip = IsUnder(rest) ? [path] : [rest, path] };
    }

    private bool IsUnder(string path) => path.StartsWith(prefix, StringComparison.Ordinal) && (path.Length == prefix.Length || path[prefix.Length] == '/');
}
