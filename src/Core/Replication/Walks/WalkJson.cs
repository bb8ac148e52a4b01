using System.Text.Json.Serialization;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Replication.Walks;

/// <summary>How rows, messages and reports of this room are stored: JSON, so that they grow without a migration.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    Converters = [typeof(UtcTimes)])]
[JsonSerializable(typeof(Walk))]
[JsonSerializable(typeof(WalkMessage))]
[JsonSerializable(typeof(VerifyReport))]
[JsonSerializable(typeof(SiteRecount))]
[JsonSerializable(typeof(WalkTimer))]
internal sealed partial class WalkJson : JsonSerializerContext;
