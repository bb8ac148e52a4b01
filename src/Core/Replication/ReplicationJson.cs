using System.Text.Json.Serialization;

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
internal sealed partial class ReplicationJson : JsonSerializerContext;
