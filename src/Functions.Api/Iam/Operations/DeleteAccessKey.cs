using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Iam;

/// <summary>Removes a key of a user, or of the caller, and with it the sessions that go back to it.</summary>
public sealed class DeleteAccessKey() : IamOperation(new(IamService.Iam, "DeleteAccessKey", IamTarget.UserOrCaller))
{
    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(IamCall call, CancellationToken ct)
    {
        var id = call.Form.Required("AccessKeyId");
        return await call.Owns(id, ct) && await call.Accounts.DeleteKey(id, ct) ? Done(call) : call.NoSuchKey(id);
    }
}
