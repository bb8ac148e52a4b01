using System.Globalization;
using System.Xml.Linq;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>A user in the list.</summary>
public sealed record UserLine(string Name, string Path, string Id, string Arn, DateTimeOffset? Created)
{
    internal static UserLine Of(XElement user) => new(user.Of("UserName")!, user.Of("Path")!, user.Of("UserId")!, user.Of("Arn")!, Text.ReadTime(user.Of("CreateDate")));
}

/// <summary>What the list of users shows.</summary>
/// <param name="Page">The users of this page; null where they may not be seen.</param>
/// <param name="Number">Of the page, from one.</param>
/// <param name="Pages">How many there are.</param>
/// <param name="Found">Users on all of them.</param>
/// <param name="All">Users without the filter.</param>
/// <param name="Filter">What names contain; null for any.</param>
/// <param name="By">The column that sorts.</param>
/// <param name="IsDescending">Whether the greatest come first.</param>
public sealed record UsersModel(IReadOnlyList<UserLine>? Page, int Number, int Pages, int Found, int All, string? Filter, string By, bool IsDescending);

public partial class UsersPage
{
    private const int OnPage = 50;

    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct)
    {
        var (filter, by, isDescending) = (call.Query("q"), call.Query("by") ?? "name", call.Query("down") is not null);
        // At most 5,000: IAM's quota.
        if (await All(call, "ListUsers", ct) is not { } members) return await call.Page<UsersPage>(new UsersModel(null, 1, 1, 0, 0, filter, by, isDescending));
        var all = members.ConvertAll(UserLine.Of);
        var found = filter is null ? all : all.FindAll(user => user.Name.Contains(filter, StringComparison.OrdinalIgnoreCase));
        IEnumerable<UserLine> sorted = by switch { "path" => found.OrderBy(user => user.Path, StringComparer.Ordinal), "created" => found.OrderBy(user => user.Created), _ => found };
        if (isDescending) sorted = sorted.Reverse();
        var pages = Math.Max(1, (found.Count + OnPage - 1) / OnPage);
        var number = int.TryParse(call.Query("page"), NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? Math.Clamp(asked, 1, pages) : 1;
        return await call.Page<UsersPage>(new UsersModel([.. sorted.Skip((number - 1) * OnPage).Take(OnPage)], number, pages, found.Count, all.Count, filter, by, isDescending));
    }

    /// <summary>All that an action of IAM lists; null where the person may not see it.</summary>
    internal static async ValueTask<List<XElement>?> All(ConsoleCall call, string action, CancellationToken ct)
    {
        List<XElement> all = [];
        string? marker = null;
        do
        {
            var answer = await call.Api.Iam(action, ct, ("MaxItems", "1000"), ("Marker", marker));
            if (answer.Status == 403) return null;
            var document = answer.OrThrow().Xml();
            all.AddRange(document.All("member"));
            marker = document.All("Marker").FirstOrDefault()?.Value;
        }
        while (marker is not null);
        return all;
    }
}
