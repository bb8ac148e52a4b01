using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Iam;

/// <summary>None: there are no managed policies here. Tools ask before they delete a role.</summary>
public sealed class ListAttachedRolePolicies() : IamOperation<IamPage<string>>(
    new(IamService.Iam, "ListAttachedRolePolicies", IamTarget.Role), IamPage.Shape("AttachedPolicies", IamShapes.Name))
{
    /// <inheritdoc/>
    public override ValueTask<Reply> Run(IamCall call, CancellationToken ct) => new(Answer(call, new()));
}
