using System.Text;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.CloudStack;

/// <summary>A verified and permitted call.</summary>
/// <param name="Parameters">All of them, covered by the signature.</param>
/// <param name="Signer">The key that signed.</param>
/// <param name="Installation">The domain.</param>
internal sealed record CloudStackCall(QueryParameters Parameters, AccessKey Signer, Installation Installation)
{
    /// <summary>A parameter that must be there.</summary>
    public string Required(string name) => Parameters[name] is { Length: > 0 } value
        ? value
        : throw new S3Exception(S3Errors.InvalidRequest, $"The parameter {name} is missing.");
}

/// <summary>A call of CloudStack's.</summary>
/// <param name="Name">What requests carry as Action.</param>
/// <param name="Action">The operation of the management API that it stands for: policies may deny it by that.</param>
/// <param name="Run">Answers it.</param>
internal sealed record CloudStackOperation(string Name, string Action, Func<CloudStackCall, CancellationToken, ValueTask<Reply>> Run);

/// <summary>CloudStack's calls to register keys and certificates, made safe: no secret is taken, and no errors are told but S3's.</summary>
internal static class CloudStackOperations
{
    /// <summary>The version that CloudStack told of its own.</summary>
    private const string Version = "1.04";

    private static readonly XmlShape<Text> VersionShape = new XmlShape<Text>("CloudS3Version", null).Content(text => text.Value);

    /// <summary>Every call, one line each.</summary>
    public static readonly IReadOnlyList<CloudStackOperation> All =
    [
        new("SetUserKeys", "RegisterCertificate", SetUserKeys),
        new("SetCertificate", "RegisterCertificate", SetCertificate),
        new("DeleteCertificate", "DeleteCertificate", DeleteCertificate),
        new("CloudS3Version", "ListCertificates", static (_, _) => new(Reply.Document(VersionShape, new Text(Version)))),
    ];

    /// <summary>The call of that name, upper and lower case alike as with CloudStack; null where there is none.</summary>
    public static CloudStackOperation? Find(string? action) => action is null ? null : All.FirstOrDefault(one => one.Name.Equals(action, StringComparison.OrdinalIgnoreCase));

    // The keys are known here already, and the signature proves that the caller has them: nothing is stored, and a secret that the
    // parameters hold is not even looked at.
    private static ValueTask<Reply> SetUserKeys(CloudStackCall call, CancellationToken ct) => call.Required("accesskey") == call.Signer.Id
        ? new(Reply.Empty())
        : throw new S3Exception(S3Errors.InvalidArgument, "The accesskey is not the key that signs the request.");

    private static async ValueTask<Reply> SetCertificate(CloudStackCall call, CancellationToken ct)
    {
        var bound = await Certificates.Bind(
            call.Installation.Accounts, Encoding.UTF8.GetBytes(call.Required("cert")), call.Signer, call.Installation.Clock.GetUtcNow(), ct);
        return bound.Refusal is null ? Reply.Empty() : Reply.Refused(Certificates.ErrorOf(bound.Refusal.Value), bound.Detail);
    }

    // CloudStack had one certificate for a key, and names none.
    private static async ValueTask<Reply> DeleteCertificate(CloudStackCall call, CancellationToken ct)
    {
        var accounts = call.Installation.Accounts;
        List<string> bound = [];
        await foreach (var binding in accounts.Certificates(call.Signer.Account, ct))
            if (binding.KeyId == call.Signer.Id) bound.Add(binding.Certificate.Fingerprint);
        foreach (var fingerprint in bound) await accounts.UnbindCertificate(fingerprint, call.Signer.Account.Id, ct);
        return bound.Count > 0 ? Reply.Empty() : Reply.Refused(ManagementErrors.NoSuchCertificate);
    }

    private sealed record Text(string Value)
    {
        public Text() : this("") { }
    }
}
