using System.Buffers;
using System.Text;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Blob.Signatures;

/// <summary>
/// The string that SharedKey and SharedKeyLite sign: lines of headers, the sorted x-ms- headers, and the resource, which is the
/// account, the path as it was sent, and the decoded parameters.
/// </summary>
internal static class SharedKeyText
{
    // Until the version before it, a length of nothing was signed as "0".
    private const string EmptyLengthSince = "2015-02-21";

    private static readonly string[] Signed =
    [
        "Content-Encoding", "Content-Language", "Content-Length", "Content-MD5", "Content-Type", "Date", "If-Modified-Since", "If-Match", "If-None-Match",
        "If-Unmodified-Since", "Range",
    ];

    private static readonly string[] SignedLite = ["Content-MD5", "Content-Type", "Date"];

    /// <summary>Appends the string in UTF-8.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="request">As it came.</param>
    /// <param name="account">The account as the Authorization header spells it.</param>
    /// <param name="isLite">Whether it is SharedKeyLite's.</param>
    /// <param name="order">How the x-ms- headers are sorted.</param>
    public static void Write(IBufferWriter<byte> output, WireRequest request, ReadOnlySpan<char> account, bool isLite, IComparer<string> order)
    {
        Line(output, request.Verb);
        foreach (var name in isLite ? SignedLite : Signed) Line(output, Value(request, name));
        WriteHeaders(output, request, order);
        Text(output, "/");
        Text(output, account);
        Text(output, request.RawPath);
        if (isLite) WriteComp(output, request);
        else WriteParameters(output, request);
    }

    private static string Value(WireRequest request, string name) => name switch
    {
        "Content-Length" => request.Headers.ContentLength is not 0 || IsOld(request) ? request.Headers[name].ToString() : "",
        "Date" when request.Headers.ContainsKey("x-ms-date") => "",
        _ => request.Headers[name].ToString(),
    };

    private static bool IsOld(WireRequest request) => string.CompareOrdinal(request.Headers["x-ms-version"].ToString(), EmptyLengthSince) < 0;

    private static void WriteHeaders(IBufferWriter<byte> output, WireRequest request, IComparer<string> order)
    {
        var names = new List<string>(8);
        foreach (var header in request.Headers)
            if (header.Key.StartsWith("x-ms-", StringComparison.OrdinalIgnoreCase)) names.Add(header.Key.ToLowerInvariant());
        names.Sort(order);
        foreach (var name in names)
        {
            Text(output, name);
            Text(output, ":");
            Line(output, request.Headers[name].ToString().AsSpan().Trim());
        }
    }

    private static void WriteParameters(IBufferWriter<byte> output, WireRequest request)
    {
        if (request.Query.Items.Count == 0) return;
        var parameters = new List<(string Name, string Value)>(request.Query.Items.Count);
        foreach (var (name, value) in request.Query.Items) parameters.Add((name.ToLowerInvariant(), value));
        parameters.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name) is not 0 and var byName ? byName : string.CompareOrdinal(a.Value, b.Value));
        string? last = null;
        foreach (var (name, value) in parameters)
        {
            if (name == last)
            {
                Text(output, ",");
            }
            else
            {
                Text(output, "\n");
                Text(output, name);
                Text(output, ":");
            }
            Text(output, value);
            last = name;
        }
    }

    private static void WriteComp(IBufferWriter<byte> output, WireRequest request)
    {
        if (request.Query["comp"] is not { } comp) return;
        Text(output, "?comp=");
        Text(output, comp);
    }

    private static void Line(IBufferWriter<byte> output, ReadOnlySpan<char> text)
    {
        Text(output, text);
        Text(output, "\n");
    }

    private static void Text(IBufferWriter<byte> output, ReadOnlySpan<char> text) => Encoding.UTF8.GetBytes(text, output);
}
