using System.Diagnostics.CodeAnalysis;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Management;

/// <summary>An operation of the management API: a line of <see cref="ManagementOperations.All"/>.</summary>
/// <param name="Name">Unique; policies allow or deny it as <c>zenko:NAME</c>.</param>
/// <param name="Verb">GET, PUT, POST or DELETE.</param>
/// <param name="Path">
/// A template that starts with <c>/_/</c>. A segment is text, <c>{name}</c> for anything but nothing, <c>{name=a|b}</c> for one of
/// these words, or, as the last, <c>{name...}</c> for all that follows, slashes too.
/// </param>
/// <param name="Run">Answers a verified and permitted call. Malformed input throws <see cref="S3Exception"/> with a line of <see cref="ManagementErrors"/>.</param>
public sealed record ManagementOperation(
    string Name, string Verb, string Path, Func<ManagementCall, CancellationToken, ValueTask<Reply>> Run)
{
    /// <summary>Whether only administrators may ask for it; else every account may.</summary>
    public bool NeedsAdministrator { get; init; }

    /// <summary>Whether users may ask for it only where one of their policies allows it; else where none denies it.</summary>
    public bool NeedsPolicy { get; init; }

    /// <summary>
    /// Whether a key's id and secret themselves are taken (HTTP's Basic), from senders that cannot sign: over HTTPS, or from this machine.
    /// </summary>
    public bool TakesBasic { get; init; }

    /// <summary>Whether a lasting key must have signed all of the request, its body too: version 4, no session, no certificate.</summary>
    public bool NeedsSigner { get; init; }

    /// <summary>Whether those who watch the server may ask for it without a signature.</summary>
    public bool TakesMonitors { get; init; }

    /// <summary>The most bytes that its body may have.</summary>
    public int BodyBytes { get; init; } = 64 * 1024;

    /// <summary>What it does, in half a sentence, for the documentation.</summary>
    public required string Summary { get; init; }

    /// <summary>How its path is recognised.</summary>
    internal PathTemplate Template { get; } = new(Path);
}

/// <summary>A path with names in it.</summary>
/// <param name="template">As <see cref="ManagementOperation.Path"/> has it.</param>
/// <param name="words">How its words are compared; null: exactly.</param>
internal sealed class PathTemplate(string template, StringComparer? words = null)
{
    private readonly Segment[] segments = [.. template[1..].Split('/').Select(segment => Segment.Parse(segment, words ?? StringComparer.Ordinal))];

    /// <summary>The values of its names where the path is one of it; null otherwise.</summary>
    /// <param name="path">The decoded segments of the path.</param>
    public Dictionary<string, string>? Match(IReadOnlyList<string> path)
    {
        var isOpen = segments[^1].TakesRest;
        if (isOpen ? path.Count < segments.Length : path.Count != segments.Length) return null;
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < segments.Length; i++)
        {
            var value = segments[i].TakesRest ? string.Join('/', path.Skip(i)) : path[i];
            if (!segments[i].Takes(value)) return null;
            if (segments[i].Name is { } name) values[name] = value;
        }
        return values;
    }

    private sealed record Segment(string? Name, string[] Words, bool TakesRest, StringComparer Comparer)
    {
        public static Segment Parse(string text, StringComparer comparer)
        {
            if (!text.StartsWith('{')) return new(null, [text], false, comparer);
            var inside = text[1..^1];
            if (inside.EndsWith("...", StringComparison.Ordinal)) return new(inside[..^3], [], true, comparer);
            return inside.Split('=') is [var name, var words] ? new(name, words.Split('|'), false, comparer) : new(inside, [], false, comparer);
        }

        public bool Takes(string value) => Words.Length == 0 ? value.Length > 0 : Words.Contains(value, Comparer);
    }
}

/// <summary>The path of a request, cut into its segments.</summary>
internal static class PathSegments
{
    /// <summary>The segments, percent-decoded; false where the path is no percent-encoded UTF-8.</summary>
    public static bool TryRead(string rawPath, [NotNullWhen(true)] out IReadOnlyList<string>? segments)
    {
        try
        {
            segments = [.. rawPath[1..].Split('/').Select(segment => Address.DecodeKey(segment))];
            return true;
        }
        catch (S3Exception)
        {
            segments = null;
            return false;
        }
    }
}
