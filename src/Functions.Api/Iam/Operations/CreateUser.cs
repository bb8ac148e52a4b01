using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Iam;

/// <summary>Makes a user of the caller's account.</summary>
public sealed class CreateUser() : IamOperation<Item<User>>(
    new(IamService.Iam, "CreateUser", IamTarget.NewUser) { Unserved = ["PermissionsBoundary", "Tags"] },
    IamShapes.Only("User", IamShapes.User))
{
    /// <summary>IAM's quota of users in an account.</summary>
    private const int Most = 5000;

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(IamCall call, CancellationToken ct)
    {
        // A quota, no invariant: two at once may pass it by one.
        if (await call.Accounts.Users(call.Account, ct).CountAsync(ct) >= Most)
            return call.Refused(IamErrors.LimitExceeded, $"Cannot exceed quota for UsersPerAccount: {Most}");
        var made = await call.Accounts.CreateUser(call.Account, call.Form.Required("UserName"), call.Form["Path"] ?? "/", call.Token, ct);
        return made.Refusal is null ? Answer(call, new(made.Value)) : call.Refused(made);
    }
}
