using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Iam;

/// <summary>Removes a user that has neither keys nor policies.</summary>
public sealed class DeleteUser() : IamOperation(new(IamService.Iam, "DeleteUser", IamTarget.User))
{
    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(IamCall call, CancellationToken ct)
    {
        // A key that is made at this moment does not sign for a user that is gone.
        if (await call.Accounts.Keys(call.Account, call.User, ct).AnyAsync(ct))
            return call.Refused(IamErrors.DeleteConflict, "Cannot delete entity, must delete access keys first.");
        if (call.User.Policies.Count > 0)
            return call.Refused(IamErrors.DeleteConflict, "Cannot delete entity, must delete policies first.");
        var deleted = await call.Accounts.DeleteUser(call.Account, call.User.Name, ct);
        return deleted.Refusal is null ? Done(call) : call.Refused(deleted);
    }
}
