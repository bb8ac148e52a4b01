using System.Text.Json.Serialization;

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
internal sealed partial class WalkJson : JsonSerializerContext;
