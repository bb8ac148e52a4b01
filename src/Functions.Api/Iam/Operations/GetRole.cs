using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Iam;

/// <summary>A role.</summary>
public sealed class GetRole() : IamOperation<Item<Role>>(
    new(IamService.Iam, "GetRole", IamTarget.Role), IamShapes.Only("Role", IamShapes.Role))
{
    /// <inheritdoc/>
    public override ValueTask<Reply> Run(IamCall call, CancellationToken ct) => new(Answer(call, new(call.Role)));
}
