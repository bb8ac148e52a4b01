using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Iam;

/// <summary>Removes a role that has no policies; its sessions end.</summary>
public sealed class DeleteRole() : IamOperation(new(IamService.Iam, "DeleteRole", IamTarget.Role))
{
    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(IamCall call, CancellationToken ct)
    {
        if (call.Role.Policies.Count > 0)
            return call.Refused(IamErrors.DeleteConflict, "Cannot delete entity, must delete policies first.");
        var deleted = await call.Accounts.DeleteRole(call.Account, call.Role.Name, ct);
        return deleted.Refusal is null ? Done(call) : call.Refused(deleted);
    }
}
