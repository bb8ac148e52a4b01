using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>Deletes a user that owns neither buckets nor storage accounts, with its accounts and keys.</summary>
public sealed class DeleteUser : OstorOperation
{
    /// <inheritdoc/>
    public override OstorSpec Spec { get; } = new("DeleteUser", "ostor-users", "DELETE") { OneOf = User };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(OstorCall call, CancellationToken ct)
    {
        var account = await call.Account(ct);
        await call.RefuseRoot(account, ct);
        await RefuseOwner(call, account, ct);
        // From now on its keys make no more buckets; one that was made meanwhile keeps the user.
        if (await call.Accounts.EnableAccount(account.Id, false, ct) is { Refusal: not null } gone) throw OstorCall.Refused(gone);
        try
        {
            await RefuseOwner(call, account, ct);
        }
        catch (S3Exception)
        {
            await call.Accounts.EnableAccount(account.Id, !account.IsDisabled, CancellationToken.None);
            throw;
        }
        var deleted = await call.Accounts.DeleteAccount(account.Id, ct);
        return deleted.Refusal is null ? Reply.Empty(Spec.Status) : throw OstorCall.Refused(deleted);
    }

    private static async ValueTask RefuseOwner(OstorCall call, Account account, CancellationToken ct)
    {
        if ((await call.Installation.Buckets.List(account, "", null, 1, ct)).Buckets.Count > 0)
            throw new S3Exception(OstorErrors.UserInUse, "The user owns buckets; delete them first.");
        if (await call.Installation.BlobAccounts.List(account.Id, ct).AnyAsync(ct))
            throw new S3Exception(OstorErrors.UserInUse, "The user owns storage accounts; delete them first.");
    }
}
