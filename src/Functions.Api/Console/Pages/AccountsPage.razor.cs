using System.Globalization;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>An account in the list.</summary>
public sealed record AccountLine(string Id, string Name, string Email, bool IsEnabled, bool IsSystem, long? Bytes, int? Buckets);

/// <summary>What the list of accounts shows.</summary>
/// <param name="Page">The accounts of this page; null where they may not be seen.</param>
/// <param name="Number">Of the page, from one.</param>
/// <param name="Pages">How many there are.</param>
/// <param name="Found">Accounts on all of them.</param>
/// <param name="All">Accounts without the filter.</param>
/// <param name="Filter">What name, address or id contain; null for anything.</param>
/// <param name="By">The column that sorts.</param>
/// <param name="IsDescending">Whether the greatest come first.</param>
public sealed record AccountsModel(IReadOnlyList<AccountLine>? Page, int Number, int Pages, int Found, int All, string? Filter, string By, bool IsDescending);

public partial class AccountsPage
{
    internal const string Path = "/_/management/accounts";

    private const int OnPage = 50, MostAsked = 10;

    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct)
    {
        var (filter, by, isDescending) = (call.Query("q"), call.Query("by") ?? "name", call.Query("down") is not null);
        if (await All(call, ct) is not { } documents) return await call.Page<AccountsPage>(new AccountsModel(null, 1, 1, 0, 0, filter, by, isDescending));
        var held = (await StoredAmounts.Read(call, ct, isOwn: false))?.First.Accounts.ToDictionary(each => each.Account, StringComparer.Ordinal);
        var all = documents.ConvertAll(each =>
        {
            var amount = held?.GetValueOrDefault(each.Id);
            return new AccountLine(each.Id, each.Name, each.Email, each.Enabled, each.System, held is null ? null : amount?.Held.Bytes ?? 0, held is null ? null : amount?.Buckets ?? 0);
        });
        var found = filter is null ? all : all.FindAll(each => each.Name.Contains(filter, StringComparison.OrdinalIgnoreCase) || each.Email.Contains(filter, StringComparison.OrdinalIgnoreCase) || each.Id.Contains(filter, StringComparison.Ordinal));
        IEnumerable<AccountLine> sorted = by switch
        {
            "size" => found.OrderBy(each => each.Bytes),
            "buckets" => found.OrderBy(each => each.Buckets),
            "id" => found,
            _ => found.OrderBy(each => each.Name, StringComparer.OrdinalIgnoreCase),
        };
        if (isDescending) sorted = sorted.Reverse();
        var pages = Math.Max(1, (found.Count + OnPage - 1) / OnPage);
        var number = int.TryParse(call.Query("page"), NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? Math.Clamp(asked, 1, pages) : 1;
        return await call.Page<AccountsPage>(new AccountsModel([.. sorted.Skip((number - 1) * OnPage).Take(OnPage)], number, pages, found.Count, all.Count, filter, by, isDescending));
    }

    // The first ten thousand: beyond that many one looks for one by its name.
    private static async ValueTask<List<AccountDocument>?> All(ConsoleCall call, CancellationToken ct)
    {
        List<AccountDocument> all = [];
        string? marker = null;
        for (var i = 0; i < MostAsked; i++)
        {
            var answer = await call.Api.Send("GET", Path, ConsoleApi.Query(("marker", marker)), ct);
            if (answer.Status == 403) return null;
            var page = answer.OrThrow().Json(AccountJson.Default.AccountsDocument);
            all.AddRange(page.Accounts);
            if ((marker = page.Next) is null) break;
        }
        return all;
    }
}
