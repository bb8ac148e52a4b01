using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>A request of ostor as it stands in the query: the resource, which comes first, and its parameters.</summary>
/// <param name="Resource"><c>ostor-users</c> and the like.</param>
/// <param name="Parameters">By name, decoded; those that belong to the signature left out.</param>
internal sealed record OstorRequest(string Resource, IReadOnlyDictionary<string, string> Parameters)
{
    private const string Prefix = "ostor-";

    /// <summary>Whether a request is ostor's: by the path and the first parameter as they were sent, nothing decoded.</summary>
    public static bool Is(WireRequest request) => request.RawPath == "/" && request.RawQuery.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>What version 2 signs as the resource: the path and the first parameter, as they were sent.</summary>
    public static string Signed(WireRequest request) => "/?" + First(request.RawQuery);

    /// <summary>Reads a request; throws InvalidArgument where a parameter is there twice, or a second resource.</summary>
    public static OstorRequest Read(WireRequest request)
    {
        var items = request.Query.Items;
        if (items[0].Value.Length > 0) throw Invalid(items[0].Key, "The resource has no value.");
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in items.Skip(1))
        {
            if (name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)) throw Invalid(name, "A request names one resource.");
            if (IsSignature(name)) continue;
            if (!parameters.TryAdd(name, value)) throw Invalid(name, "A parameter is given once.");
        }
        return new(items[0].Key, parameters);
    }

    // x-id is how AWS's clients name an operation of theirs, whatever is asked for.
    private static bool IsSignature(string name) => name.StartsWith("X-Amz-", StringComparison.OrdinalIgnoreCase) || name == "x-id";

    private static string First(string query) => query.IndexOf('&') is >= 0 and var end ? query[..end] : query;

    private static S3Exception Invalid(string name, string why) => S3.Parsing.Invalid.Argument(name, name, why);
}
