using System.Text.Json.Serialization;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Management;

/// <summary>Certificates of clients, bound to access keys: who shows one is the key's owner.</summary>
public static class Certificates
{
    /// <summary>How long before its end a certificate is warned about.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromDays(30);

    /// <summary>Binds one to the key that signs.</summary>
    internal static async ValueTask<Reply> Register(ManagementCall call, CancellationToken ct)
    {
        var bound = await Bind(call.Installation.Accounts, call.Body, call.Signer!, call.Installation.Clock.GetUtcNow(), ct);
        return bound.Refusal is null
            ? Reply.Json(CertificateJson.Default.CertificateLine, Told(call, bound.Value.Binding), bound.Value.IsNew ? 201 : 200)
            : Reply.Refused(ErrorOf(bound.Refusal.Value), bound.Detail);
    }

    /// <summary>Those of the caller: of an account all of its keys', of a user those of the user's keys.</summary>
    internal static async ValueTask<Reply> List(ManagementCall call, CancellationToken ct)
    {
        var lines = new List<CertificateLine>();
        await foreach (var binding in call.Installation.Accounts.Certificates(call.Caller.Account!, ct))
            if (MaySee(call.Caller, binding)) lines.Add(Told(call, binding));
        return Reply.Json(CertificateJson.Default.CertificatesDocument, new(lines));
    }

    /// <summary>Unbinds one.</summary>
    internal static async ValueTask<Reply> Delete(ManagementCall call, CancellationToken ct)
    {
        var accounts = call.Installation.Accounts;
        var fingerprint = ClientCertificate.Normalised(call.Path["fingerprint"]);
        if (ClientCertificate.WrongFingerprint(fingerprint) is { } wrong) return Reply.Refused(ManagementErrors.InvalidCertificate, wrong);
        if (await accounts.FindCertificate(fingerprint, ct) is not var (binding, _)) return Reply.Refused(ManagementErrors.NoSuchCertificate);
        // Users of administrators are none by themselves.
        var isAdministrator = call.Caller.Policies is null && call.Caller.RoleArn is null && await accounts.IsAdministrator(call.Caller.Account!, ct);
        return (isAdministrator || MaySee(call.Caller, binding)) && await accounts.UnbindCertificate(fingerprint, binding.AccountId, ct)
            ? Reply.Empty(204)
            : Reply.Refused(ManagementErrors.NoSuchCertificate);
    }

    /// <summary>Binds a certificate in PEM form to a key whose secret the sender has proven to have.</summary>
    internal static async ValueTask<Result<(CertificateBinding Binding, bool IsNew)>> Bind(
        Accounts accounts, ReadOnlyMemory<byte> pem, AccessKey signer, DateTimeOffset now, CancellationToken ct)
    {
        var read = ClientCertificate.Read(pem.Span, now);
        return read.Refusal is null ? await accounts.BindCertificate(read.Value, signer, ct) : read.As<(CertificateBinding, bool)>();
    }

    /// <summary>What a refusal of <see cref="Bind"/> is answered with.</summary>
    internal static S3Error ErrorOf(Refusal refusal) => refusal switch
    {
        Refusal.IdentityTaken => ManagementErrors.CertificateTaken,
        Refusal.TooLarge => ManagementErrors.TooManyCertificates,
        Refusal.InvalidRequest => ManagementErrors.InvalidCertificate,
        _ => S3Errors.From(refusal),
    };

    // A role has no keys of its own, whatever account it is in.
    private static bool MaySee(Principal caller, CertificateBinding binding) =>
        binding.AccountId == caller.Account!.Id && caller.RoleArn is null && (caller.User is null || caller.User.Id == binding.UserId);

    private static CertificateLine Told(ManagementCall call, CertificateBinding binding)
    {
        var (certificate, left) = (binding.Certificate, binding.Certificate.NotAfter - call.Installation.Clock.GetUtcNow());
        return new(certificate.Fingerprint, binding.KeyId, certificate.Subject, certificate.NotBefore, certificate.NotAfter, binding.Bound)
        {
            Warning = left < TimeSpan.Zero ? "It has ended, and signs nobody in any more. Register another."
                : left < Soon ? $"It ends in {Math.Ceiling(left.TotalDays):0} days. Make another in time, and register that: both work until then."
                : null,
        };
    }
}

/// <summary>Certificates.</summary>
/// <param name="Certificates">One each, ordered by fingerprint.</param>
public sealed record CertificatesDocument(IReadOnlyList<CertificateLine> Certificates);

/// <summary>A certificate that is bound to an access key.</summary>
/// <param name="Fingerprint">The SHA-256 of its DER form, in lower-case hex.</param>
/// <param name="AccessKeyId">The key.</param>
/// <param name="Subject">Whom it names; nobody goes by that.</param>
/// <param name="NotBefore">From when it holds.</param>
/// <param name="NotAfter">Until when.</param>
/// <param name="Bound">When it was bound.</param>
public sealed record CertificateLine(
    string Fingerprint, string AccessKeyId, string Subject, DateTimeOffset NotBefore, DateTimeOffset NotAfter, DateTimeOffset Bound)
{
    /// <summary>That it ends soon, or has ended; null where there is time.</summary>
    public string? Warning { get; init; }
}

/// <summary>How these bodies are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CertificatesDocument))]
public sealed partial class CertificateJson : JsonSerializerContext;
