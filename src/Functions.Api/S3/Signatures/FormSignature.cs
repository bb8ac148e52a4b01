using System.Security.Cryptography;
using System.Text;
using ZenkoFunctions.Api.S3.Forms;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.S3.Signatures;

/// <summary>
/// The signature of a form: of its policy alone, in base64 as it was sent. Everything else that the form says is bound by the
/// policy's conditions.
/// </summary>
/// <param name="AccessKeyId">Whose key signed.</param>
/// <param name="Policy">The signed text.</param>
/// <param name="Text">The signature as it was sent.</param>
/// <param name="Day">The day in the scope of version 4; null for version 2.</param>
internal sealed record FormSignature(string AccessKeyId, string Policy, string Text, string? Day)
{
    /// <summary>
    /// Reads the fields; null where the form is not signed. InvalidArgument where one is missing or both versions are there.
    /// </summary>
    public static FormSignature? Of(PostForm form, V4Scope scope)
    {
        var has4 = form["x-amz-algorithm"] ?? form["x-amz-credential"] ?? form["x-amz-signature"];
        var has2 = form["AWSAccessKeyId"] ?? form["signature"];
        if (has4 is not null && has2 is not null)
            throw Fault.Argument("AWSAccessKeyId", form["AWSAccessKeyId"] ?? "", "A form is signed once: with version 4 or with version 2.");
        if (has4 is null)
            return has2 is null && form["policy"] is null ? null : new(Field(form, "AWSAccessKeyId"), Field(form, "policy"), Field(form, "signature"), null);

        if (Field(form, "x-amz-algorithm") is not V4Signature.Algorithm and var algorithm)
            throw Fault.Argument("x-amz-algorithm", algorithm, $"x-amz-algorithm must be {V4Signature.Algorithm}.");
        var (keyId, day, _) = V4Signature.Credential(Field(form, "x-amz-credential"), scope, inQuery: true);
        var date = Field(form, "x-amz-date");
        if (!Timestamps.TryBasic(date, out _) || !date.StartsWith(day, StringComparison.Ordinal))
            throw Fault.Argument("x-amz-date", date, "x-amz-date must have the form yyyyMMddTHHmmssZ, and the credential's day.");
        return new(keyId, Field(form, "policy"), Field(form, "x-amz-signature"), day);
    }

    /// <summary>Whether the key made it.</summary>
    public bool IsOf(AccessKey key, SigningKeys keys, V4Scope scope)
    {
        if (Day is null)
        {
            Span<byte> mac = stackalloc byte[HMACSHA1.HashSizeInBytes], sent = stackalloc byte[HMACSHA1.HashSizeInBytes + 4];
#pragma warning disable CA5350 // the protocol's own algorithm; HMAC-SHA1 is not broken as SHA-1 is
            HMACSHA1.HashData(Encoding.UTF8.GetBytes(key.Secret), Encoding.UTF8.GetBytes(Policy), mac);
#pragma warning restore CA5350
            return Convert.TryFromBase64String(Text, sent, out var length) && CryptographicOperations.FixedTimeEquals(sent[..length], mac);
        }
        var computed = HMACSHA256.HashData(keys.Get(key, Day, scope.Region!, scope.Service), Encoding.UTF8.GetBytes(Policy));
        var provided = new byte[HMACSHA256.HashSizeInBytes];
        return Text.Length == provided.Length * 2
            && Convert.FromHexString(Text, provided, out _, out _) == System.Buffers.OperationStatus.Done
            && CryptographicOperations.FixedTimeEquals(provided, computed);
    }

    private static string Field(PostForm form, string name) => form[name] is { Length: > 0 } value ? value : throw PostForm.Missing(name);
}
