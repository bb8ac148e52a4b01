using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Iam;

/// <summary>None: there are no managed policies here. Tools ask before they delete a user.</summary>
public sealed class ListAttachedUserPolicies() : IamOperation<IamPage<string>>(
    new(IamService.Iam, "ListAttachedUserPolicies", IamTarget.User), IamPage.Shape("AttachedPolicies", IamShapes.Name))
{
    /// <inheritdoc/>
    public override ValueTask<Reply> Run(IamCall call, CancellationToken ct) => new(Answer(call, new()));
}
