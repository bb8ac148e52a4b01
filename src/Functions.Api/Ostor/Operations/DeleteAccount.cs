using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>Deletes an account of a user, with its keys. Buckets that it made are the user's, and stay.</summary>
public sealed class DeleteAccount : OstorOperation
{
    /// <inheritdoc/>
    public override OstorSpec Spec { get; } = new("DeleteAccount", "ostor-accounts", "DELETE") { OneOf = User, Required = ["accountName"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(OstorCall call, CancellationToken ct)
    {
        var account = await call.Account(ct);
        var deleted = await call.Accounts.DeleteUser(account, call["accountName"]!, ct);
        return deleted.Refusal is null ? Reply.Empty(Spec.Status) : Reply.Refused(OstorErrors.NoSuchAccount);
    }
}
