using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Iam;

/// <summary>Takes an inline policy from a role.</summary>
public sealed class DeleteRolePolicy() : IamOperation(new(IamService.Iam, "DeleteRolePolicy", IamTarget.Role))
{
    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(IamCall call, CancellationToken ct)
    {
        var changed = await call.Accounts.DeleteRolePolicy(call.Account, call.Role.Name, call.Form.Required("PolicyName"), ct);
        return changed.Refusal is null ? Done(call) : call.Refused(changed);
    }
}
