namespace ZenkoFunctions.Core.Encryption;

/// <summary>How clients name the keys of SSE-KMS: by id, alias or ARN.</summary>
internal static class KmsKeyName
{
    private const string DefaultAlias = "alias/aws/s3";

    /// <summary>The ARN of an account's default key.</summary>
    public static string OfDefault(string accountId, string region) => $"arn:aws:kms:{region}:{accountId}:{DefaultAlias}";

    /// <summary>
    /// The key ring's name of it; null where it cannot name a key. Keys that were made by id belong to the installation: the
    /// region and account of their ARN do not matter, and <c>alias/x</c> is another way to say <c>x</c>.
    /// </summary>
    public static string? Resolve(string? named, string accountId)
    {
        if (string.IsNullOrEmpty(named)) return KeyRing.OfAccount(accountId);
        var id = named;
        if (named.StartsWith("arn:", StringComparison.Ordinal))
        {
            if (named.Split(':', 6) is not [_, _, "kms", _, var account, var resource]) return null;
            if (resource == DefaultAlias && account != accountId) return null;
            id = resource.StartsWith("key/", StringComparison.Ordinal) ? resource["key/".Length..] : resource;
        }
        if (id is DefaultAlias or "aws/s3") return KeyRing.OfAccount(accountId);
        if (id.StartsWith("alias/", StringComparison.Ordinal)) id = id["alias/".Length..];
        return KeyRing.IsId(id) ? KeyRing.OfId(id) : null;
    }
}
