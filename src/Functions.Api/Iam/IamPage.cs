using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Iam;

/// <summary>A page of a listing.</summary>
/// <typeparam name="T">What is listed.</typeparam>
public sealed class IamPage<T>
{
    /// <summary>What is on the page.</summary>
    public IReadOnlyList<T> Items { get; init; } = [];

    /// <summary>Where the next page starts; null on the last.</summary>
    public string? Marker { get; init; }
}

/// <summary>Takes and writes pages: <c>MaxItems</c> of those behind <c>Marker</c>.</summary>
public static class IamPage
{
    private const int Usual = 100, Most = 1000;

    /// <summary>Takes the page that a request asks for.</summary>
    /// <param name="all">Everything, ordered ordinally by <paramref name="name"/>.</param>
    /// <param name="name">Unique; the marker is that of the last one on the page.</param>
    /// <param name="form">The request's parameters.</param>
    /// <param name="ct">Stops it.</param>
    public static async ValueTask<IamPage<T>> Take<T>(IAsyncEnumerable<T> all, Func<T, string> name, IamForm form, CancellationToken ct)
    {
        var most = form.Integer("MaxItems", 1, Most) ?? Usual;
        var after = form["Marker"];
        var items = new List<T>();
        await foreach (var item in all.WithCancellation(ct))
        {
            if (after is not null && string.CompareOrdinal(name(item), after) <= 0) continue;
            if (items.Count == most) return new() { Items = items, Marker = name(items[^1]) };
            items.Add(item);
        }
        return new() { Items = items };
    }

    /// <summary>The shape of a listing.</summary>
    /// <param name="element">The element around the list.</param>
    /// <param name="item">The shape of one.</param>
    internal static XmlShape<IamPage<T>> Shape<T>(string element, XmlShape<Item<T>> item) =>
        new XmlShape<IamPage<T>>("Result", null)
            .Wrapped(element, "member", item, page => [.. page.Items.Select(value => new Item<T>(value))])
            .Flag("IsTruncated", page => page.Marker is not null)
            .Text("Marker", page => page.Marker);
}
