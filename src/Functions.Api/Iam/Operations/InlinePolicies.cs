using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Iam;

/// <summary>GetUserPolicy, GetRolePolicy: an inline policy.</summary>
public sealed class GetInlinePolicy(PolicyHolder holder) : IamOperation<Item<(string Holder, InlinePolicy Policy)>>(
    holder.Spec("Get", "Policy"),
    new XmlShape<Item<(string Holder, InlinePolicy Policy)>>("Result", null)
        .Text(holder.Noun + "Name", p => p.Value.Holder)
        .Text("PolicyName", p => p.Value.Policy.Name)
        .Text("PolicyDocument", p => IamShapes.Document(p.Value.Policy.Document)))
{
    /// <inheritdoc/>
    public override ValueTask<Reply> Run(IamCall call, CancellationToken ct)
    {
        var (owner, policies) = holder.Of(call);
        var name = call.Form.Required("PolicyName");
        return new(policies.FirstOrDefault(policy => policy.Name == name) is { } found
            ? Answer(call, new((owner, found)))
            : call.Refused(IamErrors.NoSuchEntity, $"The {Spec.Target.ToString().ToLowerInvariant()} policy with name {name} cannot be found."));
    }
}

/// <summary>PutUserPolicy, PutRolePolicy: gives an inline policy, in place of one of the same name.</summary>
public sealed class PutInlinePolicy(PolicyHolder holder) : IamOperation(holder.Spec("Put", "Policy"))
{
    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(IamCall call, CancellationToken ct) =>
        await holder.Put(call, new(call.Form.Required("PolicyName"), call.Form.Required("PolicyDocument")), ct) ?? Done(call);
}

/// <summary>DeleteUserPolicy, DeleteRolePolicy: takes an inline policy away.</summary>
public sealed class DeleteInlinePolicy(PolicyHolder holder) : IamOperation(holder.Spec("Delete", "Policy"))
{
    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(IamCall call, CancellationToken ct) =>
        await holder.Delete(call, call.Form.Required("PolicyName"), ct) ?? Done(call);
}

/// <summary>ListUserPolicies, ListRolePolicies: the names of inline policies.</summary>
public sealed class ListInlinePolicies(PolicyHolder holder) : IamOperation<IamPage<string>>(
    holder.Spec("List", "Policies"), IamPage.Shape("PolicyNames", IamShapes.Name))
{
    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(IamCall call, CancellationToken ct)
    {
        var names = holder.Of(call).Policies.Select(policy => policy.Name).ToAsyncEnumerable();
        return Answer(call, await IamPage.Take(names, name => name, call.Form, ct));
    }
}
