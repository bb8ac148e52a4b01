using System.Text.Json.Serialization;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>The list of statistics objects.</summary>
internal sealed record UsageListDocument(
    [property: JsonPropertyName("nr_items")] int Count, [property: JsonPropertyName("truncated")] bool IsTruncated,
    [property: JsonPropertyName("items")] IReadOnlyList<string> Items);

/// <summary>A statistics object.</summary>
/// <param name="Format">Always 1.</param>
/// <param name="ServiceId">The installation's number.</param>
/// <param name="Start">Seconds since 1970.</param>
/// <param name="Period">In seconds.</param>
/// <param name="Count">How many items there are.</param>
/// <param name="Items">One for each bucket, user and tag.</param>
internal sealed record UsageDocument(
    [property: JsonPropertyName("fmt_version")] int Format, [property: JsonPropertyName("service_id")] long ServiceId,
    [property: JsonPropertyName("start_ts")] long Start, [property: JsonPropertyName("period")] int Period,
    [property: JsonPropertyName("nr_items")] int Count, [property: JsonPropertyName("items")] IReadOnlyList<UsageItemDocument> Items);

/// <summary>What was counted of one bucket, user and tag.</summary>
internal sealed record UsageItemDocument(
    [property: JsonPropertyName("key")] UsageKeyDocument Key, [property: JsonPropertyName("counters")] UsageCountersDocument Counters);

/// <summary>Whose it is.</summary>
internal sealed record UsageKeyDocument(
    [property: JsonPropertyName("bucket")] string Bucket, [property: JsonPropertyName("epoch")] long Epoch,
    [property: JsonPropertyName("user_id")] string UserId, [property: JsonPropertyName("tag")] string Tag);

/// <summary>What was counted.</summary>
internal sealed record UsageCountersDocument(
    [property: JsonPropertyName("ops")] UsageOperationsDocument Operations, [property: JsonPropertyName("net_io")] UsageTrafficDocument Traffic);

/// <summary>Operations by kind.</summary>
internal sealed record UsageOperationsDocument(
    [property: JsonPropertyName("put")] long Put, [property: JsonPropertyName("get")] long Get, [property: JsonPropertyName("list")] long List,
    [property: JsonPropertyName("other")] long Other);

/// <summary>Bytes of bodies.</summary>
internal sealed record UsageTrafficDocument([property: JsonPropertyName("uploaded")] long Uploaded, [property: JsonPropertyName("downloaded")] long Downloaded);
