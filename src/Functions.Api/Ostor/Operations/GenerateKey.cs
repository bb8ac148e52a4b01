using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>Makes a further key pair of a user, or of one of its accounts.</summary>
public sealed class GenerateKey : OstorOperation
{
    /// <inheritdoc/>
    public override OstorSpec Spec { get; } = new("GenerateKey", "ostor-users", "POST", "PUT") { OneOf = User, Flag = "genKey", Optional = ["accountName"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(OstorCall call, CancellationToken ct)
    {
        var account = await call.Account(ct);
        return Reply.Json(OstorJson.Default.NewKeyDocument, NewKeyDocument.Of(await call.NewKey(account, await call.User(account, ct), ct)));
    }
}
