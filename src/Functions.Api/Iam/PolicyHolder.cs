using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Iam;

/// <summary>What inline policies belong to. The operations on them are the same for both, but for their names.</summary>
public sealed class PolicyHolder
{
    /// <summary>Users.</summary>
    public static readonly PolicyHolder User = new(
        "User", IamTarget.User, call => (call.User.Name, call.User.Policies),
        async (call, policy, ct) => RefusalOf(call, await call.Accounts.PutUserPolicy(call.Account, call.User.Name, policy, ct)),
        async (call, name, ct) => RefusalOf(call, await call.Accounts.DeleteUserPolicy(call.Account, call.User.Name, name, ct)));

    /// <summary>Roles.</summary>
    public static readonly PolicyHolder Role = new(
        "Role", IamTarget.Role, call => (call.Role.Name, call.Role.Policies),
        async (call, policy, ct) => RefusalOf(call, await call.Accounts.PutRolePolicy(call.Account, call.Role.Name, policy, ct)),
        async (call, name, ct) => RefusalOf(call, await call.Accounts.DeleteRolePolicy(call.Account, call.Role.Name, name, ct)));

    private readonly IamTarget target;

    private PolicyHolder(
        string noun, IamTarget target, Func<IamCall, (string Name, IReadOnlyList<InlinePolicy> Policies)> of,
        Func<IamCall, InlinePolicy, CancellationToken, ValueTask<Reply?>> put, Func<IamCall, string, CancellationToken, ValueTask<Reply?>> delete) =>
        (Noun, this.target, Of, Put, Delete) = (noun, target, of, put, delete);

    /// <summary>As in the names of operations and parameters.</summary>
    public string Noun { get; }

    /// <summary>Name and policies of the one that a request is about.</summary>
    internal Func<IamCall, (string Name, IReadOnlyList<InlinePolicy> Policies)> Of { get; }

    /// <summary>Gives it a policy; what to answer where that is refused, else null.</summary>
    internal Func<IamCall, InlinePolicy, CancellationToken, ValueTask<Reply?>> Put { get; }

    /// <summary>Takes the policy of a name from it; what to answer where that is refused, else null.</summary>
    internal Func<IamCall, string, CancellationToken, ValueTask<Reply?>> Delete { get; }

    /// <summary>The line of an operation on one of these.</summary>
    internal IamSpec Spec(string verb, string what) => new(IamService.Iam, verb + Noun + what, target);

    private static Reply? RefusalOf<T>(IamCall call, Result<T> result) => result.Refusal is null ? null : call.Refused(result);
}
