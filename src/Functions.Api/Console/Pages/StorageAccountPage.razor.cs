using System.Text.Json;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>What the page of a storage account shows.</summary>
/// <param name="Account">It.</param>
/// <param name="Keys">Its keys, where they were asked for just now; else null.</param>
/// <param name="Problem">Why something was not done.</param>
public sealed record StorageAccountModel(StorageAccountDocument Account, IReadOnlyList<StorageAccountKey>? Keys, FormProblem? Problem);

public partial class StorageAccountPage
{
    internal static ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct) => Show(call, null, null, ct);

    internal static async ValueTask<Reply> Change(ConsoleCall call, CancellationToken ct)
    {
        try
        {
            if (call.Form["do"] == "keys") return await Show(call, Keys(await call.Api.Do("GET", PathOf(call) + "/keys", "", ct)), null, ct);
            var wanted = new StorageAccountDocument { HttpsOnly = call.Form["https"] is not null, AllowPublicAccess = call.Form["public"] is not null, AllowSharedKey = call.Form["shared"] is not null };
            await call.Api.Do("PUT", PathOf(call), "", ct, JsonSerializer.SerializeToUtf8Bytes(wanted, StorageAccountsJson.Default.StorageAccountDocument));
            return call.Go("storage-account", ("name", call.Query("name")), ("done", "settings"));
        }
        catch (ConsoleException e) when (e.Status != 404)
        {
            return await Show(call, null, e, ct);
        }
    }

    internal static ValueTask<Reply> AskRenew(ConsoleCall call, CancellationToken ct) => Renewing(call).Ask(call);

    /// <summary>Shows the keys at once: whoever renews one has to tell it to somebody.</summary>
    internal static async ValueTask<Reply> Renew(ConsoleCall call, CancellationToken ct)
    {
        var answer = await call.Api.Send("POST", $"{PathOf(call)}/keys/{Uri.EscapeDataString(call.Query("key") ?? "-")}/renew", "", ct);
        return answer.Refusal is not { } refused ? await Show(call, Keys(answer), null, ct) : await Renewing(call).Again(call, refused);
    }

    internal static ValueTask<Reply> AskDelete(ConsoleCall call, CancellationToken ct) => Deleting(call).Ask(call);

    internal static async ValueTask<Reply> Delete(ConsoleCall call, CancellationToken ct)
    {
        var question = Deleting(call);
        if (!question.IsTypedIn(call)) return await question.Mistyped(call);
        var answer = await call.Api.Send("DELETE", PathOf(call), "", ct);
        return answer.Refusal is not { } refused ? call.Go("storage-accounts", ("deleted", question.Name)) : await question.Again(call, refused);
    }

    private static string PathOf(ConsoleCall call) => $"{StorageAccountsPage.Path}/{Uri.EscapeDataString(call.Query("name") ?? "-")}";

    private static IReadOnlyList<StorageAccountKey> Keys(ApiAnswer answer) => answer.Json(StorageAccountsJson.Default.StorageAccountKeys).Keys;

    private static async ValueTask<Reply> Show(ConsoleCall call, IReadOnlyList<StorageAccountKey>? keys, ConsoleException? why, CancellationToken ct) => await call.Page<StorageAccountPage>(
        new StorageAccountModel(await call.Api.Json(PathOf(call), "", StorageAccountsJson.Default.StorageAccountDocument, ct), keys, FormProblem.Of(why)), why?.Status ?? 200);

    private static Confirmation Renewing(ConsoleCall call) => Question(call, "Renew key") with
    {
        Name = call.Query("key") ?? "", Text = $"of {call.Query("name")} is replaced. Whatever signs with the old one is refused from then on, shared access signatures by it, too.",
    };

    private static Confirmation Deleting(ConsoleCall call) => Question(call, "Delete storage account") with { Typed = "Type its name to confirm", Text = "goes for good, and its name becomes free for others. It must have no containers." };

    private static Confirmation Question(ConsoleCall call, string title)
    {
        var name = call.Query("name") ?? "";
        var back = call.Link("storage-account", ("name", name));
        return new("Users and keys", title, name, "", title, back, [("Storage accounts", call.Link("storage-accounts")), (name, back)]);
    }
}
