using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Iam;

/// <summary>What a request is applied to.</summary>
/// <param name="Arn">By this policies know it; null where no permission is needed.</param>
/// <param name="User">The user; null where there is none, or it is the account's root.</param>
/// <param name="Role">The role; null where there is none.</param>
/// <param name="Missing">What to say where something is named that there is not. Only who may touch it learns that.</param>
internal readonly record struct IamResource(string? Arn, User? User, Role? Role, string? Missing)
{
    /// <summary>Finds it.</summary>
    public static async ValueTask<IamResource> Find(IamTarget target, IamForm form, AccessKey caller, Accounts accounts, CancellationToken ct)
    {
        var account = caller.Account;
        switch (target)
        {
            case IamTarget.Users:
                return new(ArnOf(account, "user", form["PathPrefix"], "*"), null, null, null);
            case IamTarget.Roles:
                return new(ArnOf(account, "role", form["PathPrefix"], "*"), null, null, null);
            case IamTarget.NewUser:
                return new(ArnOf(account, "user", form["Path"], form.Required("UserName")), null, null, null);
            case IamTarget.NewRole:
                return new(ArnOf(account, "role", form["Path"], form.Required("RoleName")), null, null, null);
            case IamTarget.UserOrCaller when form["UserName"] is null:
                return caller is { User: null, Session: not null }
                    ? throw IamForm.Invalid("Must specify userName when calling with non-User credentials")
                    : new(caller.Principal.Arn, caller.User, null, null);
            case IamTarget.User or IamTarget.UserOrCaller:
                var userName = form.Required("UserName");
                return await accounts.FindUser(account, userName, ct) is { } user
                    ? new(user.Arn, user, null, null)
                    : new(ArnOf(account, "user", null, userName), null, null, $"The user with name {userName} cannot be found.");
            case IamTarget.Role:
                var roleName = form.Required("RoleName");
                return await accounts.FindRole(account, roleName, ct) is { } role
                    ? new(role.Arn, null, role, null)
                    : new(ArnOf(account, "role", null, roleName), null, null, $"The role with name {roleName} cannot be found.");
            default:
                return default;
        }
    }

    private static string ArnOf(Account account, string kind, string? path, string name) => $"arn:aws:iam::{account.Id}:{kind}{path ?? "/"}{name}";
}
