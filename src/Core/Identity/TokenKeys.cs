using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Identity;

/// <summary>
/// The keys that sign tokens, RSA of 2,048 bits: a row for each generation, named by when it was made, sealed by the master key. The
/// newest signs; the others verify until no token of theirs can hold any more, and are removed with the next rotation. The first is made when it is
/// first needed, the next when that is <see cref="Life"/> old.
/// </summary>
/// <param name="table">The table of identity.</param>
/// <param name="master">Seals them.</param>
/// <param name="clock">Ages them.</param>
public sealed class TokenKeys(ITable table, MasterKey master, TimeProvider clock)
{
    private const string Partition = "token", TenantRow = "tenant", KeyPrefix = "key.", Made = "yyyyMMdd'T'HHmmssfff";
    private const int Bits = 2048;

    /// <summary>For how long a key signs.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(90);

    // As long as a token holds, and what instances may differ in.
    private static readonly TimeSpan Verifies = Tokens.Lifetime + TimeSpan.FromHours(1);

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
        var now = clock.GetUtcNow();
        if (known is { } found && now < found.Until) return found;
        while (true)
        {
            Row? tenant = null;
            List<(DateTimeOffset Made, Row Row)> rows = [];
            await foreach (var row in table.Scan(KeyRange.Partition(Partition), null, null, ct))
            {
                if (row.Key.Row == TenantRow) tenant = row;
                else if (row.Key.Row.StartsWith(KeyPrefix, StringComparison.Ordinal)) rows.Insert(0, (MadeAt(row.Key.Row), row));
            }
            // One verifies for as long as tokens of its own may hold once its successor signs.
            var kept = rows.Where((_, i) => i == 0 || now < rows[i - 1].Made + Verifies).ToList();
            if (tenant is not null && rows.Count > 0 && now < rows[0].Made + Life)
            {
                var until = kept.Count > 1 ? rows[kept.Count - 2].Made + Verifies : rows[0].Made + Life;
                return known = new(Guid.Parse(Encoding.ASCII.GetString(tenant.Value.Span)), [.. kept.Select(each => Open(each.Row))], until);
            }
            using var fresh = RSA.Create(Bits);
            var name = KeyPrefix + now.UtcDateTime.ToString(Made, CultureInfo.InvariantCulture);
            Change[] changes =
            [
                // Of two that make a key, the first counts.
                tenant is null
                    ? Change.Put(TenantRow, Condition.Absent, Encoding.ASCII.GetBytes(Guid.NewGuid().ToString()))
                    : Change.Put(TenantRow, Condition.Is(tenant.Stamp), tenant.Value),
                Change.Put(name, Condition.Absent, master.Seal(Convert.ToBase64String(fresh.ExportPkcs8PrivateKey()), Context(name))),
                .. rows.Except(kept).Select(each => Change.Delete(each.Row.Key.Row, Condition.Any)),
            ];
            if (await table.Apply(Partition, changes, ct) == Outcome.Unknown)
                throw new IOException("Whether the key of tokens was stored is not known; try again.");
        }
    }

    private static DateTimeOffset MadeAt(string row) =>
        DateTimeOffset.TryParseExact(row[KeyPrefix.Length..], Made, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var made) ? made : DateTimeOffset.MinValue;

    private RsaSecurityKey Open(Row row)
    {
        var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(Convert.FromBase64String(master.Open(row.Value.ToArray(), Context(row.Key.Row))), out _);
        var key = new RsaSecurityKey(rsa);
        key.KeyId = Base64Url.EncodeToString(key.ComputeJwkThumbprint());
        return key;
    }

    private static string Context(string row) => "token " + row;

    private sealed record Known(Guid Tenant, IReadOnlyList<RsaSecurityKey> Keys, DateTimeOffset Until);
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
