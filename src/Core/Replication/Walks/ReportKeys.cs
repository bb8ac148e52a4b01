using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Replication.Walks;

/// <summary>A public key of reports, as a JSON Web Key (RFC 7517): P-256, for ES256.</summary>
public sealed record ReportKey
{
    /// <summary>Always EC.</summary>
    public string Kty { get; init; } = "EC";

    /// <summary>Always P-256.</summary>
    public string Crv { get; init; } = "P-256";

    /// <summary>Base64url.</summary>
    public required string X { get; init; }

    /// <summary>Base64url.</summary>
    public required string Y { get; init; }

    /// <summary>The key's thumbprint (RFC 7638): whoever has the key can work it out.</summary>
    public string Kid { get; init; } = "";

    /// <summary>Always sig.</summary>
    public string Use { get; init; } = "sig";

    /// <summary>Always ES256.</summary>
    public string Alg { get; init; } = "ES256";

    /// <summary>That of a key, with its thumbprint.</summary>
    public static ReportKey Of(ECDsa key)
    {
        var point = key.ExportParameters(false).Q;
        var bare = new ReportKey { X = Base64Url.EncodeToString(point.X), Y = Base64Url.EncodeToString(point.Y) };
        return bare with { Kid = bare.Thumbprint() };
    }

    /// <summary>RFC 7638: the hash of the members that make the key, by name.</summary>
    public string Thumbprint() =>
        Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes($$"""{"crv":"{{Crv}}","kty":"{{Kty}}","x":"{{X}}","y":"{{Y}}"}""")));

    /// <summary>The key itself; throws <see cref="FormatException"/> where this is none.</summary>
    public ECDsa Open()
    {
        try
        {
            if (Kty != "EC" || Crv != "P-256") throw new FormatException("The key is no EC key of P-256.");
            return ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new() { X = Base64Url.DecodeFromChars(X), Y = Base64Url.DecodeFromChars(Y) } });
        }
        catch (CryptographicException e)
        {
            throw new FormatException("The key is no point of P-256.", e);
        }
    }
}

/// <summary>A key that signs.</summary>
internal sealed record SigningKey(string Id, ReportKey Public, ECDsa Key);

/// <summary>
/// The key that signs reports, in the table <c>replication</c>: partition <c>walk.key</c>, a row for each generation, sealed by the
/// master key. Made when it is first needed, and never removed.
/// </summary>
/// <param name="table">The table of replication.</param>
/// <param name="master">Seals it.</param>
public sealed class ReportKeys(ITable table, MasterKey master)
{
    private const string Partition = "walk.key", Row = "1", Context = "replication report key 1";

    private SigningKey? known;

    /// <summary>The public keys; made where there is none.</summary>
    public async ValueTask<IReadOnlyList<ReportKey>> Public(CancellationToken ct) => [(await Current(ct)).Public];

    /// <summary>The key that signs.</summary>
    internal async ValueTask<SigningKey> Current(CancellationToken ct)
    {
        if (known is { } found) return found;
        while (true)
        {
            if (await table.Get(new(Partition, Row), ct) is { } row)
            {
                var key = ECDsa.Create();
                key.ImportPkcs8PrivateKey(Convert.FromBase64String(master.Open(row.Value.ToArray(), Context)), out _);
                var told = ReportKey.Of(key);
                return known = new(told.Kid, told, key);
            }
            using var fresh = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var stored = master.Seal(Convert.ToBase64String(fresh.ExportPkcs8PrivateKey()), Context);
            // Of two that make one, the first counts.
            if (await table.Apply(Partition, [Change.Put(Row, Condition.Absent, stored)], ct) == Outcome.Unknown)
                throw new IOException("Whether the key of reports was stored is not known; try again.");
        }
    }
}
