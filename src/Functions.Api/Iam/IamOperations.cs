using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Iam;

/// <summary>The operations of IAM and STS. Dispatch, documentation and policy actions derive from it.</summary>
public static class IamOperations
{
    /// <summary>Every operation, one line each.</summary>
    public static readonly IReadOnlyList<IamOperation> All =
    [
        new AssumeRole(),
        new AssumeRoleWithCertificate(),
        new CreateAccessKey(),
        new CreateRole(),
        new CreateUser(),
        new DeleteAccessKey(),
        new DeleteRole(),
        new DeleteInlinePolicy(PolicyHolder.Role),
        new DeleteUser(),
        new DeleteInlinePolicy(PolicyHolder.User),
        new GetCallerIdentity(),
        new GetRole(),
        new GetInlinePolicy(PolicyHolder.Role),
        new GetSessionToken(),
        new GetUser(),
        new GetInlinePolicy(PolicyHolder.User),
        new ListAccessKeys(),
        new EmptyList("ListAttachedRolePolicies", IamTarget.Role, "AttachedPolicies"),
        new EmptyList("ListAttachedUserPolicies", IamTarget.User, "AttachedPolicies"),
        new EmptyList("ListGroupsForUser", IamTarget.User, "Groups"),
        new EmptyList("ListInstanceProfilesForRole", IamTarget.Role, "InstanceProfiles"),
        new EmptyList("ListMFADevices", IamTarget.UserOrCaller, "MFADevices"),
        new ListInlinePolicies(PolicyHolder.Role),
        new ListByPath<Role>("Roles", IamTarget.Roles, IamShapes.Role, (call, ct) => call.Accounts.Roles(call.Account, ct), role => (role.Path, role.Name)),
        new EmptyList("ListRoleTags", IamTarget.Role, "Tags"),
        new EmptyList("ListServiceSpecificCredentials", IamTarget.UserOrCaller, "ServiceSpecificCredentials"),
        new EmptyList("ListSigningCertificates", IamTarget.UserOrCaller, "Certificates"),
        new EmptyList("ListSSHPublicKeys", IamTarget.UserOrCaller, "SSHPublicKeys"),
        new ListInlinePolicies(PolicyHolder.User),
        new ListByPath<User>("Users", IamTarget.Users, IamShapes.User, (call, ct) => call.Accounts.Users(call.Account, ct), user => (user.Path, user.Name)),
        new EmptyList("ListUserTags", IamTarget.User, "Tags"),
        new PutInlinePolicy(PolicyHolder.Role),
        new PutInlinePolicy(PolicyHolder.User),
        new UpdateAccessKey(),
        new UpdateAssumeRolePolicy(),
        new UpdateRole(),
        new UpdateRoleDescription(),
        new UpdateUser(),
    ];
}
