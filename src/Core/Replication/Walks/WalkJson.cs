using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace ZenkoFunctions.Core.Replication.Walks;

/// <summary>How rows, messages and reports of this room are stored: JSON, so that they grow without a migration.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(Walk))]
[JsonSerializable(typeof(WalkMessage))]
[JsonSerializable(typeof(VerifyReport))]
[JsonSerializable(typeof(SiteRecount))]
[JsonSerializable(typeof(WalkTimer))]
internal sealed partial class WalkJson : JsonSerializerContext
{
    /// <summary>The stored form.</summary>
    public static ReadOnlyMemory<byte> Write<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(value, type);

    /// <summary>What was stored.</summary>
    public static T Read<T>(ReadOnlyMemory<byte> stored, JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(stored.Span, type) ?? throw new InvalidDataException($"A row holds no {typeof(T).Name}.");
}
