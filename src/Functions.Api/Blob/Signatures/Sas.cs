using System.Security.Cryptography;
using System.Text;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.BlobAccounts;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob.Signatures;

/// <summary>
/// Shared access signatures: what is signed by which version, and what they allow. Every step throws AuthenticationFailed, or the
/// error of what does not fit, and tells in it why.
/// </summary>
internal static class Sas
{
    private const string WithResource = "2018-11-09", WithScope = "2020-12-06", WithAgents = "2020-02-10", WithDelegate = "2025-07-05", WithRequest = "2026-04-06";

    /// <summary>The key that signed an account's SAS, and what it allows.</summary>
    public static (BlobAccountKey Key, Grant Grant) OfAccount(SasParameters sas, WireRequest request, IReadOnlyList<string> names, IReadOnlyList<BlobAccountKey> keys, DateTimeOffset now)
    {
        if (sas.Time("se") is not { } expiry || sas["sp"].Length == 0) throw BlobFault.Failed("An account's signature needs se and sp.");
        var key = Check(sas, keys, names.Select(name => AccountText(sas, name)));
        sas.CheckUse(request, sas.Time("st"), expiry, now);
        if (!sas["ss"].Contains('b', StringComparison.Ordinal)) throw new S3Exception(BlobErrors.AuthorizationServiceMismatch);
        return (key, new(sas["sp"]) { ResourceTypes = sas["srt"] });
    }

    /// <summary>The key that signed a service's SAS, and what it allows.</summary>
    /// <param name="sas">Its parameters.</param>
    /// <param name="request">The request that it came with.</param>
    /// <param name="address">What it is about.</param>
    /// <param name="names">How the account may be spelled.</param>
    /// <param name="keys">Those of the account.</param>
    /// <param name="policies">Those of the container that si can name.</param>
    /// <param name="now">The time.</param>
    public static (BlobAccountKey Key, Grant Grant) OfService(
        SasParameters sas, WireRequest request, BlobAddress address, IReadOnlyList<string> names, IReadOnlyList<BlobAccountKey> keys,
        IReadOnlyList<StoredAccessPolicy> policies, DateTimeOffset now)
    {
        var snapshot = Snapshot(sas, request, address);
        var key = Check(sas, keys, names.Select(name => ServiceText(sas, Resource(sas, address, name), snapshot)));
        var (permissions, start, expiry) = (sas["sp"], sas.Time("st"), sas.Time("se"));
        if (sas["si"].Length > 0)
        {
            var policy = policies.FirstOrDefault(policy => policy.Id == sas["si"]) ?? throw BlobFault.Failed("The container has no stored access policy of the id that si names.");
            if ((policy.Permissions is { Length: > 0 } && permissions.Length > 0) || (policy.Start is not null && start is not null) || (policy.Expiry is not null && expiry is not null))
                throw BlobFault.Failed("What the stored access policy says (permissions, start, expiry) the signature may not say too.");
            permissions = permissions.Length > 0 ? permissions : policy.Permissions ?? "";
            (start, expiry) = (start ?? policy.Start, expiry ?? policy.Expiry);
        }
        if (expiry is not { } until || permissions.Length == 0) throw BlobFault.Failed("The signature needs se and sp, or a stored access policy that says them.");
        sas.CheckUse(request, start, until, now);
        return (key, Of(sas, address, permissions, snapshot));
    }

    /// <summary>What a SAS allows that a user's key signed.</summary>
    /// <param name="sas">Its parameters.</param>
    /// <param name="request">The request that it came with.</param>
    /// <param name="address">What it is about.</param>
    /// <param name="names">How the account may be spelled.</param>
    /// <param name="key">The key, as it was given to the user.</param>
    /// <param name="now">The time.</param>
    public static Grant OfUser(SasParameters sas, WireRequest request, BlobAddress address, IReadOnlyList<string> names, byte[] key, DateTimeOffset now)
    {
        if (sas["si"].Length > 0) throw BlobFault.Failed("A user's signature cannot name a stored access policy.");
        if (sas["sduoid"].Length + sas["skdutid"].Length + sas["srh"].Length + sas["srq"].Length > 0) throw BlobFault.Failed("Signatures for one user, header or parameter alone are not served.");
        var snapshot = Snapshot(sas, request, address);
        Check(sas, [new("user", key, default)], names.Select(name => UserText(sas, Resource(sas, address, name), snapshot)));
        if (sas.Time("se") is not { } expiry || sas["sp"].Length == 0) throw BlobFault.Failed("The signature needs se and sp.");
        if (sas.Time("skt") is not { } from || sas.Time("ske") is not { } until) throw BlobFault.Failed("The signature needs skt and ske.");
        sas.CheckUse(request, from, until, now);
        sas.CheckUse(request, sas.Time("st"), expiry, now);
        return Of(sas, address, sas["sp"], snapshot);
    }

