using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>Lists the users, ordered by id.</summary>
public sealed class ListUsers : OstorOperation
{
    /// <inheritdoc/>
    public override OstorSpec Spec { get; } = new("ListUsers", "ostor-users", "GET");

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(OstorCall call, CancellationToken ct) =>
        Reply.Json(OstorJson.Default.ListUserLine, await call.Accounts.List(ct).Select(UserLine.Of).ToListAsync(ct));
}
