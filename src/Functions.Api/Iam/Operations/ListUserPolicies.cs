using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Iam;

/// <summary>The names of a user's inline policies.</summary>
public sealed class ListUserPolicies() : IamOperation<IamPage<string>>(
    new(IamService.Iam, "ListUserPolicies", IamTarget.User), IamPage.Shape("PolicyNames", IamShapes.Name))
{
    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(IamCall call, CancellationToken ct)
    {
        var names = call.User.Policies.Select(policy => policy.Name).ToAsyncEnumerable();
        return Answer(call, await IamPage.Take(names, name => name, call.Form, ct));
    }
}
