using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace ZenkoFunctions.Api.S3.Signatures;

/// <summary>What a version 4 signature must be made for.</summary>
/// <param name="Service">The service's name in the credential.</param>
/// <param name="Region">The only region; null for any, as IAM has none and clients sign for that of its home.</param>
/// <param name="BodyHash">
/// The SHA-256 in hex of a body that has been read: services other than S3 have it signed without being announced. Null for S3.
/// </param>
internal readonly record struct V4Scope(string Service, string? Region, string? BodyHash = null);

/// <summary>What a request says of its version 4 signature: read, bounded and consistent in itself, but not yet verified.</summary>
internal sealed class V4Signature
{
    public const string Algorithm = "AWS4-HMAC-SHA256";

    private const string Terminator = "aws4_request";
    private const int MaxHeader = 8192, MaxExpires = 604_800, MaxRegion = 64;

    // As many headers as the server takes; names are compared with each other before anything is verified.
    private const int MaxNames = 200;

    public required string AccessKeyId { get; init; }
    public required string Day { get; init; }
    public required string Region { get; init; }
    public required string Service { get; init; }

    /// <summary>The session token; null where the key is to be one that lasts.</summary>
    public required string? Token { get; init; }

    /// <summary>As it stood: lower-case names between semicolons.</summary>
    public required string SignedHeaders { get; init; }

    /// <summary>The names in <see cref="SignedHeaders"/>.</summary>
    public required string[] SignedNames { get; init; }

    public required string SignatureText { get; init; }

    /// <summary>As the string to sign has it: <c>yyyyMMddTHHmmssZ</c>.</summary>
    public required string Timestamp { get; init; }

    /// <summary>Whether it stood in the query.</summary>
    public required bool InQuery { get; init; }

    /// <summary>The last line of the canonical request.</summary>
    public required string PayloadHash { get; init; }

    /// <summary>How the body is framed and hashed. Differs from the above only where a presigned URL leaves the body open.</summary>
    public required string BodyHash { get; init; }

    public string Scope => $"{Day}/{Region}/{Service}/{Terminator}";

    /// <summary>The signature's 32 bytes; empty where it is no hex.</summary>
    public byte[] Signature
    {
        get
        {
            var bytes = new byte[32];
            return SignatureText.Length == 64 && Convert.FromHexString(SignatureText, bytes, out _, out _) == System.Buffers.OperationStatus.Done
                ? bytes : [];
        }
    }

    /// <summary>Reads <c>AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…</c>.</summary>
    public static V4Signature OfHeader(WireRequest request, string header, V4Scope expected, DateTimeOffset now)
    {
        if (header.Length > MaxHeader) throw Fault.Header($"The authorization header is longer than {MaxHeader} characters.");
        if (header.Length <= Algorithm.Length || header[Algorithm.Length] is not (' ' or '\t'))
            throw Fault.Header("The authorization header is malformed; the Credential, SignedHeaders and Signature components are missing.");
        string? credential = null, signedHeaders = null, signature = null;
        foreach (var range in header.AsSpan(Algorithm.Length).Split(','))
        {
            var part = header.AsSpan(Algorithm.Length)[range].Trim();
            var equals = part.IndexOf('=');
            var value = part[(equals + 1)..];
            switch (equals < 0 ? "" : part[..equals])
            {
                case "Credential": Once(ref credential, value, "Credential"); break;
                case "SignedHeaders": Once(ref signedHeaders, value, "SignedHeaders"); break;
                case "Signature": Once(ref signature, value, "Signature"); break;
                default: throw Fault.Header("The authorization header is malformed; it holds something else than Credential, SignedHeaders and Signature.");
            }
        }
        if (credential is null || signedHeaders is null || signature is null)
            throw Fault.Header("The authorization header is malformed; it needs the components Credential, SignedHeaders and Signature.");

        var scope = Credential(credential, expected, inQuery: false);
        var (time, sent) = TimeOf(request.Headers);
        var timestamp = Timestamps.ToBasic(time);
        if (!timestamp.AsSpan(0, 8).SequenceEqual(scope.Day))
            throw Fault.Header($"The authorization header is malformed; the credential's date {scope.Day} is not the request's {timestamp[..8]}.");
        if ((now - time).Duration() > TimeSpan.FromMinutes(Fault.SkewMinutes)) throw Fault.Skewed(sent, now);
        var names = Names(signedHeaders, inQuery: false);
        RequireSigned(request.Headers, names, inQuery: false);
        var hash = expected.BodyHash ?? Payload.Announced(request)
            ?? throw new S3Exception(S3Errors.InvalidRequest, "Missing required header for this request: x-amz-content-sha256");
        return new()
        {
            AccessKeyId = scope.KeyId, Day = scope.Day, Region = scope.Region, Service = expected.Service, Token = Header(request.Headers),
            SignedHeaders = signedHeaders, SignedNames = names, SignatureText = signature, Timestamp = timestamp, InQuery = false, PayloadHash = hash, BodyHash = hash,
        };
    }

