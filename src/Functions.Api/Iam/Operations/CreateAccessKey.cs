using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Iam;

/// <summary>Makes a key for a user, or for the caller. Its secret is told this once.</summary>
public sealed class CreateAccessKey() : IamOperation<Item<AccessKey>>(
    new(IamService.Iam, "CreateAccessKey", IamTarget.UserOrCaller), IamShapes.Only("AccessKey", Shape))
{
    /// <summary>IAM's quota, of users and of an account's root.</summary>
    private const int Most = 2;

    private static readonly XmlShape<Item<AccessKey>> Shape = new XmlShape<Item<AccessKey>>("AccessKey", null)
        .Text("UserName", k => k.Value.User?.Name)
        .Text("AccessKeyId", k => k.Value.Id)
        .Text("Status", _ => "Active")
        .Text("SecretAccessKey", k => k.Value.Secret)
        .Date("CreateDate", k => k.Value.Created);

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(IamCall call, CancellationToken ct)
    {
        if (call.Token is { } again && await call.Accounts.FindKeyMadeBy(again, call.Account, call.UserOrRoot, ct) is { } earlier)
            return Answer(call, new(earlier));
        // A quota, no invariant: two at once may pass it by one.
        if (await call.Accounts.Keys(call.Account, call.UserOrRoot, ct).CountAsync(ct) >= Most)
            return call.Refused(IamErrors.LimitExceeded, $"Cannot exceed quota for AccessKeysPerUser: {Most}");
        var made = call.Token is { } token
            ? await call.Accounts.CreateKey(call.Account, call.UserOrRoot, token, ct)
            : await call.Accounts.CreateKey(call.Account, call.UserOrRoot, null, null, ct);
        return made.Refusal is null ? Answer(call, new(made.Value)) : call.Refused(made);
    }
}
