using System.Net;
using System.Text.Json;
using ZenkoFunctions.Core.Encryption;

namespace ZenkoFunctions.Api.S3.Parsing;

/// <summary>From whom keys of SSE-C are taken over plain HTTP, where they can be overheard.</summary>
public enum PlainCustomerKeys
{
    /// <summary>From this machine only, as from a proxy on it that ends TLS. Others need HTTPS, as at AWS.</summary>
    Local,

    /// <summary>From everybody: something in front of this server ends TLS.</summary>
    Always,

    /// <summary>From nobody.</summary>
    Never,
}

/// <summary>Reads the x-amz-server-side-encryption… headers.</summary>
public static class EncryptionHeaders
{
    private const string Sse = "x-amz-server-side-encryption";
    private const string KmsKey = Sse + "-aws-kms-key-id";
    private const string Context = Sse + "-context";
    private const string BucketKey = Sse + "-bucket-key-enabled";
    private const string Customer = Sse + "-customer-";
    private const string SourceCustomer = "x-amz-copy-source-server-side-encryption-customer-";
    private const int MaxContext = 8 * 1024, MaxKeyName = 2048;

    /// <summary>The headers that are read here.</summary>
    public static readonly IReadOnlyList<string> Served =
    [
        Sse, KmsKey, Context, BucketKey, Customer + "algorithm", Customer + "key", Customer + "key-md5",
        SourceCustomer + "algorithm", SourceCustomer + "key", SourceCustomer + "key-md5",
    ];

    /// <summary>What a request says of the encryption of what it writes; null where it says nothing.</summary>
    public static SseRequest? ForWrite(S3Call call)
    {
        var (method, key, context) = (call.Header(Sse), call.Header(KmsKey), call.Header(Context));
        var bucketKey = ParseBucketKey(call.Header(BucketKey));
        var customer = ParseCustomerKey(call, Customer);
        if (customer is not null && (method ?? key ?? context) is not null)
            throw Invalid.Argument(
                Sse, method, "Server Side Encryption with Customer provided key is incompatible with the encryption method specified");
        if (customer is not null) return new() { Kind = SseKind.Customer, Customer = customer };
        SseKind? kind = method is null ? null : ParseMethod(method);
        if (kind != SseKind.Kms)
        {
            if ((key is not null ? KmsKey : context is not null ? Context : null) is { } lone)
                throw Invalid.Argument(
                    lone, call.Header(lone), $"Server Side Encryption with AWS KMS managed key requires HTTP header {Sse} : aws:kms");
            return kind is null && bucketKey is null ? null : new() { Kind = kind, BucketKey = bucketKey };
        }
        if (key?.Length > MaxKeyName) throw Invalid.Argument(KmsKey, key, "No key has such a long name.");
        if (context is not null) CheckContext(context);
        return new() { Kind = kind, KmsKey = string.IsNullOrEmpty(key) ? null : key, Context = context, BucketKey = bucketKey };
    }

    /// <summary>The customer's key that a read needs. Headers that only make sense where something is written are refused.</summary>
    public static CustomerKey? ForRead(S3Call call)
    {
        foreach (var name in (ReadOnlySpan<string>)[Sse, KmsKey, Context, BucketKey])
            if (call.Header(name) is { } value) throw Invalid.Argument(name, value, $"{name} header is not supported for this operation.");
        return ParseCustomerKey(call, Customer);
    }

    /// <summary>The customer's key of an upload that is completed; what else there is was said when it was started.</summary>
    public static CustomerKey? ForCompletion(S3Call call) => ParseCustomerKey(call, Customer);

    /// <summary>The customer's key of a copy's source.</summary>
    public static CustomerKey? ForCopySource(S3Call call) => ParseCustomerKey(call, SourceCustomer);

    /// <summary>The method as a header or a bucket's configuration names it; null where there is none of that name.</summary>
    public static SseKind? Method(string name) => name switch
    {
        "AES256" => SseKind.S3,
        "aws:kms" => SseKind.Kms,
        _ => null,
    };

