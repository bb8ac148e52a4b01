using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Core.Encryption;

/// <summary>Whose key wraps the data keys of a body.</summary>
public enum SseKind
{
    /// <summary>The installation's own (SSE-S3).</summary>
    S3,

    /// <summary>A named key of the key ring (SSE-KMS).</summary>
    Kms,

    /// <summary>One that the client sends with every request and that is never stored (SSE-C).</summary>
    Customer,
}

/// <summary>How the bytes of a version, or those of an upload to come, are encrypted. It is stored, and holds no secret.</summary>
public sealed record Sse
{
    /// <summary>Whose key it is.</summary>
    public required SseKind Kind { get; init; }

    /// <summary>The key ring's name of the wrapping key; null for a customer's.</summary>
    public string? Ring { get; init; }

    /// <summary>SSE-KMS: the key as clients are told it: as they named it, or the ARN of the account's default key.</summary>
    public string? KmsKey { get; init; }

    /// <summary>SSE-KMS: the encryption context, base64 of JSON as the client sent it. Data keys open only with it.</summary>
    public string? Context { get; init; }

    /// <summary>SSE-KMS: whether the client asked for a bucket key. It is told again, and means nothing here.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingDefault)]
    public bool BucketKey { get; init; }

    /// <summary>SSE-C: recognises the customer's key (<see cref="CustomerKey.Matches"/>).</summary>
    public byte[]? Check { get; init; }

    /// <summary>The data key of the body; null where there is no body, or where its parts have keys of their own.</summary>
    public SealedKey? Key { get; init; }
}

/// <summary>A data key, wrapped.</summary>
/// <param name="Generation">Which key of the ring's name wraps it; 0 for a customer's key.</param>
/// <param name="Wrapped">The form that <see cref="DataKeys"/> describes.</param>
public sealed record SealedKey(int Generation, byte[] Wrapped);

/// <summary>The size of what is stored.</summary>
internal static class SealedSizes
{
    /// <summary>The bytes of the plaintext; key is null where what is stored is the plaintext.</summary>
    public static long SizeOf(this SealedKey? key, Stored? stored) =>
        stored is null ? 0 : key is null ? stored.Length : Frames.PlainLength(stored.Length);
}

/// <summary>What a request says of the encryption of what it writes.</summary>
public sealed record SseRequest
{
    /// <summary>Null leaves it to the bucket's default.</summary>
    public SseKind? Kind { get; init; }

    /// <summary>SSE-KMS: an id, alias or ARN; null for the account's default key.</summary>
    public string? KmsKey { get; init; }

    /// <inheritdoc cref="Sse.Context"/>
    public string? Context { get; init; }

    /// <summary>Whether to use a bucket key; null leaves it to the bucket's default.</summary>
    public bool? BucketKey { get; init; }

    /// <summary>SSE-C: the key.</summary>
    public CustomerKey? Customer { get; init; }
}

/// <summary>How a bucket encrypts what says nothing of encryption itself.</summary>
/// <param name="Kind">S3 or Kms.</param>
/// <param name="KmsKey">As <see cref="SseRequest.KmsKey"/>.</param>
/// <param name="BucketKey">Whether to use bucket keys; null where nobody said.</param>
public sealed record SseDefault(SseKind Kind, string? KmsKey = null, bool? BucketKey = null)
{
    /// <summary>Whether something that is encrypted so is kept as safely as this asks.</summary>
    /// <param name="how">How it is encrypted; null where it is not.</param>
    /// <param name="accountId">Whose default key it is that needs no name.</param>
    public bool IsMetBy(Sse? how, string accountId) =>
        how is not null && (Kind == SseKind.S3 || (how.Kind == SseKind.Kms && how.Ring == KmsKeyName.Resolve(KmsKey, accountId)));
}