    /// <summary>Reads the parameters of a presigned URL.</summary>
    public static V4Signature OfQuery(WireRequest request, V4Scope expected, DateTimeOffset now)
    {
        var algorithm = Parameter(request, "X-Amz-Algorithm");
        if (algorithm == "AWS4-ECDSA-P256-SHA256")
            throw new S3Exception(S3Errors.NotImplemented, "Signatures of version 4a are not implemented; sign with AWS4-HMAC-SHA256.");
        if (algorithm != Algorithm) throw Fault.Query($"X-Amz-Algorithm must be {Algorithm}.");
        var credential = Parameter(request, "X-Amz-Credential");
        var signature = Parameter(request, "X-Amz-Signature");
        var date = Parameter(request, "X-Amz-Date");
        var signedHeaders = Parameter(request, "X-Amz-SignedHeaders");
        var lifetime = Parameter(request, "X-Amz-Expires");

        if (!Timestamps.TryBasic(date, out var time)) throw Fault.Query("X-Amz-Date must have the form yyyyMMddTHHmmssZ.");
        if (!int.TryParse(lifetime, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds))
            throw Fault.Query("X-Amz-Expires must be a number of seconds from 1 to 604800.");
        // Such a URL has expired, or never will: AWS answers some of these with 400, and Ceph's suite wants 403 for all.
        if (seconds is < 1 or > MaxExpires)
            throw new S3Exception(S3Errors.AccessDenied, "X-Amz-Expires must be from 1 to 604800 seconds: at most a week.");
        var scope = Credential(credential, expected, inQuery: true);
        if (!date.AsSpan(0, 8).SequenceEqual(scope.Day))
            throw Fault.Query($"The date of X-Amz-Credential, {scope.Day}, is not that of X-Amz-Date, {date[..8]}.");
        if (time > now.AddMinutes(Fault.SkewMinutes)) throw Fault.NotYetValid(now);
        if (time.AddSeconds(seconds) < now) throw Fault.Expired(lifetime, time.AddSeconds(seconds), now);
        var names = Names(signedHeaders, inQuery: true);
        RequireSigned(request.Headers, names, inQuery: true);

        var announced = Payload.Announced(request);
        var covered = announced is not null && names.Contains("x-amz-content-sha256", StringComparer.Ordinal);
        var hash = expected.BodyHash ?? (covered ? announced : request.Query["X-Amz-Content-Sha256"]) ?? Payload.Unsigned;
        return new()
        {
            AccessKeyId = scope.KeyId, Day = scope.Day, Region = scope.Region, Service = expected.Service,
            Token = request.Query["X-Amz-Security-Token"] ?? Header(request.Headers),
            SignedHeaders = signedHeaders, SignedNames = names, SignatureText = signature, Timestamp = date, InQuery = true, PayloadHash = hash,
            // A URL that leaves the body open leaves it to the sender to frame it.
            BodyHash = hash == Payload.Unsigned ? announced ?? hash : hash,
        };
    }

    private static void Once(ref string? part, ReadOnlySpan<char> value, string name)
    {
        if (part is not null) throw Fault.Header($"The authorization header is malformed; {name} stands in it twice.");
        if (value.IsEmpty) throw Fault.Header($"The authorization header is malformed; {name} is empty.");
        part = value.ToString();
    }

