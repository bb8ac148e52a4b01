using System.Text.Json.Serialization;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>A key pair.</summary>
internal sealed record KeyDocument(
    [property: JsonPropertyName("AWSAccessKeyId")] string Id, [property: JsonPropertyName("AWSSecretAccessKey")] string Secret)
{
    public static KeyDocument Of(AccessKey key) => new(key.Id, key.Secret);
}

/// <summary>A user in the list.</summary>
internal sealed record UserLine(string UserEmail, string UserId, string State, string OwnerId)
{
    public static UserLine Of(Account account) => new(account.Email, OstorIds.Of(account), StateOf(account), OstorIds.Nobody);

    public static string StateOf(Account account) => account.IsDisabled ? "disabled" : "enabled";
}

/// <summary>A user with all that it has.</summary>
internal sealed record UserDocument(
    string UserEmail, string UserId, string State, string OwnerId, IReadOnlyList<string> Flags,
    [property: JsonPropertyName("AWSAccessKeys")] IReadOnlyList<KeyDocument> Keys, string AccountCount, IReadOnlyList<AccountDocument> Accounts);

/// <summary>An account of a user.</summary>
internal sealed record AccountDocument(string Name, [property: JsonPropertyName("AWSAccessKeys")] IReadOnlyList<KeyDocument> Keys);

/// <summary>A user and a key pair that was made.</summary>
internal sealed record NewKeyDocument(string UserEmail, string UserId, [property: JsonPropertyName("AWSAccessKeys")] IReadOnlyList<KeyDocument> Keys)
{
    public static NewKeyDocument Of(AccessKey key) => new(key.Account.Email, OstorIds.Of(key.Account), [KeyDocument.Of(key)]);
}

/// <summary>The list of buckets.</summary>
internal sealed record BucketsDocument(IReadOnlyList<BucketDocument> Buckets);

/// <summary>A bucket.</summary>
internal sealed record BucketDocument(
    [property: JsonPropertyName("size")] SizeDocument Size, [property: JsonPropertyName("epoch")] long Epoch,
    [property: JsonPropertyName("owner_id")] string OwnerId, [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("creation_date")] string Created);

/// <summary>What a bucket holds.</summary>
/// <param name="Current">Bytes, with unfinished uploads.</param>
/// <param name="Integral">Byte-seconds since the hour began.</param>
/// <param name="Peak">The most bytes in that hour.</param>
/// <param name="Hour">The hour's number since 1970.</param>
internal sealed record SizeDocument(
    [property: JsonPropertyName("current")] long Current, [property: JsonPropertyName("h_integral")] decimal Integral,
    [property: JsonPropertyName("hmax")] long Peak, [property: JsonPropertyName("last_ts")] long Hour);

/// <summary>A quota.</summary>
/// <param name="Version">Always 1.</param>
/// <param name="Type"><c>user</c> or <c>bucket</c>.</param>
/// <param name="Size">In GB, of 1024 MB and so on.</param>
internal sealed record QuotaDocument(
    [property: JsonPropertyName("version")] string Version, [property: JsonPropertyName("type")] string Type, [property: JsonPropertyName("size")] string Size);

/// <summary>Limits: requests a minute, KiB a second; 0 for none.</summary>
internal sealed record LimitsDocument(
    [property: JsonPropertyName("ops:default")] string Default, [property: JsonPropertyName("ops:get")] string Get, [property: JsonPropertyName("ops:put")] string Put,
    [property: JsonPropertyName("ops:list")] string List, [property: JsonPropertyName("ops:delete")] string Delete, [property: JsonPropertyName("bandwidth:out")] string Out);

/// <summary>The documents that are told.</summary>
[JsonSerializable(typeof(List<UserLine>))]
[JsonSerializable(typeof(UserDocument))]
[JsonSerializable(typeof(AccountDocument))]
[JsonSerializable(typeof(NewKeyDocument))]
[JsonSerializable(typeof(QuotaDocument))]
[JsonSerializable(typeof(LimitsDocument))]
[JsonSerializable(typeof(SortedDictionary<string, string>))]
[JsonSerializable(typeof(BucketsDocument))]
[JsonSerializable(typeof(UsageListDocument))]
[JsonSerializable(typeof(UsageDocument))]
internal sealed partial class OstorJson : JsonSerializerContext;
