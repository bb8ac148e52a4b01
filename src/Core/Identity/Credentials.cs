using System.Buffers;
using System.Security.Cryptography;

namespace ZenkoFunctions.Core.Identity;

/// <summary>The syntax of ids, keys and names, and new random ones.</summary>
public static class Credentials
{
    /// <summary>How the ids of session keys start.</summary>
    public const string SessionKeyPrefix = "ASIA";

    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const string Base62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const string Word = Base62 + "_";

    private static readonly SearchValues<char>
        Digits = SearchValues.Create("0123456789"),
        Hex = SearchValues.Create("0123456789abcdef"),
        WordCharacters = SearchValues.Create(Word),
        UserNameCharacters = SearchValues.Create(Word + "+=,.@-"),
        // A secret is never parsed: every printable ASCII character may be in it.
        SecretCharacters = SearchValues.Create([.. Enumerable.Range(0x21, 0x7e - 0x20).Select(c => (char)c)]);

    /// <summary>20 characters like AWS's ids of long-term keys.</summary>
    public static string NewAccessKeyId() => "AKIA" + RandomNumberGenerator.GetString(Base32, 16);

    /// <summary>20 characters like AWS's ids of session keys.</summary>
    public static string NewSessionKeyId() => SessionKeyPrefix + RandomNumberGenerator.GetString(Base32, 16);

    /// <summary>40 characters, 238 bits.</summary>
    public static string NewSecret() => RandomNumberGenerator.GetString(Base62, 40);

    /// <summary>12 digits, the first not 0.</summary>
    public static string NewAccountId() =>
        RandomNumberGenerator.GetString("123456789", 1) + RandomNumberGenerator.GetString("0123456789", 11);

    /// <summary>64 hex digits.</summary>
    public static string NewCanonicalId() => RandomNumberGenerator.GetHexString(64, lowercase: true);

    /// <summary>21 characters like AWS's ids of users.</summary>
    public static string NewUserId() => "AIDA" + RandomNumberGenerator.GetString(Base32, 17);

    /// <summary>21 characters like AWS's ids of roles.</summary>
    public static string NewRoleId() => "AROA" + RandomNumberGenerator.GetString(Base32, 17);

    /// <summary>What is wrong with a given access key id, or null. AWS: 3 to 128 of <c>\w</c>.</summary>
    public static string? WrongAccessKeyId(string id) =>
        id.Length is >= 3 and <= 128 && !id.AsSpan().ContainsAnyExcept(WordCharacters)
            ? null : "An access key id has 3 to 128 letters, digits or underscores.";

    /// <summary>What is wrong with a given secret, or null.</summary>
    public static string? WrongSecret(string secret) =>
        secret.Length is >= 3 and <= 128 && !secret.AsSpan().ContainsAnyExcept(SecretCharacters)
            ? null : "A secret key has 3 to 128 printable ASCII characters without blanks.";

    /// <summary>What is wrong with a given account id, or null.</summary>
    public static string? WrongAccountId(string id) =>
        id.Length == 12 && !id.AsSpan().ContainsAnyExcept(Digits) ? null : "An account id has 12 digits.";

    /// <summary>What is wrong with a given canonical id, or null.</summary>
    public static string? WrongCanonicalId(string id) =>
        id.Length == 64 && !id.AsSpan().ContainsAnyExcept(Hex) ? null : "A canonical id has 64 lower-case hex digits.";

    /// <summary>What is wrong with an account's name, or null.</summary>
    public static string? WrongAccountName(string name) =>
        name.Length is >= 1 and <= 64 && name.Trim() == name && !name.Any(char.IsControl) && !name.Any(char.IsSurrogate)
            ? null : "An account name has 1 to 64 characters, no control characters, and no blanks at its ends.";

    /// <summary>What is wrong with a user's name, or null. IAM: 1 to 64 of <c>[\w+=,.@-]</c>.</summary>
    public static string? WrongUserName(string name) =>
        name.Length is >= 1 and <= 64 && !name.AsSpan().ContainsAnyExcept(UserNameCharacters)
            ? null : "A user name has 1 to 64 letters, digits or any of _+=,.@-";

    /// <summary>What is wrong with the path of a user or role, or null. IAM: <c>/</c>, or <c>/…/</c> of printable ASCII, up to 512.</summary>
    public static string? WrongPath(string path) =>
        path == "/" || (path.Length is >= 3 and <= 512 && path[0] == '/' && path[^1] == '/' && !path.AsSpan().ContainsAnyExcept(SecretCharacters))
            ? null : "A path is /, or printable ASCII without blanks that begins and ends with a slash, at most 512 characters.";

    /// <summary>What is wrong with a policy's name, or null. IAM: 1 to 128 of <c>[\w+=,.@-]</c>.</summary>
    public static string? WrongPolicyName(string name) =>
        name.Length is >= 1 and <= 128 && !name.AsSpan().ContainsAnyExcept(UserNameCharacters)
            ? null : "A policy name has 1 to 128 letters, digits or any of _+=,.@-";

    /// <summary>What is wrong with a session's name, or null. STS: 2 to 64 of <c>[\w+=,.@-]</c>.</summary>
    public static string? WrongSessionName(string name) =>
        name.Length is >= 2 and <= 64 && !name.AsSpan().ContainsAnyExcept(UserNameCharacters)
            ? null : "A session name has 2 to 64 letters, digits or any of _+=,.@-";

    /// <summary>What is wrong with an e-mail address, or null. Only what is needed to tell addresses apart.</summary>
    public static string? WrongEmail(string email)
    {
        var at = email.LastIndexOf('@');
        return at > 0 && at < email.Length - 1 && email.Length <= 254 && !email.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || char.IsSurrogate(c))
            ? null : "An e-mail address has the form name@domain and at most 254 characters.";
    }
}
