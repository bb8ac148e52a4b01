using System.Text.Json.Serialization;
using ZenkoFunctions.Cli.Buckets;
using ZenkoFunctions.Cli.Commands;
using ZenkoFunctions.Cli.Diagnosis;
using ZenkoFunctions.Core.Locations.Configured;

namespace ZenkoFunctions.Cli;

/// <summary>What commands write as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(AccountList))]
[JsonSerializable(typeof(AllLocations))]
[JsonSerializable(typeof(BucketList))]
[JsonSerializable(typeof(BucketView))]
[JsonSerializable(typeof(ConnectionString))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(EmptiedBucket))]
[JsonSerializable(typeof(KeyList))]
[JsonSerializable(typeof(LimitLine))]
[JsonSerializable(typeof(LocationCheckReport))]
[JsonSerializable(typeof(PolicyList))]
[JsonSerializable(typeof(QuotaLine))]
[JsonSerializable(typeof(CheckReport))]
[JsonSerializable(typeof(UserList))]
internal sealed partial class CliJson : JsonSerializerContext;
