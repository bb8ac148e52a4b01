using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Encryption;

/// <summary>One generation of a named key.</summary>
internal sealed record RingKey(int Generation, byte[] Material);

/// <summary>
/// The keys that wrap data keys, by name. A name has generations: the newest wraps, all of them unwrap. They are kept in a
/// table, sealed by the master key, and never removed: what they wrapped could not be read any more.
/// </summary>
/// <param name="table">Where they are kept.</param>
/// <param name="master">Seals them.</param>
/// <param name="clock">Ages the cache.</param>
/// <param name="cacheAge">
/// After so long another process's rotation is seen; its older key stays good until then. Null where there is no other process.
/// </param>
public sealed class KeyRing(ITable table, MasterKey master, TimeProvider clock, TimeSpan? cacheAge = null)
{
    /// <summary>The key of SSE-S3.</summary>
    public const string OfInstallation = "s3";

    private readonly ConcurrentDictionary<string, (RingKey Key, long Read)> newest = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string, int), RingKey> known = new();

    /// <summary>The name of an account's default key of SSE-KMS.</summary>
    public static string OfAccount(string accountId) => "a." + accountId;

    /// <summary>The name of a key of SSE-KMS that was made by its id.</summary>
    public static string OfId(string keyId) => "k." + keyId;

    /// <summary>Whether the text can be the id of a key: 1 to 128 letters, digits, dots, dashes and underscores.</summary>
    public static bool IsId(string keyId) =>
        keyId.Length is > 0 and <= 128 && keyId.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    /// <summary>Whether there is a key of that name.</summary>
    public async ValueTask<bool> Has(string name, CancellationToken ct) => await Newest(name, ct) is not null;

    /// <summary>Makes the key where there is none.</summary>
    public async ValueTask Ensure(string name, CancellationToken ct) => await Current(name, ct);

    /// <summary>The names of all keys, and the number of their newest generation.</summary>
    public async IAsyncEnumerable<(string Name, int Generation)> List([EnumeratorCancellation] CancellationToken ct)
    {
        // The newest generation is the first row of its partition; the rest is passed over.
        var everything = new KeyRange(new("", ""), TableKey.End);
        await foreach (var row in table.Scan(everything, null, null, row => new(row.Partition, "\uffff"), ct))
            yield return (row.Key.Partition, GenerationOf(row));
    }

    /// <summary>Makes a new generation, which wraps from now on; the number of it.</summary>
    public async ValueTask<int> Rotate(string name, CancellationToken ct)
    {
        while (true)
        {
            newest.TryRemove(name, out _);
            var next = (await Newest(name, ct))?.Generation + 1 ?? 1;
            if (!await Add(name, next, ct)) continue;
            newest.TryRemove(name, out _);
            return next;
        }
    }

    /// <summary>The generation that wraps; made where there is none.</summary>
    internal async ValueTask<RingKey> Current(string name, CancellationToken ct)
    {
        while (true)
        {
            if (await Newest(name, ct) is { } found) return found;
            await Add(name, 1, ct); // or another did
        }
    }

    /// <summary>That generation.</summary>
    /// <exception cref="InvalidDataException">It is lost.</exception>
    internal async ValueTask<RingKey> Get(string name, int generation, CancellationToken ct)
    {
        if (known.TryGetValue((name, generation), out var cached)) return cached;
        var row = await table.Get(new(name, RowOf(generation)), ct)
            ?? throw new InvalidDataException($"The encryption key {name}, generation {generation}, is lost.");
        return known.GetOrAdd((name, generation), Read(name, generation, row));
    }

    private async ValueTask<RingKey?> Newest(string name, CancellationToken ct)
    {
        var began = clock.GetTimestamp();
        if (newest.TryGetValue(name, out var cached)
            && (cacheAge is not { } age || age == Timeout.InfiniteTimeSpan || clock.GetElapsedTime(cached.Read, began) < age)) return cached.Key;
        await foreach (var row in table.Scan(KeyRange.Partition(name), null, 1, ct))
        {
            var generation = GenerationOf(row);
            var key = known.GetOrAdd((name, generation), Read(name, generation, row));
            newest[name] = (key, began);
            return key;
        }
        return null;
    }

    private async ValueTask<bool> Add(string name, int generation, CancellationToken ct)
    {
        var stored = master.Seal(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)), ContextOf(name, generation));
        return await table.Apply(name, [Change.Put(RowOf(generation), Condition.Absent, stored)], ct) switch
        {
            Outcome.Committed => true,
            Outcome.Refused => false,
            _ => throw new IOException($"Whether the encryption key {name} was stored is not known; try again."),
        };
    }

    private RingKey Read(string name, int generation, Row row) =>
        new(generation, Convert.FromBase64String(master.Open(row.Value.ToArray(), ContextOf(name, generation))));

    private static string ContextOf(string name, int generation) =>
        string.Create(CultureInfo.InvariantCulture, $"encryption key {name} {generation}");

    private static int GenerationOf(Row row) =>
        int.MaxValue - int.Parse(row.Key.Row, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>The newest first.</summary>
    private static string RowOf(int generation) => (int.MaxValue - generation).ToString("x8", CultureInfo.InvariantCulture);
}
