using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Iam;

/// <summary>None: there are no groups here. Tools ask before they delete a user.</summary>
public sealed class ListGroupsForUser() : IamOperation<IamPage<string>>(
    new(IamService.Iam, "ListGroupsForUser", IamTarget.User), IamPage.Shape("Groups", IamShapes.Name))
{
    /// <inheritdoc/>
    public override ValueTask<Reply> Run(IamCall call, CancellationToken ct) => new(Answer(call, new()));
}
