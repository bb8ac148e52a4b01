namespace ZenkoFunctions.Api.Ostor;

/// <summary>The operations of ostor's REST API. Dispatch, documentation and policy actions derive from it.</summary>
public static class OstorOperations
{
    /// <summary>Every operation, one line each. No request fits two.</summary>
    public static readonly IReadOnlyList<OstorOperation> All =
    [
        new CreateAccount(),
        new CreateUser(),
        new DeleteAccount(),
        new DeleteUser(),
        new EnableUser("DisableUser", "disable", enabled: false),
        new EnableUser("EnableUser", "enable", enabled: true),
        new GenerateKey(),
        new GetUser(),
        new ListUsers(),
        new RevokeKey(),
    ];
}
