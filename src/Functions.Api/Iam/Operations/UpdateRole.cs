using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Iam;

/// <summary>Changes a role's description and its longest session; what is not named stays.</summary>
public sealed class UpdateRole() : IamOperation(new(IamService.Iam, "UpdateRole", IamTarget.Role))
{
    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(IamCall call, CancellationToken ct)
    {
        var (description, longest) = (RoleLimits.Description(call.Form), RoleLimits.LongestSession(call.Form));
        var changed = await call.Accounts.ChangeRole(
            call.Account, call.Role.Name,
            role => role with { Description = description ?? role.Description, LongestSession = longest ?? role.LongestSession }, ct);
        return changed.Refusal is null ? Done(call) : call.Refused(changed);
    }
}

/// <summary>Changes a role's description: an older way, that tools still go.</summary>
public sealed class UpdateRoleDescription() : IamOperation<Item<Role>>(
    new(IamService.Iam, "UpdateRoleDescription", IamTarget.Role), IamShapes.Only("Role", IamShapes.Role))
{
    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(IamCall call, CancellationToken ct)
    {
        var description = RoleLimits.Description(call.Form);
        var changed = await call.Accounts.ChangeRole(call.Account, call.Role.Name, role => role with { Description = description }, ct);
        return changed.Refusal is null ? Answer(call, new(changed.Value)) : call.Refused(changed);
    }
}
