using System.Globalization;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>What the list of tasks shows.</summary>
public sealed record TasksModel(IReadOnlyList<WalkTold> Page, int Number, int Pages, int Found, int All, string? Bucket, string? State);

public partial class TasksPage
{
    private const int OnPage = 50;

    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct)
    {
        var all = await WalkTold.All(call, ct);
        var (bucket, state) = (call.Query("bucket"), call.Query("state"));
        var found = all.Where(walk => (bucket is null || walk.Bucket == bucket) && (state is null || walk.State == state)).ToList();
        var pages = Math.Max(1, (found.Count + OnPage - 1) / OnPage);
        var number = int.TryParse(call.Query("page"), NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? Math.Clamp(asked, 1, pages) : 1;
        return await call.Page<TasksPage>(new TasksModel([.. found.Skip((number - 1) * OnPage).Take(OnPage)], number, pages, found.Count, all.Count, bucket, state));
    }
}
