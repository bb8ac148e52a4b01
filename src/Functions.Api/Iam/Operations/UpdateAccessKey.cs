using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Iam;

/// <summary>Lets a key of a user, or of the caller, sign, or no longer; the sessions that go back to it are kept from signing with it.</summary>
public sealed class UpdateAccessKey() : IamOperation(new(IamService.Iam, "UpdateAccessKey", IamTarget.UserOrCaller))
{
    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(IamCall call, CancellationToken ct)
    {
        var id = call.Form.Required("AccessKeyId");
        var status = call.Form.Choice("Status", "Active", "Inactive") ?? call.Form.Required("Status");
        if (!await call.Owns(id, ct)) return call.NoSuchKey(id);
        var changed = await call.Accounts.EnableKey(id, status == "Active", ct);
        return changed.Refusal is null ? Done(call) : call.Refused(changed);
    }
}
