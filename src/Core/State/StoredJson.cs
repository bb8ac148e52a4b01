using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ZenkoFunctions.Core.State;

/// <summary>Values of rows and messages as JSON, each by the generated code of its room, so that they grow without a migration.</summary>
internal static class StoredJson
{
    /// <summary>The stored form.</summary>
    public static ReadOnlyMemory<byte> Write<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(value, type);

    /// <summary>What was stored.</summary>
    public static T Read<T>(ReadOnlyMemory<byte> stored, JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(stored.Span, type) ?? throw new InvalidDataException($"A row holds no {typeof(T).Name}.");
}
