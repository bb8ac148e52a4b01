using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Iam;

/// <summary>An inline policy of a user.</summary>
public sealed class GetUserPolicy() : IamOperation<Item<(User User, InlinePolicy Policy)>>(new(IamService.Iam, "GetUserPolicy", IamTarget.User), Shape)
{
    private static readonly XmlShape<Item<(User User, InlinePolicy Policy)>> Shape = new XmlShape<Item<(User User, InlinePolicy Policy)>>("Result", null)
        .Text("UserName", p => p.Value.User.Name)
        .Text("PolicyName", p => p.Value.Policy.Name)
        .Text("PolicyDocument", p => IamShapes.Document(p.Value.Policy.Document));

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(IamCall call, CancellationToken ct)
    {
        var name = call.Form.Required("PolicyName");
        var policy = call.User.Policies.FirstOrDefault(policy => policy.Name == name);
        return new(policy is null
            ? call.Refused(IamErrors.NoSuchEntity, $"The user policy with name {name} cannot be found.")
            : Answer(call, new((call.User, policy))));
    }
}
