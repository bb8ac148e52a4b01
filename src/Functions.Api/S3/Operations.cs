namespace ZenkoFunctions.Api.S3;

/// <summary>The operations of the S3 endpoint. Router, names of metrics, documentation and policy actions derive from it.</summary>
public static class Operations
{
    /// <summary>Every operation, one line each.</summary>
    public static readonly IReadOnlyList<Operation> All = [];
}
