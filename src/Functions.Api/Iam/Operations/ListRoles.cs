using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Iam;

/// <summary>The roles of the caller's account by name.</summary>
public sealed class ListRoles() : IamOperation<IamPage<Role>>(
    new(IamService.Iam, "ListRoles", IamTarget.Roles), IamPage.Shape("Roles", IamShapes.Role))
{
    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(IamCall call, CancellationToken ct)
    {
        var prefix = call.Form["PathPrefix"] ?? "/";
        var roles = call.Accounts.Roles(call.Account, ct).Where(role => role.Path.StartsWith(prefix, StringComparison.Ordinal));
        return Answer(call, await IamPage.Take(roles, role => role.Name.ToLowerInvariant(), call.Form, ct));
    }
}
