using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Identity;

/// <summary>
/// The keys that sign tokens, RSA of 2,048 bits: a row for each generation, sealed by the master key. The newest signs, all of them
/// verify. The first is made when it is first needed.
/// </summary>
/// <param name="table">The table of identity.</param>
/// <param name="master">Seals them.</param>
public sealed class TokenKeys(ITable table, MasterKey master)
{
    private const string Partition = "token", TenantRow = "tenant", KeyPrefix = "key.", First = KeyPrefix + "0001";
    private const int Bits = 2048;

    private volatile Known? known;

    /// <summary>The id of the installation, as clients of Azure know a directory by it.</summary>
    public async ValueTask<Guid> Tenant(CancellationToken ct) => (await Get(ct)).Tenant;

    /// <summary>The public keys, newest first.</summary>
    public async ValueTask<IReadOnlyList<TokenKey>> Public(CancellationToken ct) => [.. (await Get(ct)).Keys.Select(TokenKey.Of)];

    /// <summary>The keys, newest first.</summary>
    internal async ValueTask<IReadOnlyList<RsaSecurityKey>> All(CancellationToken ct) => (await Get(ct)).Keys;

    /// <summary>Looks at the rows again: another process may have added a key.</summary>
    internal void Forget() => known = null;

    private async ValueTask<Known> Get(CancellationToken ct)
    {
        if (known is { } found) return found;
        while (true)
        {
            Guid? tenant = null;
            List<RsaSecurityKey> keys = [];
            await foreach (var row in table.Scan(KeyRange.Partition(Partition), null, null, ct))
            {
                if (row.Key.Row == TenantRow) tenant = Guid.Parse(Encoding.ASCII.GetString(row.Value.Span));
                else if (row.Key.Row.StartsWith(KeyPrefix, StringComparison.Ordinal)) keys.Insert(0, Open(row));
            }
            if (tenant is { } id && keys.Count > 0) return known = new(id, keys);
            using var fresh = RSA.Create(Bits);
            Change[] changes =
            [
                Change.Put(TenantRow, Condition.Absent, Encoding.ASCII.GetBytes(Guid.NewGuid().ToString())),
                Change.Put(First, Condition.Absent, master.Seal(Convert.ToBase64String(fresh.ExportPkcs8PrivateKey()), Context(First))),
            ];
            // Of two that make them, the first counts.
            if (await table.Apply(Partition, changes, ct) == Outcome.Unknown)
                throw new IOException("Whether the key of tokens was stored is not known; try again.");
        }
    }

    private RsaSecurityKey Open(Row row)
    {
        var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(Convert.FromBase64String(master.Open(row.Value.ToArray(), Context(row.Key.Row))), out _);
        var key = new RsaSecurityKey(rsa);
        key.KeyId = Base64Url.EncodeToString(key.ComputeJwkThumbprint());
        return key;
    }

    private static string Context(string row) => "token " + row;

    private sealed record Known(Guid Tenant, IReadOnlyList<RsaSecurityKey> Keys);
}

/// <summary>A public key of tokens, as a JSON Web Key (RFC 7517).</summary>
/// <param name="Kid">Its thumbprint (RFC 7638).</param>
/// <param name="N">The modulus, base64url.</param>
/// <param name="E">The exponent, base64url.</param>
public sealed record TokenKey(string Kid, string N, string E)
{
    internal static TokenKey Of(RsaSecurityKey key)
    {
        var parameters = key.Rsa.ExportParameters(includePrivateParameters: false);
        return new(key.KeyId, Base64Url.EncodeToString(parameters.Modulus), Base64Url.EncodeToString(parameters.Exponent));
    }
}
