namespace ZenkoFunctions.Api.Management;

/// <summary>The operations under <c>/_/</c>. Dispatch, documentation and policy actions derive from it.</summary>
public static class ManagementOperations
{
    /// <summary>Every operation, one line each; of two that fit a path the first answers.</summary>
    public static readonly IReadOnlyList<ManagementOperation> All =
    [
    ];
}
