namespace ZenkoFunctions.Api.Iam;

/// <summary>The operations of IAM and STS. Dispatch, documentation and policy actions derive from it.</summary>
public static class IamOperations
{
    /// <summary>Every operation, one line each.</summary>
    public static readonly IReadOnlyList<IamOperation> All =
    [
        new AssumeRole(),
        new CreateAccessKey(),
        new CreateRole(),
        new CreateUser(),
        new DeleteAccessKey(),
        new DeleteRole(),
        new DeleteRolePolicy(),
        new DeleteUser(),
        new DeleteUserPolicy(),
        new GetCallerIdentity(),
        new GetRole(),
        new GetRolePolicy(),
        new GetSessionToken(),
        new GetUser(),
        new GetUserPolicy(),
        new ListAccessKeys(),
        new ListAttachedRolePolicies(),
        new ListAttachedUserPolicies(),
        new ListGroupsForUser(),
        new ListRolePolicies(),
        new ListRoles(),
        new ListUserPolicies(),
        new ListUsers(),
        new PutRolePolicy(),
        new PutUserPolicy(),
        new UpdateAccessKey(),
    ];
}
