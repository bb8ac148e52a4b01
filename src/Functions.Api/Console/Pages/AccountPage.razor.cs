using System.Text.Json;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>What the page of an account shows.</summary>
/// <param name="Details">The account.</param>
/// <param name="Keys">Its keys.</param>
/// <param name="Limits">Its limits by ostor's names; null for none.</param>
/// <param name="Quota">In GiB, or what was typed.</param>
/// <param name="Made">A key that was made just now.</param>
/// <param name="Problem">Why something was not done.</param>
public sealed record AccountModel(AccountDetails Details, IReadOnlyList<KeyLine> Keys, IReadOnlyDictionary<string, string>? Limits, string? Quota, NewKey? Made, FormProblem? Problem);

public partial class AccountPage
{
    private const string Out = "out";

    /// <summary>The limits by the names of ostor's parameters.</summary>
    internal static readonly (string Name, string Label)[] LimitNames =
        [("default", "Requests a minute"), ("get", "… that read"), ("put", "… that write"), ("list", "… that list"), ("delete", "… that delete"), (Out, "KiB a second sent")];

    internal static ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct) => Show(call, null, null, ct);

    internal static async ValueTask<Reply> Change(ConsoleCall call, CancellationToken ct)
    {
        var (what, id) = (call.Form["do"], call.Query("id") ?? "");
        var who = OstorAccounts.Named(id);
        try
        {
            switch (what)
            {
                case "create":
                    return await Show(call, OstorAccounts.KeyOf(await OstorAccounts.Ask(call, "POST", "ostor-users&genKey", ct, who)).Key, null, ct);
                case "enable":
                    await OstorAccounts.Ask(call, "POST", "ostor-users&enable", ct, who);
                    break;
                case "system" or "ordinary":
                    await MarkSystem(call, id, what == "system", ct);
                    break;
                case "quota":
                    if (call.Form["quota"] is { } size) await OstorAccounts.Ask(call, "PUT", "ostor-quotas", ct, who, ("quota-size", size));
                    else await Remove(call, "ostor-quotas", who, ct);
                    break;
                case "limits":
                    await SetLimits(call, who, ct);
                    break;
                default:
                    throw new ConsoleException(400, "InvalidInput", "The form does not say what to do.");
            }
            return call.Go("account", ("id", id), ("done", what));
        }
        catch (ConsoleException e) when (e.Status != 403)
        {
            return await Show(call, null, e, ct);
        }
    }

    internal static async ValueTask<Reply> AskDisable(ConsoleCall call, CancellationToken ct) => await (await Disabling(call, ct)).Ask(call);

    internal static async ValueTask<Reply> Disable(ConsoleCall call, CancellationToken ct)
    {
        var answer = await OstorAccounts.Try(call, "POST", "ostor-users&disable", ct, OstorAccounts.Named(call.Query("id") ?? ""));
        return answer.Refusal is not { } refused ? call.Go("account", ("id", call.Query("id")), ("done", "disable")) : await (await Disabling(call, ct)).Again(call, refused);
    }

    internal static async ValueTask<Reply> AskDelete(ConsoleCall call, CancellationToken ct) => await (await Deleting(call, ct)).Ask(call);

    internal static async ValueTask<Reply> Delete(ConsoleCall call, CancellationToken ct)
    {
        var question = await Deleting(call, ct);
        if (!question.IsTypedIn(call)) return await question.Mistyped(call);
        var answer = await OstorAccounts.Try(call, "DELETE", "ostor-users", ct, OstorAccounts.Named(call.Query("id") ?? ""));
        return answer.Refusal is not { } refused ? call.Go("accounts", ("deleted", question.Name)) : await question.Again(call, refused);
    }

    internal static async ValueTask<Reply> AskDeleteKey(ConsoleCall call, CancellationToken ct) => await (await DeletingKey(call, ct)).Ask(call);

    internal static async ValueTask<Reply> DeleteKey(ConsoleCall call, CancellationToken ct)
    {
        var answer = await OstorAccounts.Try(call, "POST", "ostor-users", ct, OstorAccounts.Named(call.Query("id") ?? ""), ("revokeKey", call.Query("key")));
        return answer.Refusal is not { } refused ? call.Go("account", ("id", call.Query("id")), ("done", "key")) : await (await DeletingKey(call, ct)).Again(call, refused);
    }

    internal static ValueTask<ApiAnswer> MarkSystem(ConsoleCall call, string id, bool isSystem, CancellationToken ct) =>
        call.Api.Do("PUT", $"{AccountsPage.Path}/{Uri.EscapeDataString(id)}", "", ct, JsonSerializer.SerializeToUtf8Bytes(new() { System = isSystem }, AccountJson.Default.AccountChange));

    private static async ValueTask SetLimits(ConsoleCall call, (string, string?) who, CancellationToken ct)
    {
        var given = LimitNames.Where(each => call.Form[each.Name] is not null).Select(each => (each.Name, call.Form[each.Name])).ToArray();
        if (given.Length == 0)
        {
            await Remove(call, "ostor-limits", who, ct);
            return;
        }
        // One kind in a request; that of requests comes first, for it sets the other back.
        if (given.Where(each => each.Name != Out).ToArray() is { Length: > 0 } requests) await OstorAccounts.Ask(call, "PUT", "ostor-limits&ops", ct, [who, .. requests]);
        if (given.Where(each => each.Name == Out).ToArray() is { Length: > 0 } bandwidth) await OstorAccounts.Ask(call, "PUT", "ostor-limits&bandwidth", ct, [who, .. bandwidth]);
    }

    // What is not there is not to be removed: an answer, and no trouble.
    private static async ValueTask Remove(ConsoleCall call, string resource, (string, string?) who, CancellationToken ct)
    {
        var answer = await OstorAccounts.Try(call, "DELETE", resource, ct, who);
        if (answer.Code is not ("NoSuchQuota" or "NoSuchLimits")) answer.OrThrow();
    }

    private static async ValueTask<AccountDetails> Read(ConsoleCall call, CancellationToken ct) =>
        await call.Api.Json($"{AccountsPage.Path}/{Uri.EscapeDataString(call.Query("id") ?? "-")}", "", AccountJson.Default.AccountDetails, ct);

    private static async ValueTask<Reply> Show(ConsoleCall call, NewKey? made, ConsoleException? why, CancellationToken ct)
    {
        var details = await Read(call, ct);
        var limits = await OstorAccounts.Try(call, "GET", "ostor-limits", ct, OstorAccounts.Named(details.Account.Id));
        var typed = why is not null && call.Form["do"] == "quota" ? call.Form["quota"] : details.QuotaBytes is { } bytes ? Text.Exact(bytes / (double)(1L << 30)) : null;
        return await call.Page<AccountPage>(
            new AccountModel(
                details, [.. details.Keys.Select(key => new KeyLine(key.Id, details.Account.Enabled, key.Created, key.Id == call.Key!.Id))],
                why is not null && call.Form["do"] == "limits" ? LimitNames.ToDictionary(each => each.Name, each => call.Form[each.Name] ?? "") : limits.Code is null ? LimitsOf(limits) : null,
                typed, made, FormProblem.Of(why)), why?.Status ?? 200);
    }

    // ostor tells "ops:get" what it takes as "get".
    private static Dictionary<string, string> LimitsOf(ApiAnswer answer)
    {
        using var document = JsonDocument.Parse(answer.Body);
        return document.RootElement.EnumerateObject().ToDictionary(each => each.Name[(each.Name.IndexOf(':') + 1)..], each => each.Value.GetString() ?? "", StringComparer.Ordinal);
    }

    private static async ValueTask<Confirmation> Disabling(ConsoleCall call, CancellationToken ct) => await Question(
        call, "Disable account", "signs nothing any more, nor do its users and storage accounts: what they run stops. Nothing is removed, and it can be enabled again.", "Disable account", null, ct);

    private static async ValueTask<Confirmation> Deleting(ConsoleCall call, CancellationToken ct) => await Question(
        call, "Delete account", "goes for good, with its users and keys. It must own neither buckets nor storage accounts.", "Delete account", "Type the account’s name to confirm", ct);

    private static async ValueTask<Confirmation> DeletingKey(ConsoleCall call, CancellationToken ct)
    {
        var question = await Question(call, "Delete access key", "", "Delete access key", null, ct);
        return question with { Name = call.Query("key") ?? "", Text = $"of {question.Name} goes for good. Whatever signs with it is refused from then on." };
    }

    private static async ValueTask<Confirmation> Question(ConsoleCall call, string title, string text, string button, string? typed, CancellationToken ct)
    {
        var account = (await Read(call, ct)).Account;
        var back = call.Link("account", ("id", account.Id));
        return new("Accounts", title, account.Name, text, button, back, [("Accounts", call.Link("accounts")), (account.Name, back)]) { Typed = typed };
    }
}
