using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>Removes a key pair of a user, or of one of its accounts.</summary>
public sealed class RevokeKey : OstorOperation
{
    /// <inheritdoc/>
    public override OstorSpec Spec { get; } =
        new("RevokeKey", "ostor-users", "POST", "PUT") { OneOf = User, Required = ["revokeKey"], Optional = ["accountName"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(OstorCall call, CancellationToken ct)
    {
        var account = await call.Account(ct);
        var (user, id) = (await call.User(account, ct), call["revokeKey"]!);
        return await call.Accounts.Keys(account, user, ct).AnyAsync(key => key.Id == id, ct) && await call.Accounts.DeleteKey(id, ct)
            ? Reply.Empty()
            : Reply.Refused(OstorErrors.NoSuchKeyPair);
    }
}
