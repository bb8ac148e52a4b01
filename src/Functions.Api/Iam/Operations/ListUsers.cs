using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Iam;

/// <summary>The users of the caller's account by name.</summary>
public sealed class ListUsers() : IamOperation<IamPage<User>>(
    new(IamService.Iam, "ListUsers", IamTarget.Users), IamPage.Shape("Users", IamShapes.User))
{
    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(IamCall call, CancellationToken ct)
    {
        var prefix = call.Form["PathPrefix"] ?? "/";
        var users = call.Accounts.Users(call.Account, ct).Where(user => user.Path.StartsWith(prefix, StringComparison.Ordinal));
        return Answer(call, await IamPage.Take(users, user => user.Name.ToLowerInvariant(), call.Form, ct));
    }
}
