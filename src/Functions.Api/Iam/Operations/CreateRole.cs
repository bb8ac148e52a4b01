using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Iam;

/// <summary>Makes a role of the caller's account.</summary>
public sealed class CreateRole() : IamOperation<Item<Role>>(
    new(IamService.Iam, "CreateRole", IamTarget.NewRole) { Unserved = ["PermissionsBoundary", "Tags"] },
    IamShapes.Only("Role", IamShapes.Role))
{
    // IAM's quotas: roles in an account, characters of a trust policy and of a description.
    private const int Most = 1000, TrustCharacters = 2048, DescriptionCharacters = 1000;
    private const int Hour = 3600;

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(IamCall call, CancellationToken ct)
    {
        var (form, account) = (call.Form, call.Account);
        var role = new Role("", account.Id, form.Required("RoleName"), form.Required("AssumeRolePolicyDocument"))
        {
            Path = form["Path"] ?? "/",
            Description = form["Description"],
            LongestSession = TimeSpan.FromSeconds(form.Integer("MaxSessionDuration", Hour, 12 * Hour) ?? Hour),
        };
        if (role.Description?.Length > DescriptionCharacters)
            throw IamForm.Invalid($"1 validation error detected: Value at 'description' failed to satisfy constraint: Member must have length less than or equal to {DescriptionCharacters}");
        if (role.TrustPolicy.Length > TrustCharacters)
            return call.Refused(IamErrors.LimitExceeded, $"Cannot exceed quota for ACLSizePerRole: {TrustCharacters}");
        // A quota, no invariant: two at once may pass it by one.
        if (await call.Accounts.Roles(account, ct).CountAsync(ct) >= Most)
            return call.Refused(IamErrors.LimitExceeded, $"Cannot exceed quota for RolesPerAccount: {Most}");
        var made = await call.Accounts.CreateRole(account, role, ct);
        return made.Refusal is null ? Answer(call, new(made.Value)) : call.Refused(made);
    }
}
