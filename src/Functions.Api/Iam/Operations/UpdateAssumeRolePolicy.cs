using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Iam;

/// <summary>Changes who may assume a role. Sessions that there are go on.</summary>
public sealed class UpdateAssumeRolePolicy() : IamOperation(new(IamService.Iam, "UpdateAssumeRolePolicy", IamTarget.Role))
{
    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(IamCall call, CancellationToken ct)
    {
        var document = call.Form.Required("PolicyDocument");
        if (RoleLimits.Refuse(call, document) is { } refused) return refused;
        var changed = await call.Accounts.ChangeRole(call.Account, call.Role.Name, role => role with { TrustPolicy = document }, ct);
        return changed.Refusal is null ? Done(call) : call.Refused(changed);
    }
}
