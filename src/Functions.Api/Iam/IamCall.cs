using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Iam;

/// <summary>A verified and authorised request: what an operation sees.</summary>
public sealed class IamCall
{
    private readonly User? user;
    private readonly Role? role;

    /// <summary>The operation's spec.</summary>
    public required IamSpec Spec { get; init; }

    /// <summary>Its parameters.</summary>
    public required IamForm Form { get; init; }

    /// <summary>The key that signed it.</summary>
    public required AccessKey Caller { get; init; }

    /// <summary>The domain.</summary>
    public required Accounts Accounts { get; init; }

    /// <summary>The request's token, where the host may send it again; else null.</summary>
    public RequestToken? Token { get; init; }

    /// <summary>How long the certificate that asks for it lasts yet; null where a signature asks.</summary>
    public TimeSpan? Latest { get; init; }

    /// <summary>Unique; also sent as x-amz-request-id.</summary>
    public required string RequestId { get; init; }

    /// <summary>The user in UserName, or the caller; null where that is the account's root.</summary>
    public User? UserOrRoot { get => user; init => user = value; }

    /// <summary>The user in UserName.</summary>
    public User User => user ?? throw new InvalidOperationException($"{Spec.Name} runs without a user.");

    /// <summary>The role in RoleName.</summary>
    public Role Role { get => role ?? throw new InvalidOperationException($"{Spec.Name} runs without a role."); init => role = value; }

    /// <summary>The caller's account: nobody sees another's users.</summary>
    public Account Account => Caller.Account;

    /// <summary>Decides whether the caller may do an action to a thing, by its ARN, of that account, which has that policy itself.</summary>
    public required Func<string, string, Account, Policy, bool> May { get; init; }

    /// <summary>Decides whether the caller may do an action to a further thing of its account, by its ARN.</summary>
    public required Func<string, string, bool> MayTouch { get; init; }

    /// <summary>An error.</summary>
    public Reply Refused(S3Error error, string? detail = null) => Spec.Service.Refused(error, detail, RequestId);

    /// <summary>Whether a lasting key is that of the user, or root, that the request is about.</summary>
    public async ValueTask<bool> Owns(string keyId, CancellationToken ct) =>
        await Accounts.FindKey(keyId, ct) is { } key && key.Account.Id == Account.Id && key.User?.Id == UserOrRoot?.Id;

    /// <summary>NoSuchEntity.</summary>
    public Reply NoSuchKey(string keyId) => Refused(IamErrors.NoSuchEntity, $"The Access Key with id {keyId} cannot be found.");

    /// <summary>A refusal of the domain.</summary>
    public Reply Refused<T>(Result<T> result) => Refused(IamErrors.From(result.Refusal!.Value), result.Detail);
}
