namespace ZenkoFunctions.Api.S3;

/// <summary>
/// The parameters of a query in their order. Names and values are percent-decoded as UTF-8; <c>+</c> is a blank.
/// A parameter without <c>=</c> has the empty value.
/// </summary>
public sealed class QueryParameters
{
    private readonly List<KeyValuePair<string, string>> items = [];

    /// <summary>Name and value of each parameter, decoded.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Items => items;

    /// <summary>The first value of that name, or null. Names are compared exactly.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (var item in items)
                if (item.Key == name) return item.Value;
            return null;
        }
    }

    /// <summary>Whether there is a parameter of that name.</summary>
    public bool Has(string name) => this[name] is not null;

    /// <summary>Reads a raw query without its question mark.</summary>
    public static QueryParameters Parse(string rawQuery)
    {
        var parameters = new QueryParameters();
        foreach (var pair in rawQuery.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=');
            parameters.items.Add(equals < 0
                ? new(Decode(pair), "")
                : new(Decode(pair[..equals]), Decode(pair[(equals + 1)..])));
        }
        return parameters;
    }

    private static string Decode(string raw) => Uri.UnescapeDataString(raw.Replace('+', ' '));
}
