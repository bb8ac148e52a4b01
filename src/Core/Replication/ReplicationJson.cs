using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace ZenkoFunctions.Core.Replication;

/// <summary>How rows and messages of this room are stored: JSON, so that they grow without a migration. Golden tests pin the form.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(SiteRow))]
[JsonSerializable(typeof(ParkedRow))]
[JsonSerializable(typeof(ResumeMessage))]
[JsonSerializable(typeof(CopyTally))]
[JsonSerializable(typeof(PendingSnapshot))]
[JsonSerializable(typeof(FailedReplication))]
[JsonSerializable(typeof(BegunCopy))]
[JsonSerializable(typeof(CopiedParts))]
[JsonSerializable(typeof(WorkflowsRow))]
internal sealed partial class ReplicationJson : JsonSerializerContext
{
    /// <summary>The stored form.</summary>
    public static ReadOnlyMemory<byte> Write<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(value, type);

    /// <summary>What was stored.</summary>
    public static T Read<T>(ReadOnlyMemory<byte> stored, JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(stored.Span, type) ?? throw new InvalidDataException($"A row holds no {typeof(T).Name}.");
}
