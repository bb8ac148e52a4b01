using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Iam;

/// <summary>Starts a session of the caller itself, which may what the caller may, but for calls to IAM. It needs no permission.</summary>
public sealed class GetSessionToken() : IamOperation<Item<SessionCredentials>>(
    new(IamService.Sts, "GetSessionToken", IamTarget.Caller) { Unserved = ["SerialNumber", "TokenCode"] },
    IamShapes.Only("Credentials", IamShapes.Credentials))
{
    private const int Least = 900, Hour = 3600;

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(IamCall call, CancellationToken ct)
    {
        if (call.Caller.Session is not null)
            return new(call.Refused(IamErrors.AccessDenied, "Cannot call GetSessionToken with session credentials"));
        var seconds = call.Form.Integer("DurationSeconds", Least, 36 * Hour) ?? 12 * Hour;
        // AWS: a root's lasts an hour at most, whatever was asked for.
        if (call.Caller.User is null) seconds = Math.Min(seconds, Hour);
        return new(Answer(call, new(call.Accounts.StartSession(call.Caller, null, null, null, TimeSpan.FromSeconds(seconds)))));
    }
}
