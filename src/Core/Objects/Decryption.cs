using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Core.Objects;

/// <summary>What it takes to read the bytes of an encrypted version.</summary>
internal sealed class Decryption
{
    private readonly DataKeys keys;
    private readonly Sse how;
    private readonly CustomerKey? customer;
    private readonly string owner;

    private Decryption(DataKeys keys, Sse how, CustomerKey? customer, string owner) =>
        (this.keys, this.how, this.customer, this.owner) = (keys, how, customer, owner);

    /// <summary>For a version of that object; the customer's key was found to match.</summary>
    public static Decryption Of(DataKeys? keys, Sse how, CustomerKey? customer, Bucket bucket, string key) => new(
        keys ?? throw new InvalidOperationException("The object is encrypted, and there are no keys to decrypt it with."),
        how, customer, Owner(bucket, key));

    /// <summary>What a data key is bound to, besides how it is wrapped.</summary>
    public static string Owner(Bucket bucket, string key) => bucket.Id + "/" + key;

    /// <summary>A range of the plaintext of a body, whose frames <paramref name="open"/> opens.</summary>
    public ValueTask<IObjectBody?> Open(
        SealedKey? key, ByteRange range, long size, Func<ByteRange, ValueTask<IObjectBody?>> open, CancellationToken ct) => keys.Open(
            how, key ?? throw new InvalidDataException("An encrypted body has no data key."), customer, owner, range, size, open, ct);
}
