using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Iam;

/// <summary>Moves a user to another path, and so to another ARN: the caller must be allowed to do that to both.</summary>
public sealed class UpdateUser() : IamOperation(new(IamService.Iam, "UpdateUser", IamTarget.User) { Unserved = ["NewUserName"] })
{
    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(IamCall call, CancellationToken ct)
    {
        if (call.Form["NewPath"] is not { } path) return Done(call);
        var moved = call.User with { Path = path };
        if (!call.MayTouch(Spec.Action, moved.Arn))
            return call.Refused(IamErrors.AccessDenied, $"User: {call.Caller.Principal.Arn} is not authorized to perform: {Spec.Action} on resource: {moved.Arn}");
        var changed = await call.Accounts.MoveUser(call.Account, moved.Name, path, ct);
        return changed.Refusal is null ? Done(call) : call.Refused(changed);
    }
}
