using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Iam;

/// <summary>An inline policy of a role.</summary>
public sealed class GetRolePolicy() : IamOperation<Item<(Role Role, InlinePolicy Policy)>>(new(IamService.Iam, "GetRolePolicy", IamTarget.Role), Shape)
{
    private static readonly XmlShape<Item<(Role Role, InlinePolicy Policy)>> Shape = new XmlShape<Item<(Role Role, InlinePolicy Policy)>>("Result", null)
        .Text("RoleName", p => p.Value.Role.Name)
        .Text("PolicyName", p => p.Value.Policy.Name)
        .Text("PolicyDocument", p => IamShapes.Document(p.Value.Policy.Document));

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(IamCall call, CancellationToken ct)
    {
        var name = call.Form.Required("PolicyName");
        var policy = call.Role.Policies.FirstOrDefault(policy => policy.Name == name);
        return new(policy is null
            ? call.Refused(IamErrors.NoSuchEntity, $"The role policy with name {name} cannot be found.")
            : Answer(call, new((call.Role, policy))));
    }
}
