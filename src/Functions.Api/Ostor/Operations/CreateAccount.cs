using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>Makes an account of a user: a user of IAM that may do all that the user may, with a key pair.</summary>
public sealed class CreateAccount : OstorOperation
{
    private static readonly InlinePolicy Everything =
        new("ostor-account", """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""");

    /// <inheritdoc/>
    public override OstorSpec Spec { get; } = new("CreateAccount", "ostor-accounts", "POST", "PUT") { OneOf = User, Required = ["accountName"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(OstorCall call, CancellationToken ct)
    {
        var account = await call.Account(ct);
        var made = await call.Accounts.CreateUser(account, call["accountName"]!, "/", call.Token, ct);
        if (made.Refusal == Refusal.IdentityTaken) return Reply.Refused(OstorErrors.AccountExists);
        if (made.Refusal is not null) throw OstorCall.Refused(made);
        var allowed = await call.Accounts.PutUserPolicy(account, made.Value.Name, Everything, ct);
        if (allowed.Refusal is not null) throw OstorCall.Refused(allowed);
        var key = await call.NewKey(account, made.Value, ct);
        return Reply.Json(OstorJson.Default.AccountDocument, new(made.Value.Name, [KeyDocument.Of(key)]));
    }
}
