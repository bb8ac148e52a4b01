using System.Globalization;
using System.Text;

namespace ZenkoFunctions.Api.S3.Signatures;

/// <summary>The errors of authentication with the further elements that AWS puts into them.</summary>
internal static class Fault
{
    public const int SkewMinutes = 15;

    public static S3Exception Argument(string name, string value, string detail) => new(S3Errors.InvalidArgument, detail)
    {
        Fields = [new("ArgumentName", name), new("ArgumentValue", value)],
    };

    public static S3Exception Header(string detail) => new(S3Errors.AuthorizationHeaderMalformed, detail);

    public static S3Exception Query(string detail) => new(S3Errors.AuthorizationQueryParametersError, detail);

    /// <summary>A credential that cannot be used here, worded for where it stood.</summary>
    public static S3Exception Credential(bool inQuery, string detail, string? region = null) => new(
        inQuery ? S3Errors.AuthorizationQueryParametersError : S3Errors.AuthorizationHeaderMalformed,
        (inQuery ? "Error parsing the X-Amz-Credential parameter; " : "The authorization header is malformed; ") + detail)
    {
        Fields = region is null ? [] : [new("Region", region)],
    };

    public static S3Exception UnknownKey(string id) => new(S3Errors.InvalidAccessKeyId) { Fields = [new("AWSAccessKeyId", id)] };

    public static S3Exception NoDate() =>
        new(S3Errors.AccessDenied, "A signed request needs a valid x-amz-date or Date header.");

    public static S3Exception NotSigned(string header) =>
        new(S3Errors.AccessDenied, "The request has headers that must be signed and are not: name them in SignedHeaders.")
        {
            Fields = [new("HeadersNotSigned", header)],
        };

    public static S3Exception Skewed(string requestTime, DateTimeOffset now) => new(S3Errors.RequestTimeTooSkewed)
    {
        Fields =
        [
            new("RequestTime", requestTime), new("ServerTime", Iso(now)),
            new("MaxAllowedSkewMilliseconds", (SkewMinutes * 60_000).ToString(CultureInfo.InvariantCulture)),
        ],
    };

    public static S3Exception Expired(string? lifetime, DateTimeOffset expires, DateTimeOffset now)
    {
        List<KeyValuePair<string, string>> fields = [new("Expires", Iso(expires)), new("ServerTime", Iso(now))];
        if (lifetime is not null) fields.Insert(0, new("X-Amz-Expires", lifetime));
        return new(S3Errors.AccessDenied, "Request has expired") { Fields = fields };
    }

    public static S3Exception NotYetValid(DateTimeOffset now) =>
        new(S3Errors.AccessDenied, "Request is not valid yet") { Fields = [new("ServerTime", Iso(now))] };

    public static S3Exception V4Mismatch(V4Signature signature, string stringToSign, string canonicalRequest) =>
        new(S3Errors.SignatureDoesNotMatch)
        {
            Fields =
            [
                .. Mismatch(signature.AccessKeyId, stringToSign, signature.SignatureText),
                new("CanonicalRequest", canonicalRequest), new("CanonicalRequestBytes", Bytes(canonicalRequest)),
            ],
        };

    public static S3Exception V2Mismatch(V2Signature signature, string stringToSign) =>
        new(S3Errors.SignatureDoesNotMatch) { Fields = Mismatch(signature.AccessKeyId, stringToSign, signature.SignatureText) };

    public static string Iso(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static KeyValuePair<string, string>[] Mismatch(string keyId, string stringToSign, string signature) =>
    [
        new("AWSAccessKeyId", keyId), new("StringToSign", stringToSign), new("SignatureProvided", signature),
        new("StringToSignBytes", Bytes(stringToSign)),
    ];

    /// <summary>The bytes as AWS shows them: hex pairs with blanks between.</summary>
    private static string Bytes(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return string.Create(Math.Max(0, (bytes.Length * 3) - 1), bytes, static (span, source) =>
        {
            for (var i = 0; i < source.Length; i++)
            {
                source[i].TryFormat(span[(i * 3)..], out _, "x2", CultureInfo.InvariantCulture);
                if (i < source.Length - 1) span[(i * 3) + 2] = ' ';
            }
        });
    }
}