    /// <summary>Tells how something is encrypted; of a customer's key what the request that carried it said.</summary>
    public static Reply WithEncryption(this Reply reply, Sse? how, S3Call call) => how?.Kind switch
    {
        null => reply,
        SseKind.S3 => reply.With(Sse, "AES256"),
        SseKind.Kms => reply.With(Sse, "aws:kms").With(KmsKey, how.KmsKey).With(BucketKey, how.BucketKey ? "true" : null),
        _ => reply.With(Customer + "algorithm", "AES256").With(Customer + "key-md5", call.Header(Customer + "key-md5")),
    };

    /// <summary>As <see cref="WithEncryption"/>, for what was written: the context is told to its writer only.</summary>
    public static Reply WithNewEncryption(this Reply reply, Sse? how, S3Call call) =>
        reply.WithEncryption(how, call).With(Context, how?.Context);

    private static SseKind ParseMethod(string method) => Method(method) ?? throw (method == "aws:kms:dsse"
        ? Invalid.NotServed(Sse)
        : Invalid.Argument(Sse, method, "The encryption method specified is not supported"));

    private static bool? ParseBucketKey(string? header) => header?.ToUpperInvariant() switch
    {
        null => null,
        "TRUE" => true,
        "FALSE" => false,
        _ => throw Invalid.Argument(BucketKey, header, "It must be true or false."),
    };

    private static void CheckContext(string context)
    {
        var bytes = new byte[context.Length];
        if (context.Length > MaxContext || !Convert.TryFromBase64String(context, bytes, out var length) || !IsTexts(bytes.AsSpan(0, length)))
            throw Invalid.Argument(Context, context, "The encryption context must be the base64 of a JSON object of texts.");
    }

    private static bool IsTexts(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                if (!reader.Read() || reader.TokenType != JsonTokenType.String) return false;
            return reader.TokenType == JsonTokenType.EndObject && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static CustomerKey? ParseCustomerKey(S3Call call, string prefix)
    {
        const string Requests = "Requests specifying Server Side Encryption with Customer provided keys must ";
        var (algorithm, key, md5) = (call.Header(prefix + "algorithm"), call.Header(prefix + "key"), call.Header(prefix + "key-md5"));
        if ((algorithm ?? key ?? md5) is null) return null;
        if (!MayComeSo(call)) throw Invalid.Request(Requests + "be made over a secure connection.");
        if (algorithm is null) throw Invalid.Argument(prefix + "algorithm", null, Requests + "provide a valid encryption algorithm.");
        if (algorithm != "AES256")
            throw new S3Exception(S3Errors.InvalidEncryptionAlgorithmError, "The Encryption request you specified is not valid. Supported value: AES256.");
        // The key's own value is never repeated in an answer.
        if (key is null) throw Invalid.Argument(prefix + "key", null, Requests + "provide an appropriate secret key.");
        if (md5 is null) throw Invalid.Argument(prefix + "key-md5", null, Requests + "provide the client calculated MD5 of the secret key.");
        var bytes = new byte[CustomerKey.Length];
        if (key.Length != 44 || !Convert.TryFromBase64String(key, bytes, out var length) || length != CustomerKey.Length)
            throw Invalid.Argument(prefix + "key", null, "The secret key was invalid for the specified algorithm.");
        var customer = new CustomerKey(bytes);
        return customer.Md5 == md5
            ? customer
            : throw Invalid.Argument(prefix + "key-md5", md5, "The calculated MD5 hash of the key did not match the hash that was provided.");
    }

    private static bool MayComeSo(S3Call call) => call.Request.IsHttps || call.Services.PlainCustomerKeys switch
    {
        PlainCustomerKeys.Always => true,
        PlainCustomerKeys.Local => call.Request.Peer is { } peer && IPAddress.IsLoopback(peer),
        _ => false,
    };
}
