using System.Buffers;
using System.Net;

namespace ZenkoFunctions.Api.S3;

/// <summary>The rules of bucket names: AWS's for new buckets, for every request.</summary>
public static class BucketName
{
    /// <summary>Names that the Functions host answers itself: refused in every mode, so that a bucket can move there.</summary>
    public static readonly IReadOnlyList<string> Reserved = ["admin", "runtime"];

    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-.");

    /// <summary>Why the name is refused, or null where it is good.</summary>
    public static string? Fault(string name)
    {
        if (name.Length is < 3 or > 63) return "A bucket name has 3 to 63 characters.";
        if (name.AsSpan().ContainsAnyExcept(Allowed)) return "A bucket name holds only a-z, 0-9, '-' and '.'.";
        if (!char.IsAsciiLetterOrDigit(name[0]) || !char.IsAsciiLetterOrDigit(name[^1]))
            return "A bucket name starts and ends with a letter or a digit.";
        if (name.Contains("..", StringComparison.Ordinal) || name.Contains(".-", StringComparison.Ordinal) || name.Contains("-.", StringComparison.Ordinal))
            return "The parts of a bucket name between dots start and end with a letter or a digit.";
        if (name.Count(c => c == '.') == 3 && IPAddress.TryParse(name, out _)) return "A bucket name must not look like an IP address.";
        return Reserved.Contains(name) ? $"The name {name} is reserved: the Azure Functions host answers it itself." : null;
    }
}
