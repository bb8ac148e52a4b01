using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Iam;

/// <summary>The names of a role's inline policies.</summary>
public sealed class ListRolePolicies() : IamOperation<IamPage<string>>(
    new(IamService.Iam, "ListRolePolicies", IamTarget.Role), IamPage.Shape("PolicyNames", IamShapes.Name))
{
    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(IamCall call, CancellationToken ct)
    {
        var names = call.Role.Policies.Select(policy => policy.Name).ToAsyncEnumerable();
        return Answer(call, await IamPage.Take(names, name => name, call.Form, ct));
    }
}
