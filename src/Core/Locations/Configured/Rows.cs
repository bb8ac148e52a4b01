using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ZenkoFunctions.Core.Locations.Configured;

/// <summary>Rows of the table <c>locations</c>.</summary>
internal static class Rows
{
    public static ReadOnlyMemory<byte> Write<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(value, type);

    public static T Read<T>(ReadOnlyMemory<byte> stored, JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(stored.Span, type) ?? throw new InvalidDataException($"A row holds no {typeof(T).Name}.");
}