    private static string Parameter(WireRequest request, string name)
    {
        string? found = null;
        foreach (var (key, value) in request.Query.Items)
        {
            if (key != name) continue;
            if (found is not null) throw Fault.Query($"{name} stands in the URL twice.");
            found = value;
        }
        return string.IsNullOrEmpty(found)
            ? throw Fault.Query($"A presigned URL needs X-Amz-Algorithm, X-Amz-Credential, X-Amz-Date, X-Amz-Expires, X-Amz-SignedHeaders and X-Amz-Signature; {name} is missing.")
            : found;
    }

    /// <summary>The session token among the headers, or null.</summary>
    internal static string? Header(IHeaderDictionary headers)
    {
        var values = headers["x-amz-security-token"];
        return values.Count == 0 ? null : values.ToString();
    }

    /// <summary>Reads <c>KEYID/YYYYMMDD/REGION/SERVICE/aws4_request</c>.</summary>
    public static (string KeyId, string Day, string Region) Credential(string credential, V4Scope expected, bool inQuery)
    {
        var parts = credential.Split('/', 6);
        if (parts.Length != 5 || parts[0].Length is 0 or > 128)
            throw Fault.Credential(inQuery, $"the Credential must have the form KEYID/YYYYMMDD/REGION/{expected.Service}/aws4_request.");
        if (parts[1].Length != 8 || parts[1].AsSpan().ContainsAnyExceptInRange('0', '9'))
            throw Fault.Credential(inQuery, $"incorrect date format \"{parts[1]}\"; expecting YYYYMMDD.");
        if (expected.Region is { } region && parts[2] != region)
            throw Fault.Credential(inQuery, $"the region '{parts[2]}' is wrong; expecting '{region}'", region);
        if (parts[2].Length is 0 or > MaxRegion) throw Fault.Credential(inQuery, "it names no region.");
        if (parts[3] != expected.Service)
            throw Fault.Credential(inQuery, $"incorrect service \"{parts[3]}\"; this endpoint belongs to \"{expected.Service}\".");
        if (parts[4] != Terminator)
            throw Fault.Credential(inQuery, $"incorrect terminal \"{parts[4]}\"; this endpoint uses \"aws4_request\".");
        return (parts[0], parts[1], parts[2]);
    }

    private static string[] Names(string signedHeaders, bool inQuery)
    {
        var names = signedHeaders.Split(';', MaxNames + 1);
        if (names.Length > MaxNames)
            throw inQuery ? Fault.Query($"X-Amz-SignedHeaders names more than {MaxNames} headers.") : Fault.Header($"The authorization header is malformed; SignedHeaders names more than {MaxNames}.");
        for (var i = 0; i < names.Length; i++)
        {
            var wrong = names[i].Length == 0 ? "holds an empty name"
                : names[i].AsSpan().ContainsAnyInRange('A', 'Z') ? "holds upper-case letters"
                : names.AsSpan(0, i).Contains(names[i]) ? $"names {names[i]} twice" : null;
            if (wrong is not null) throw inQuery ? Fault.Query($"X-Amz-SignedHeaders {wrong}.") : Fault.Header($"The authorization header is malformed; SignedHeaders {wrong}.");
        }
        return names;
    }

    private static (DateTimeOffset Time, string Sent) TimeOf(IHeaderDictionary headers)
    {
        var sent = headers["x-amz-date"];
        if (sent.Count == 0) sent = headers.Date;
        return sent.Count == 1 && Timestamps.TryHeader(sent[0] ?? "", out var time) ? (time, sent[0]!) : throw Fault.NoDate();
    }

    private static void RequireSigned(IHeaderDictionary headers, string[] names, bool inQuery)
    {
        if (!names.Contains("host", StringComparer.Ordinal)) throw Fault.NotSigned("host");
        foreach (var header in headers)
        {
            if (!header.Key.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase)) continue;
            if (inQuery && header.Key.Equals("x-amz-content-sha256", StringComparison.OrdinalIgnoreCase)) continue;
            if (!names.Contains(header.Key, StringComparer.OrdinalIgnoreCase))
                throw Fault.NotSigned(header.Key.ToLowerInvariant());
        }
    }
}
