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

/// <summary>The documents that are told.</summary>
[JsonSerializable(typeof(List<UserLine>))]
[JsonSerializable(typeof(UserDocument))]
[JsonSerializable(typeof(AccountDocument))]
[JsonSerializable(typeof(NewKeyDocument))]
internal sealed partial class OstorJson : JsonSerializerContext;
