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
        new DeleteLimits(),
        new DeleteQuota(),
        new DeleteUsage(),
        new DeleteUser(),
        new EnableUser("DisableUser", "disable", enabled: false),
        new EnableUser("EnableUser", "enable", enabled: true),
        new GenerateKey(),
        new GetLimits(),
        new GetQuota(),
        new GetSettings(),
        new GetUsage(),
        new GetUser(),
        new ListBuckets(),
        new ListUsage(),
        new ListUsers(),
        new PutBandwidthLimit(),
        new PutOperationLimits(),
        new PutQuota(),
        new PutSetting(),
        new RevokeKey(),
    ];
}
