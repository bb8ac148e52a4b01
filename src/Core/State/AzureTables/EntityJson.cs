using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ZenkoFunctions.Core.State.AzureTables;

/// <summary>A row as it is stored.</summary>
/// <param name="Row">What callers see of it.</param>
/// <param name="ETag">The service's tag of this state of the row.</param>
/// <param name="Nonce">Of the Apply that wrote it; empty in a row of foreign make.</param>
/// <param name="Before">
/// The nonce of the state that it replaced, empty where it was inserted, <see cref="EntityJson.Whatever"/> where nobody looked.
/// </param>
internal sealed record Entity(Row Row, string ETag, string Nonce, string Before);

/// <summary>
/// Rows as JSON entities: the value is cut into binary properties <c>v0</c>, <c>v1</c>, … of 64 KiB, the most that one may
/// hold; <c>n</c> is the nonce of the Apply that wrote the row, and <c>p</c> that of the state before.
/// </summary>
internal static class EntityJson
{
    /// <summary>What <c>p</c> says where a row was written without looking at what was there.</summary>
    public const string Whatever = "*";

    /// <summary>Bytes of one binary property.</summary>
    public const int PropertyBytes = 64 * 1024;

    private static readonly JsonWriterOptions Options = new()
    {
        // Names are mostly CJK; escaped they would take twice the room. Nothing here ends up in a page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    private static readonly (JsonEncodedText Value, JsonEncodedText Type)[] Properties =
        [.. Enumerable.Range(0, (TableLimits.ValueBytes + PropertyBytes - 1) / PropertyBytes)
            .Select(i => (JsonEncodedText.Encode($"v{i}"), JsonEncodedText.Encode($"v{i}@odata.type")))];

    /// <summary>The stamp of a row: its tag, and the nonce that tells who replaced whom (see <see cref="Settlement"/>).</summary>
    public static Stamp Stamp(string etag, string nonce) => new($"{etag} {nonce}");

    /// <summary>The parts of a stamp; false for one that no row of ours can carry.</summary>
    public static bool TryRead(Stamp stamp, out string etag, out string nonce)
    {
        var at = stamp.Value?.LastIndexOf(' ') ?? -1;
        (etag, nonce) = at < 0 ? ("", "") : (stamp.Value![..at], stamp.Value[(at + 1)..]);
        return etag.StartsWith("W/\"", StringComparison.Ordinal) && etag.EndsWith('"') && etag.AsSpan().IndexOfAny('\r', '\n') < 0;
    }

    /// <summary>Writes a row; its names only where the URL does not carry them.</summary>
    public static void Write(IBufferWriter<byte> to, TableKey? key, ReadOnlySpan<byte> value, string nonce, string before)
    {
        using var json = new Utf8JsonWriter(to, Options);
        json.WriteStartObject();
        if (key is { } named)
        {
            json.WriteString("PartitionKey"u8, named.Partition);
            json.WriteString("RowKey"u8, named.Row);
        }
        json.WriteString("n"u8, nonce);
        if (before.Length > 0) json.WriteString("p"u8, before);
        for (var i = 0; i * PropertyBytes < value.Length; i++)
        {
            json.WriteString(Properties[i].Type, "Edm.Binary"u8);
            json.WriteBase64String(Properties[i].Value, value.Slice(i * PropertyBytes, Math.Min(PropertyBytes, value.Length - i * PropertyBytes)));
        }
        json.WriteEndObject();
    }

    /// <summary>Reads the names of a list of tables.</summary>
    public static HashSet<string> ReadTables(ReadOnlySpan<byte> answer)
    {
        var json = new Utf8JsonReader(answer);
        using var list = JsonDocument.ParseValue(ref json);
        return [.. list.RootElement.GetProperty("value"u8).EnumerateArray().Select(table => table.GetProperty("TableName"u8).GetString()!)];
    }

    /// <summary>Reads one row. Throws <see cref="JsonException"/> where it is none.</summary>
    public static Entity Read(ReadOnlySpan<byte> body)
    {
        var json = new Utf8JsonReader(body);
        Expect(ref json, JsonTokenType.StartObject);
        return ReadEntity(ref json, null);
    }

    /// <summary>Reads the rows of a page. Throws <see cref="JsonException"/> where it is none.</summary>
    public static List<Row> ReadPage(ReadOnlySpan<byte> body)
    {
        var rows = new List<Row>();
        var json = new Utf8JsonReader(body);
        Expect(ref json, JsonTokenType.StartObject);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (!json.ValueTextEquals("value"u8))
            {
                json.Skip();
                continue;
            }
            Expect(ref json, JsonTokenType.StartArray);
            while (json.Read() && json.TokenType == JsonTokenType.StartObject)
                rows.Add(ReadEntity(ref json, rows.Count == 0 ? null : rows[^1].Key.Partition).Row);
            if (json.TokenType != JsonTokenType.EndArray) throw new JsonException("The list of rows is no list.");
        }
        return rows;
    }

    // The reader stands on the object's start. Rows of one partition share its name.
    private static Entity ReadEntity(ref Utf8JsonReader json, string? lastPartition)
    {
        string? partition = null, row = null, etag = null;
        var (nonce, before) = ("", "");
        byte[]? first = null;
        byte[]?[]? more = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("PartitionKey"u8))
            {
                json.Read();
                partition = lastPartition is not null && json.ValueTextEquals(lastPartition) ? lastPartition : json.GetString();
            }
            else if (json.ValueTextEquals("RowKey"u8)) row = Text(ref json);
            else if (json.ValueTextEquals("odata.etag"u8)) etag = Text(ref json);
            else if (json.ValueTextEquals("n"u8)) nonce = Text(ref json) ?? "";
            else if (json.ValueTextEquals("p"u8)) before = Text(ref json) ?? "";
            else if (Property(json.ValueSpan) is { } index)
            {
                json.Read();
                if (index == 0) first = json.GetBytesFromBase64();
                else (more ??= new byte[]?[Properties.Length])[index] = json.GetBytesFromBase64();
            }
            else json.Skip();
        }
        if (partition is null || row is null || etag is null) throw new JsonException("A row without its names or its tag.");
        return new(new(new(partition, row), Join(first, more), Stamp(etag, nonce)), etag, nonce, before);
    }

    // The number of a "v" property; the annotations of their types are longer.
    private static int? Property(ReadOnlySpan<byte> name)
    {
        if (name.Length is not (2 or 3) || name[0] != 'v') return null;
        var index = 0;
        foreach (var digit in name[1..])
        {
            if (!char.IsAsciiDigit((char)digit)) return null;
            index = index * 10 + digit - '0';
        }
        return index < Properties.Length ? index : null;
    }

    private static byte[] Join(byte[]? first, byte[]?[]? more)
    {
        if (more is null) return first ?? [];
        more[0] = first;
        var value = new byte[more.Sum(part => part?.Length ?? 0)];
        var at = 0;
        foreach (var part in more)
        {
            if (part is null) break;
            part.CopyTo(value, at);
            at += part.Length;
        }
        return at == value.Length ? value : throw new JsonException("A row whose value has a gap.");
    }

    private static string? Text(ref Utf8JsonReader json)
    {
        json.Read();
        return json.TokenType is JsonTokenType.String or JsonTokenType.Null
            ? json.GetString()
            : throw new JsonException("A name or a tag that is no string.");
    }

    private static void Expect(ref Utf8JsonReader json, JsonTokenType type)
    {
        if (!json.Read() || json.TokenType != type) throw new JsonException($"{type} was expected.");
    }
}
