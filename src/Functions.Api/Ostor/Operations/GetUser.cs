using System.Globalization;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>Tells of a user: its key pairs with their secrets, its accounts and theirs.</summary>
public sealed class GetUser : OstorOperation
{
    /// <inheritdoc/>
    public override OstorSpec Spec { get; } = new("GetUser", "ostor-users", "GET") { OneOf = User };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(OstorCall call, CancellationToken ct)
    {
        var account = await call.Account(ct);
        var accounts = new List<AccountDocument>();
        await foreach (var user in call.Accounts.Users(account, ct)) accounts.Add(new(user.Name, await Keys(user)));
        string[] flags = await call.Accounts.IsAdministrator(account, ct) ? ["system"] : [];
        return Reply.Json(
            OstorJson.Default.UserDocument,
            new(account.Email, OstorIds.Of(account), UserLine.StateOf(account), OstorIds.Nobody, flags, await Keys(null),
                accounts.Count.ToString(CultureInfo.InvariantCulture), accounts));

        async ValueTask<IReadOnlyList<KeyDocument>> Keys(User? user) => await call.Accounts.Keys(account, user, ct).Select(KeyDocument.Of).ToListAsync(ct);
    }
}
