using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Iam;

/// <summary>Gives a role an inline policy, in place of one of the same name.</summary>
public sealed class PutRolePolicy() : IamOperation(new(IamService.Iam, "PutRolePolicy", IamTarget.Role))
{
    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(IamCall call, CancellationToken ct)
    {
        var policy = new InlinePolicy(call.Form.Required("PolicyName"), call.Form.Required("PolicyDocument"));
        var changed = await call.Accounts.PutRolePolicy(call.Account, call.Role.Name, policy, ct);
        return changed.Refusal is null ? Done(call) : call.Refused(changed);
    }
}
