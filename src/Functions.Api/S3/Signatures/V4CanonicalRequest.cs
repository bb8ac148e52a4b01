using System.Buffers;
using System.Text;

namespace ZenkoFunctions.Api.S3.Signatures;

/// <summary>
/// The canonical request in the forms that clients sign. Each form covers what the request means, so that accepting several
/// lets no altered request pass: the path and query as they stand on the wire, or decoded and encoded anew.
/// </summary>
internal sealed class V4CanonicalRequest(WireRequest request, V4Signature signature)
{
    private readonly ArrayBufferWriter<byte> writer = new(512);
    private bool areMerged;

    /// <summary>Each form in turn, the usual one first. A form's bytes hold until the next one is asked for.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Forms()
    {
        foreach (var form in PathsAndQueries()) yield return form;
        // The Functions host makes one line of several and puts a blank behind each comma.
        if (request.InvocationId is null || !signature.SignedNames.Any(name => request.Headers[name].ToString().Contains(", ", StringComparison.Ordinal))) yield break;
        areMerged = true;
        foreach (var form in PathsAndQueries()) yield return form;
    }

    private IEnumerable<ReadOnlyMemory<byte>> PathsAndQueries()
    {
        var pairs = Pairs();
        string[] queries = pairs.Count == 0 ? [""] : Distinct([Normalised(pairs), Sorted(pairs), AsSent(pairs)]);
        foreach (var sent in request.SignedPaths)
        {
            foreach (var query in queries) yield return Form(sent, query);
            // "." and ".." stay, nothing is encoded twice.
            var path = Percent.Normalise(sent, path: true);
            if (path == sent) continue;
            foreach (var query in queries) yield return Form(path, query);
        }
    }

    private ReadOnlyMemory<byte> Form(string path, string query)
    {
        writer.ResetWrittenCount();
        Write(path, query);
        return writer.WrittenMemory;
    }

    private void Write(string path, string query)
    {
        Line(request.Verb);
        Line(path);
        Line(query);
        foreach (var name in signature.SignedNames)
        {
            Text(name);
            Text(":");
            var values = request.Headers[name];
            for (var i = 0; i < values.Count; i++)
            {
                if (i > 0) Text(",");
                var value = Folded(values[i] ?? "");
                Text(areMerged ? value.Replace(", ", ",", StringComparison.Ordinal) : value);
            }
            Text("\n");
        }
        Text("\n");
        Line(signature.SignedHeaders);
        Text(signature.PayloadHash);
    }

    /// <summary>Without blanks at the ends, and runs of blanks as one.</summary>
    internal static string Folded(string value)
    {
        var trimmed = value.Trim(' ', '\t');
        if (!trimmed.Contains("  ", StringComparison.Ordinal) && !trimmed.Contains('\t', StringComparison.Ordinal)) return trimmed;
        return string.Join(' ', trimmed.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries));
    }

    private List<string> Pairs()
    {
        if (request.RawQuery.Length == 0) return [];
        List<string> pairs = [.. request.RawQuery.Split('&', StringSplitOptions.RemoveEmptyEntries)];
        if (signature.InQuery) pairs.RemoveAll(pair => pair.StartsWith("X-Amz-Signature=", StringComparison.Ordinal));
        return pairs;
    }

    private static string Normalised(List<string> pairs) => Sorted(pairs.ConvertAll(pair =>
    {
        var equals = pair.IndexOf('=', StringComparison.Ordinal);
        return equals < 0
            ? Percent.Normalise(pair, path: false) + "="
            : $"{Percent.Normalise(pair[..equals], path: false)}={Percent.Normalise(pair[(equals + 1)..], path: false)}";
    }));

    private static string Sorted(List<string> pairs)
    {
        if (pairs.Count == 1) return Assigned(pairs[0]);
        var sorted = pairs.ConvertAll(Assigned);
        sorted.Sort(ByName);
        return string.Join('&', sorted);
    }

    private static string AsSent(List<string> pairs) => string.Join('&', pairs);

    private static string Assigned(string pair) => pair.Contains('=', StringComparison.Ordinal) ? pair : pair + "=";

    // By name, then value: not by the whole pair, because '=' sorts after '-' and the digits.
    private static int ByName(string a, string b)
    {
        var (endA, endB) = (a.IndexOf('=', StringComparison.Ordinal), b.IndexOf('=', StringComparison.Ordinal));
        var byName = a.AsSpan(0, endA).SequenceCompareTo(b.AsSpan(0, endB));
        return byName != 0 ? byName : a.AsSpan(endA).SequenceCompareTo(b.AsSpan(endB));
    }

    private static string[] Distinct(string[] forms) => [.. forms.Distinct(StringComparer.Ordinal)];

    private void Line(string text)
    {
        Text(text);
        Text("\n");
    }

    private void Text(string text) => Encoding.UTF8.GetBytes(text, writer);
}
