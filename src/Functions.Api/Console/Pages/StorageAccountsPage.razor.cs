using System.Text.Json;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>What the list of storage accounts shows.</summary>
/// <param name="Accounts">The caller's; null where they may not be seen.</param>
/// <param name="Locations">Where a new one can be.</param>
/// <param name="Name">What was typed.</param>
/// <param name="Location">What was chosen.</param>
/// <param name="Problem">Why none was made.</param>
public sealed record StorageAccountsModel(IReadOnlyList<StorageAccountDocument>? Accounts, IReadOnlyList<LocationChoice> Locations, string? Name, string? Location, FormProblem? Problem);

public partial class StorageAccountsPage
{
    internal const string Path = "/_/management/storage-accounts";

    internal static ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct) => Show(call, null, ct);

    internal static async ValueTask<Reply> Create(ConsoleCall call, CancellationToken ct)
    {
        var wanted = new StorageAccountDocument { Name = call.Form["name"], Location = call.Form["location"], HttpsOnly = false };
        var made = await call.Api.Send("POST", Path, "", ct, JsonSerializer.SerializeToUtf8Bytes(wanted, StorageAccountsJson.Default.StorageAccountDocument));
        return made.Refusal is not { } refused ? call.Go("storage-account", ("name", wanted.Name), ("done", "created")) : await Show(call, refused, ct);
    }

    private static async ValueTask<Reply> Show(ConsoleCall call, ConsoleException? why, CancellationToken ct)
    {
        var answer = await call.Api.Send("GET", Path, "", ct);
        var accounts = answer.Status == 403 ? null : answer.OrThrow().Json(StorageAccountsJson.Default.StorageAccountList).StorageAccounts;
        return await call.Page<StorageAccountsPage>(
            new StorageAccountsModel(accounts, await LocationsPage.Choices(call, false, ct), call.Form["name"], call.Form["location"], FormProblem.Of(why)), why?.Status ?? 200);
    }
}
