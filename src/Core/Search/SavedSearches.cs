using System.Text;
using System.Text.Json.Serialization;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Search;

/// <summary>A search that somebody wants to ask again.</summary>
/// <param name="Name">Whatever its owner calls it: 1 to <see cref="MaxName"/> characters.</param>
/// <param name="Bucket">The bucket.</param>
/// <param name="Expression">What is searched for: at most <see cref="MaxExpression"/> characters.</param>
public sealed record SavedSearch(string Name, string Bucket, string Expression)
{
    /// <summary>The most characters of a name.</summary>
    public const int MaxName = 64;

    /// <summary>The most characters of an expression, as those of a search.</summary>
    public const int MaxExpression = 8192;

    /// <summary>The format of the row; it only grows.</summary>
    public int Format { get; init; } = 1;

    /// <summary>Whether older versions and delete markers are found, too.</summary>
    public bool Versions { get; init; }
}

/// <summary>Whose searches they are.</summary>
/// <param name="AccountId">The account.</param>
/// <param name="UserId">The user; null for the account's root.</param>
public readonly record struct SearchOwner(string AccountId, string? UserId);

/// <summary>
/// The searches that people keep: rows of the partition <c>searches.ACCOUNT</c>, one for each user and name.
/// </summary>
/// <param name="table">The table of identity.</param>
public sealed class SavedSearches(ITable table)
{
    /// <summary>How many a person may keep.</summary>
    public const int Most = 100;

    /// <summary>A person's searches, in the order of their names.</summary>
    public async ValueTask<IReadOnlyList<SavedSearch>> Of(SearchOwner owner, CancellationToken ct)
    {
        List<SavedSearch> found = [];
        await foreach (var row in table.Scan(KeyRange.Rows(PartitionOf(owner), PrefixOf(owner)), null, Most + 1, ct))
            found.Add(StoredJson.Read(row.Value, SavedSearchJson.Default.SavedSearch));
        return [.. found.OrderBy(search => search.Name, StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>Keeps one, in place of the one of its name. <see cref="Refusal.InvalidRequest"/> where there are too many, or it has not the form.</summary>
    public async ValueTask<Result<SavedSearch>> Put(SearchOwner owner, SavedSearch search, CancellationToken ct)
    {
        if (search.Name.Length is 0 or > SavedSearch.MaxName || search.Name.Any(char.IsControl))
            return Refusal.InvalidRequest.Because($"A name has 1 to {SavedSearch.MaxName} characters.");
        if (search.Expression.Length is 0 or > SavedSearch.MaxExpression)
            return Refusal.InvalidRequest.Because($"An expression has 1 to {SavedSearch.MaxExpression} characters.");
        var before = await Of(owner, ct);
        if (before.Count >= Most && before.All(each => each.Name != search.Name))
            return Refusal.InvalidRequest.Because($"You keep {Most} searches, which is all that is possible: delete one first.");
        await Apply(owner, Change.Put(RowOf(owner, search.Name), Condition.Any, StoredJson.Write(search, SavedSearchJson.Default.SavedSearch)), ct);
        return search;
    }

    /// <summary>Keeps it no more; one that is not there is not missed.</summary>
    public ValueTask Delete(SearchOwner owner, string name, CancellationToken ct) =>
        name.Length > SavedSearch.MaxName ? ValueTask.CompletedTask : Apply(owner, Change.Delete(RowOf(owner, name), Condition.Any), ct);

    private async ValueTask Apply(SearchOwner owner, Change change, CancellationToken ct)
    {
        if (await table.Apply(PartitionOf(owner), [change], ct) is Outcome.Unknown) throw new IOException("Whether the search was kept is not known. Try again.");
    }

    private static string PartitionOf(SearchOwner owner) => "searches." + owner.AccountId;

    private static string PrefixOf(SearchOwner owner) => (owner.UserId ?? "root") + ".";

    private static string RowOf(SearchOwner owner, string name) => PrefixOf(owner) + Convert.ToHexStringLower(Encoding.UTF8.GetBytes(name));
}

/// <summary>How they are stored.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SavedSearch))]
internal sealed partial class SavedSearchJson : JsonSerializerContext;