    /// <summary>What is signed of an account's SAS; each line ends.</summary>
    internal static string AccountText(SasParameters sas, string account) => Lines(
        [account, sas["sp"], sas["ss"], sas["srt"], sas["st"], sas["se"], sas["sip"], sas["spr"], sas.Version, .. sas.IsSince(WithScope) ? [sas["ses"]] : Array.Empty<string>()]) + "\n";

    /// <summary>What is signed of a service's SAS.</summary>
    internal static string ServiceText(SasParameters sas, string resource, string snapshot) => Lines(
        [sas["sp"], sas["st"], sas["se"], resource, sas["si"], sas["sip"], sas["spr"], sas.Version, .. Tail(sas, snapshot)]);

    /// <summary>What is signed of a user's SAS.</summary>
    internal static string UserText(SasParameters sas, string resource, string snapshot) => Lines(
    [
        sas["sp"], sas["st"], sas["se"], resource, sas["skoid"], sas["sktid"], sas["skt"], sas["ske"], sas["sks"], sas["skv"],
        .. sas.IsSince(WithAgents) ? [sas["saoid"], sas["suoid"], sas["scid"]] : Array.Empty<string>(),
        .. sas.IsSince(WithDelegate) ? [sas["skdutid"], sas["sduoid"]] : Array.Empty<string>(),
        sas["sip"], sas["spr"], sas.Version, .. Tail(sas, snapshot, withRequest: sas.IsSince(WithRequest)),
    ]);

    /// <param name="sas">The parameters.</param>
    /// <param name="snapshot">The snapshot or version that is signed for.</param>
    /// <param name="withRequest">Whether there are lines of the headers and parameters for which alone it is: always empty ones here.</param>
    private static IEnumerable<string> Tail(SasParameters sas, string snapshot, bool withRequest = false) =>
    [
        .. sas.IsSince(WithResource) ? [sas["sr"], snapshot] : Array.Empty<string>(),
        .. sas.IsSince(WithScope) ? [sas["ses"]] : Array.Empty<string>(),
        .. withRequest ? ["", ""] : Array.Empty<string>(),
        .. sas.OverrideLines,
    ];

    private static string Lines(IEnumerable<string> lines) => string.Join('\n', lines);

    private static string Resource(SasParameters sas, BlobAddress address, string account) =>
        sas["sr"] == "c" ? $"/blob/{account}/{address.Container}" : $"/blob/{account}/{address.Container}/{address.Blob}";

    private static string Snapshot(SasParameters sas, WireRequest request, BlobAddress address)
    {
        var (isOfBlob, named) = sas["sr"] switch
        {
            "c" => (false, ""),
            "b" => (true, ""),
            "bs" => (true, request.Query["snapshot"]),
            "bv" => (true, request.Query["versionid"]),
            "d" => throw BlobFault.Failed("sr=d is for accounts with a hierarchical namespace; there is none here. Sign for the container or the blob."),
            _ => throw BlobFault.Failed("sr is mandatory and must be c, b, bs or bv."),
        };
        if (address.Container.Length == 0 || (isOfBlob && address.Blob.Length == 0)) throw BlobFault.Failed($"A signature with sr={sas["sr"]} is not for this resource.");
        if (named is null || (sas["sr"].Length == 2 && named.Length == 0)) throw BlobFault.Failed("The URL does not name the snapshot or version that the signature is for.");
        return named;
    }

    private static Grant Of(SasParameters sas, BlobAddress address, string permissions, string snapshot) => new(permissions)
    {
        Container = address.Container,
        Blob = sas["sr"] == "c" ? null : address.Blob,
        Snapshot = snapshot.Length == 0 ? null : snapshot,
        Overrides = sas.Overrides,
    };

    private static BlobAccountKey Check(SasParameters sas, IReadOnlyList<BlobAccountKey> keys, IEnumerable<string> texts)
    {
        // A plus sign that was not encoded reads as a blank, which base64 never holds.
        var signature = sas["sig"].Replace(' ', '+');
        Span<byte> provided = stackalloc byte[HMACSHA256.HashSizeInBytes + 4], computed = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var isBase64 = Convert.TryFromBase64String(signature, provided, out var length);
        string? first = null;
        foreach (var text in texts)
        {
            first ??= text;
            foreach (var key in keys)
            {
                HMACSHA256.HashData(key.Value, Encoding.UTF8.GetBytes(text), computed);
                if (isBase64 && CryptographicOperations.FixedTimeEquals(provided[..length], computed)) return key;
            }
        }
        throw BlobFault.Mismatch(signature, first!);
    }
}
