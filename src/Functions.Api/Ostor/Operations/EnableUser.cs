using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>Lets a user's keys sign, or no longer; those of its accounts, too.</summary>
public sealed class EnableUser(string name, string flag, bool enabled) : OstorOperation
{
    /// <inheritdoc/>
    public override OstorSpec Spec { get; } = new(name, "ostor-users", "POST", "PUT") { OneOf = User, Flag = flag };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(OstorCall call, CancellationToken ct)
    {
        var account = await call.Account(ct);
        if (!enabled) await call.RefuseRoot(account, ct);
        var changed = await call.Accounts.EnableAccount(account.Id, enabled, ct);
        return changed.Refusal is null ? Reply.Empty() : throw OstorCall.Refused(changed);
    }
}
