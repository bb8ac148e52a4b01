using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>
/// Limits the requests a minute of a user or a bucket: each kind as it is said, else as the default says, else not at all. The limit of
/// bytes goes.
/// </summary>
public sealed class PutOperationLimits : OstorOperation
{
    /// <inheritdoc/>
    public override OstorSpec Spec { get; } = new("PutOperationLimits", "ostor-limits", "PUT")
    {
        OneOf = OstorLimits.Target, Flag = "ops", Optional = ["default", "put", "get", "list", "delete"],
    };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(OstorCall call, CancellationToken ct)
    {
        var usual = call.Limit("default") ?? 0;
        var (get, put) = (call.Limit("get") ?? usual, call.Limit("put") ?? usual);
        var (list, delete) = (call.Limit("list") ?? usual, call.Limit("delete") ?? usual);
        return call.ChangeLimits(_ => new() { Default = usual, Get = get, Put = put, List = list, Delete = delete }, ct);
    }
}
