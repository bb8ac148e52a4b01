using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Iam;

/// <summary>Takes an inline policy from a user.</summary>
public sealed class DeleteUserPolicy() : IamOperation(new(IamService.Iam, "DeleteUserPolicy", IamTarget.User))
{
    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(IamCall call, CancellationToken ct)
    {
        var changed = await call.Accounts.DeleteUserPolicy(call.Account, call.User.Name, call.Form.Required("PolicyName"), ct);
        return changed.Refusal is null ? Done(call) : call.Refused(changed);
    }
}
