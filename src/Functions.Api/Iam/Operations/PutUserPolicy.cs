using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Iam;

/// <summary>Gives a user an inline policy, in place of one of the same name.</summary>
public sealed class PutUserPolicy() : IamOperation(new(IamService.Iam, "PutUserPolicy", IamTarget.User))
{
    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(IamCall call, CancellationToken ct)
    {
        var policy = new InlinePolicy(call.Form.Required("PolicyName"), call.Form.Required("PolicyDocument"));
        var changed = await call.Accounts.PutUserPolicy(call.Account, call.User.Name, policy, ct);
        return changed.Refusal is null ? Done(call) : call.Refused(changed);
    }
}
