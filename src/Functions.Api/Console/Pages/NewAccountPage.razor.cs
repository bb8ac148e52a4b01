using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>What the form for an account shows: what was typed where it has been sent before, or the key of the account that was made.</summary>
public sealed record NewAccountModel(string? Email, bool IsSystem, string? Id, NewKey? Made, FormProblem? Problem);

public partial class NewAccountPage
{
    internal static ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct) => call.Page<NewAccountPage>(new NewAccountModel(null, false, null, null, null));

    internal static async ValueTask<Reply> Create(ConsoleCall call, CancellationToken ct)
    {
        var (email, isSystem) = (call.Form["email"] ?? "", call.Form["system"] is not null);
        try
        {
            var (id, key) = OstorAccounts.KeyOf(await OstorAccounts.Ask(call, "PUT", "ostor-users", ct, ("emailAddress", email)));
            if (isSystem) await AccountPage.MarkSystem(call, id, true, ct);
            return await call.Page<NewAccountPage>(new NewAccountModel(email, isSystem, id, key, null));
        }
        catch (ConsoleException e)
        {
            return await call.Page<NewAccountPage>(new NewAccountModel(email, isSystem, null, null, FormProblem.Of(e)), e.Status);
        }
    }
}
