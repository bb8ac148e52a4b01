using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Iam;

/// <summary>
/// Starts a session of the key that a client's certificate is bound to; it ends with the key, and at the latest with the certificate.
/// MinIO's operation, of which AWS has none: the request is the query, the connection is who sends it.
/// </summary>
public sealed class AssumeRoleWithCertificate() : IamOperation<Item<SessionCredentials>>(
    new(IamService.Sts, "AssumeRoleWithCertificate", IamTarget.Caller) { IsByCertificate = true, Unserved = ["Policy", "RoleArn"] },
    IamShapes.Only("Credentials", IamShapes.Credentials))
{
    private const int Least = 900, Hour = 3600, Most = 7 * 24 * Hour;

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(IamCall call, CancellationToken ct)
    {
        var lifetime = TimeSpan.FromSeconds(call.Form.Integer("DurationSeconds", Least, Most) ?? Hour);
        if (call.Latest is { } rest && rest < lifetime) lifetime = rest;
        return new(Answer(call, new(call.Accounts.StartSession(call.Caller, null, null, null, lifetime))));
    }
}
