using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Iam;

/// <summary>Makes a role of the caller's account.</summary>
public sealed class CreateRole() : IamOperation<Item<Role>>(
    new(IamService.Iam, "CreateRole", IamTarget.NewRole) { Unserved = ["PermissionsBoundary", "Tags"] },
    IamShapes.Only("Role", IamShapes.Role))
{
    /// <summary>IAM's quota of roles in an account.</summary>
    private const int Most = 1000;

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(IamCall call, CancellationToken ct)
    {
        var (form, account) = (call.Form, call.Account);
        var role = new Role("", account.Id, form.Required("RoleName"), form.Required("AssumeRolePolicyDocument"))
        {
            Path = form["Path"] ?? "/",
            Description = RoleLimits.Description(form),
            LongestSession = RoleLimits.LongestSession(form) ?? TimeSpan.FromHours(1),
        };
        if (RoleLimits.Refuse(call, role.TrustPolicy) is { } refused) return refused;
        // A quota, no invariant: two at once may pass it by one.
        if (await call.Accounts.Roles(account, ct).CountAsync(ct) >= Most)
            return call.Refused(IamErrors.LimitExceeded, $"Cannot exceed quota for RolesPerAccount: {Most}");
        var made = await call.Accounts.CreateRole(account, role, ct);
        return made.Refusal is null ? Answer(call, new(made.Value)) : call.Refused(made);
    }
}
