using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>Makes a user with a key pair.</summary>
public sealed class CreateUser : OstorOperation
{
    /// <summary>The longest name of an account.</summary>
    private const int NameLength = 64;

    /// <inheritdoc/>
    public override OstorSpec Spec { get; } = new("CreateUser", "ostor-users", "PUT") { Required = ["emailAddress"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(OstorCall call, CancellationToken ct)
    {
        var (email, id) = (call.Email!, OstorIds.NewAccount(call.Token));
        // Its display name, which is unique as well.
        var name = email.Length <= NameLength ? email : email[..NameLength];
        var made = await call.Accounts.CreateAccount(name, email, id, null, ct);
        // Sent again by the host, it finds what it made the first time.
        var account = made.Refusal is null ? made.Value
            : made.Refusal == Refusal.IdentityTaken && id is not null && await call.Accounts.Find(id, ct) is { } earlier && earlier.Email == email ? earlier
            : throw OstorCall.Refused(made);
        return Reply.Json(OstorJson.Default.NewKeyDocument, NewKeyDocument.Of(await call.NewKey(account, null, ct)));
    }
}
