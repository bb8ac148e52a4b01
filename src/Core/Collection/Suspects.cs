using System.Globalization;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Serialization;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Collection;

/// <summary>Bytes that seem to be nobody's.</summary>
/// <param name="At">Where they are.</param>
internal sealed record Suspect(Stored At)
{
    /// <summary>So many keys of one hash are remembered; who finds more has found an attack, and leaves the bytes alone.</summary>
    public const int MostKeys = 8;

    public int Format { get; init; } = 1;

    /// <summary>The keys of the bucket that have the hash that is in the name, of which at least one row was seen.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];
}

/// <summary>A suspect and its row.</summary>
internal sealed record FoundSuspect(string Row, Suspect Suspect)
{
    /// <summary>The bucket and the key's hash that the name tells.</summary>
    public (string BucketId, string Hash) Name { get; } = ByteNames.Parse(Suspect.At.Name) ?? throw new InvalidDataException($"{Suspect.At.Name} is no name of bytes.");
}

/// <summary>The rows of suspects: <c>s.BUCKETID.KEYHASH.HASH</c> beside those of <see cref="NameFilter"/>.</summary>
internal sealed class Suspects(ITable table)
{
    private const string Begins = "s.";

    /// <summary>Remembers some; again, that changes nothing.</summary>
    public async ValueTask Add(IReadOnlyList<Stored> some, CancellationToken ct)
    {
        foreach (var changes in some.DistinctBy(RowOf).Chunk(TableLimits.Changes))
            await Apply([.. changes.Select(at => Put(RowOf(at), new(at)))], ct);
    }

    /// <summary>All, or those behind a row, by bucket and hash.</summary>
    public async IAsyncEnumerable<FoundSuspect> All(string? after, [EnumeratorCancellation] CancellationToken ct)
    {
        var range = KeyRange.Rows(NameFilter.Partition, Begins);
        if (after is not null) range = range with { From = new(NameFilter.Partition, after + "\0") };
        await foreach (var row in table.Scan(range, null, null, ct)) yield return new(row.Key.Row, StoredJson.Read(row.Value, SuspectJson.Default.Suspect));
    }

    /// <summary>Writes one anew.</summary>
    public ValueTask Write(FoundSuspect found, CancellationToken ct) => Apply([Put(found.Row, found.Suspect)], ct);

    /// <summary>Forgets some.</summary>
    public async ValueTask Forget(IEnumerable<FoundSuspect> some, CancellationToken ct)
    {
        foreach (var changes in some.Chunk(TableLimits.Changes)) await Apply([.. changes.Select(found => Change.Delete(found.Row, Condition.Any))], ct);
    }

    private static string RowOf(Stored at)
    {
        var (bucket, hash) = ByteNames.Parse(at.Name)!.Value;
        var which = XxHash64.HashToUInt64(Encoding.UTF8.GetBytes($"{at.Location}/{at.Name}"));
        return string.Create(CultureInfo.InvariantCulture, $"{Begins}{bucket}.{hash}.{which:x16}");
    }

    private static Change Put(string row, Suspect suspect) => Change.Put(row, Condition.Any, StoredJson.Write(suspect, SuspectJson.Default.Suspect));

    private async ValueTask Apply(IReadOnlyList<Change> changes, CancellationToken ct)
    {
        if (changes.Count > 0 && await table.Apply(NameFilter.Partition, changes, ct) != Outcome.Committed) throw new IOException("The collection's notes could not be stored.");
    }
}

/// <summary>How suspects are stored.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Suspect))]
internal sealed partial class SuspectJson : JsonSerializerContext;
