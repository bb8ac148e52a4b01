using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using ZenkoFunctions.Api.S3.Forms;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.S3.Signatures;

/// <summary>
/// Finds out who sends a request: AWS signature version 4 and 2, in the Authorization header or in the query (presigned
/// URLs), in a browser's form, the certificate of its connection, or nobody. Also unwraps the payload, so that no operation sees chunk framing or unverified bytes.
/// </summary>
/// <param name="accounts">Whose keys sign.</param>
/// <param name="region">The only region that version 4 signatures may name.</param>
/// <param name="clock">Judges skew and expiry.</param>
public sealed class Authenticator(Accounts accounts, string region, TimeProvider clock)
{
    private const string Basic = "Basic ";

    private readonly SigningKeys signingKeys = new();
    private readonly V4Scope s3 = new("s3", region);

    /// <summary>Verifies a request's signature. Where there is none, a bound certificate of its connection says who sends it.</summary>
    /// <param name="request">As it came.</param>
    /// <param name="hostBucket">The bucket that the Host header names, or null for path style; version 2 signs it with the path.</param>
    /// <param name="ct">Stops the look-up of the key.</param>
    /// <exception cref="S3Exception">The signature is missing parts, expired or wrong.</exception>
    public ValueTask<Authenticated> Verify(WireRequest request, string? hostBucket, CancellationToken ct)
    {
        if (request.SignedIn is { } known) return new(Renewing(Payload.Open(request, known.Principal, null, null), request, known.Id, null));
        var authorization = request.Headers.Authorization;
        var query = request.Query;
        var presigned4 = query.Has("X-Amz-Algorithm") || query.Has("X-Amz-Signature") || query.Has("X-Amz-Credential");
        var presigned2 = query.Has("AWSAccessKeyId") || (query.Has("Signature") && query.Has("Expires"));
        if ((authorization.Count == 0 ? 0 : 1) + (presigned4 ? 1 : 0) + (presigned2 ? 1 : 0) > 1 || authorization.Count > 1)
            throw Fault.Argument("Authorization", authorization.ToString(),
                "A request is signed once: by one Authorization header or by one set of query parameters.");
        if (request.Form is { } form)
            return presigned4 || presigned2 || authorization.Count > 0
                ? throw Fault.Argument("Authorization", authorization.ToString(), "A form is signed by its fields and by nothing else.")
                : VerifyForm(request, form, ct);
        if (presigned4) return Verify4(request, V4Signature.OfQuery(request, s3, clock.GetUtcNow()), ct);
        if (presigned2) return Verify2(request, V2Signature.OfQuery(request, clock.GetUtcNow()), hostBucket, ct);
        if (authorization.Count == 0)
        {
            return request.ClientCertificate is { } shown && !IsOfPage(request.Headers)
                ? VerifyShown(request, shown, ct)
                : new(Payload.Open(request, Principal.Anonymous, Payload.Announced(request), null));
        }

        var header = authorization.ToString();
        if (header.StartsWith(V4Signature.Algorithm, StringComparison.Ordinal))
            return Verify4(request, V4Signature.OfHeader(request, header, s3, clock.GetUtcNow()), ct);
        if (header.StartsWith("AWS ", StringComparison.Ordinal))
            return Verify2(request, V2Signature.OfHeader(request, header, clock.GetUtcNow()), hostBucket, ct);
        throw header.StartsWith("AWS4-ECDSA-P256-SHA256", StringComparison.Ordinal)
            ? new S3Exception(S3Errors.NotImplemented, "Signatures of version 4a are not implemented; sign with AWS4-HMAC-SHA256.")
            : Fault.Argument("Authorization", header, "This type of authorization is not known; sign with AWS4-HMAC-SHA256.");
    }

    /// <summary>Whether a request comes with a key's id and secret themselves.</summary>
    public static bool IsBasic(WireRequest request) => request.Headers.Authorization.ToString().StartsWith(Basic, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Verifies the id and the secret of a key themselves (RFC 7617), for the few operations that take them: over HTTPS, or from this
    /// machine. Keys of sessions have no place for their token, and are none.
    /// </summary>
    /// <exception cref="S3Exception">AccessDenied where anybody could have read them on the way; InvalidAccessKeyId, SignatureDoesNotMatch.</exception>
    public async ValueTask<Authenticated> VerifyBasic(WireRequest request, CancellationToken ct)
    {
        if (!request.IsHttps && (request.Peer is null || !IPAddress.IsLoopback(request.Peer)))
            throw new S3Exception(S3Errors.AccessDenied, "A secret key is not sent over plain HTTP: use HTTPS, and put another in the place of this one.");
        var header = request.Headers.Authorization.ToString();
        var bytes = new byte[header.Length];
        if (!Convert.TryFromBase64String(header[Basic.Length..].Trim(), bytes, out var count) || bytes.AsSpan(0, count).IndexOf((byte)':') is not (> 0 and var colon))
            throw Fault.Argument("Authorization", Basic.Trim(), "Basic is followed by the Base64 of a key's id, a colon and its secret.");
        var key = await FindKey(Encoding.UTF8.GetString(bytes, 0, colon), null, ct);
        return CryptographicOperations.FixedTimeEquals(bytes.AsSpan(colon + 1, count - colon - 1), Encoding.UTF8.GetBytes(key.Secret))
            ? Payload.Open(request, key.Principal, Payload.Announced(request), null)
            : throw new S3Exception(S3Errors.SignatureDoesNotMatch, "The secret is not the key's.");
    }

    /// <summary>
    /// Verifies a request of a protocol on S3's endpoint whose version 2 signatures, in the Authorization header only, cover a resource
    /// of its own and nothing else of the path and query. Version 4 is as anywhere.
    /// </summary>
    /// <param name="request">As it came.</param>
    /// <param name="resource">What version 2 signs as the resource.</param>
    /// <param name="onlyVersion4">Whether version 2 is refused.</param>
    /// <param name="ct">Stops the look-up of the key.</param>
    /// <exception cref="S3Exception">The signature is missing parts, expired or wrong.</exception>
    public async ValueTask<Authenticated> VerifyResource(WireRequest request, string resource, bool onlyVersion4, CancellationToken ct)
    {
        var header = request.Headers.Authorization.ToString();
        var isHeader2 = header.StartsWith("AWS ", StringComparison.Ordinal);
        var isQuery2 = request.Query.Has("AWSAccessKeyId") || request.Query.Has("Signature");
        // S3's own rule must not do instead: it leaves the resource out, so that the signature of a listing would be one of this.
        if (isQuery2 || (isHeader2 && onlyVersion4)) throw new S3Exception(S3Errors.AccessDenied, "Sign this request with version 4.");
        if (!isHeader2 || request.Headers.Authorization.Count > 1 || request.Query.Items.Any(item => item.Key.StartsWith("X-Amz-", StringComparison.OrdinalIgnoreCase)))
            return isHeader2 ? throw Fault.Argument("Authorization", header, "A request is signed once.") : await Verify(request, null, ct);
        var signature = V2Signature.OfHeader(request, header, clock.GetUtcNow());
        var key = await FindKey(signature.AccessKeyId, signature.Token, ct);
        var text = signature.StringToSign(request, resource);
        return signature.IsOf(key.Secret, text)
            ? Renewing(Payload.Open(request, key.Principal, Payload.Announced(request), null), request, signature.AccessKeyId, signature.Token)
            : throw Fault.V2Mismatch(signature, text);
    }

    /// <summary>Verifies a message to another service than S3: version 4 only.</summary>
    /// <param name="request">As it came.</param>
    /// <param name="service">The service's name in the credential.</param>
    /// <param name="body">The whole body: its hash is signed, but not announced.</param>
    /// <param name="ct">Stops the look-up of the key.</param>
    /// <returns>The key that signed.</returns>
    /// <exception cref="S3Exception">The signature is missing parts, expired or wrong.</exception>
    public async ValueTask<AccessKey> VerifyMessage(WireRequest request, string service, ReadOnlyMemory<byte> body, CancellationToken ct)
    {
        if (request.SignedIn is { } known) return known;
        var scope = new V4Scope(service, null, Convert.ToHexStringLower(SHA256.HashData(body.Span)));
        var header = request.Headers.Authorization.ToString();
        var signature = header.Length > 0
            ? V4Signature.OfHeader(request, header, scope, clock.GetUtcNow())
            : V4Signature.OfQuery(request, scope, clock.GetUtcNow());
        var key = await FindKey(signature.AccessKeyId, signature.Token, ct);
        Check(request, signature, key);
        return key;
    }

    /// <summary>Verifies a request that is signed as EC2's once were: by the lasting key of parameters of the query, all of which are covered.</summary>
    /// <exception cref="S3Exception">The signature is missing parts, expired or wrong.</exception>
    public async ValueTask<AccessKey> VerifyQuery(WireRequest request, CancellationToken ct)
    {
        var signature = QuerySignature.Of(request, clock.GetUtcNow());
        var key = await FindKey(signature.AccessKeyId, null, ct);
        return signature.IsOf(request, key.Secret) ? key : throw new S3Exception(S3Errors.SignatureDoesNotMatch);
    }

    /// <summary>The key that a certificate stands for; null where it is bound to none.</summary>
    /// <exception cref="S3Exception">AccessDenied where its time is over, InvalidAccessKeyId where the key may not sign.</exception>
    public async ValueTask<AccessKey?> FindKey(ClientCertificate shown, CancellationToken ct)
    {
        if (await accounts.FindCertificate(shown.Fingerprint, ct) is not var (_, key)) return null;
        if (shown.WrongTime(clock.GetUtcNow()) is { } wrong) throw new S3Exception(S3Errors.AccessDenied, wrong);
        return key.Enabled ? key : throw Fault.UnknownKey(key.Id);
    }

    /// <summary>The key that may sign, by its id and, for one of a session, its token.</summary>
    /// <exception cref="S3Exception">InvalidAccessKeyId, InvalidToken or ExpiredToken.</exception>
    public async ValueTask<AccessKey> FindKey(string id, string? token, CancellationToken ct)
    {
        if (token is null) return await accounts.FindKey(id, ct) is { Enabled: true } lasting ? lasting : throw Fault.UnknownKey(id);
        return await accounts.FindSession(id, token, ct) switch
        {
            (SessionState.Live, { } key) => key,
            (SessionState.Expired, _) => throw new S3Exception(S3Errors.ExpiredToken) { Fields = [new("Token-0", token)] },
            (SessionState.Ended, _) => throw Fault.UnknownKey(id),
            _ => throw new S3Exception(S3Errors.InvalidToken) { Fields = [new("Token-0", token)] },
        };
    }

    private async ValueTask<Authenticated> Verify4(WireRequest request, V4Signature signature, CancellationToken ct)
    {
        Payload.Check(signature.PayloadHash);
        var key = await FindKey(signature.AccessKeyId, signature.Token, ct);
        var sender = Payload.Open(request, key.Principal, signature.BodyHash, Check(request, signature, key));
        if (key.Session is null && Payload.IsWhole(signature.PayloadHash) && signature.PayloadHash == signature.BodyHash) sender = sender with { Signer = key };
        return Renewing(sender, request, signature.AccessKeyId, signature.Token);
    }

    private async ValueTask<Authenticated> VerifyShown(WireRequest request, ClientCertificate shown, CancellationToken ct)
    {
        var key = await FindKey(shown, ct);
        var sender = Payload.Open(request, key?.Principal ?? Principal.Anonymous, Payload.Announced(request), null);
        return key is null || request.Verb is "GET" or "HEAD"
            ? sender
            : sender with { Renew = async stop => await accounts.FindCertificate(shown.Fingerprint, stop) is (_, { Enabled: true } now) ? now.Principal : null };
    }

    // Browsers send a person's certificate along with whatever any page asks for. What the person entered, they mark so.
    private static bool IsOfPage(IHeaderDictionary headers) => headers.Origin.Count > 0 || (headers.TryGetValue("Sec-Fetch-Site", out var site) && site != "none");

    /// <summary>Throws SignatureDoesNotMatch, or gives what the signatures of chunks start from.</summary>
    private ChunkSignatures Check(WireRequest request, V4Signature signature, AccessKey key)
    {
        var scope = signature.Scope;
        var signingKey = signingKeys.Get(key, signature.Day, signature.Region, signature.Service);
        Span<byte> computed = stackalloc byte[HMACSHA256.HashSizeInBytes];
        string? firstCanonical = null;
        foreach (var canonical in new V4CanonicalRequest(request, signature).Forms())
        {
            V4Signing.Sign(signingKey, signature.Timestamp, scope, canonical, computed);
            if (CryptographicOperations.FixedTimeEquals(computed, signature.Signature))
                return new(signingKey, signature.Timestamp, scope, computed);
            firstCanonical ??= V4Signing.Text(canonical);
        }
        throw Fault.V4Mismatch(signature, V4Signing.StringToSign(signature.Timestamp, scope, firstCanonical!), firstCanonical!);
    }

    private async ValueTask<Authenticated> Verify2(
        WireRequest request, V2Signature signature, string? hostBucket, CancellationToken ct)
    {
        var key = await FindKey(signature.AccessKeyId, signature.Token, ct);
        string? first = null;
        foreach (var text in signature.StringsToSign(request, hostBucket))
        {
            if (signature.IsOf(key.Secret, text))
                return Renewing(Payload.Open(request, key.Principal, Payload.Announced(request), null), request, signature.AccessKeyId, signature.Token);
            first ??= text;
        }
        throw Fault.V2Mismatch(signature, first!);
    }

    /// <summary>Lets what changes something look once more, before it does, whether the key may still sign.</summary>
    private Authenticated Renewing(Authenticated sender, WireRequest request, string id, string? token) => request.Verb is "GET" or "HEAD"
        ? sender
        : sender with
        {
            Renew = async ct => (token is null
                ? await accounts.FindKey(id, ct) is { Enabled: true } lasting ? lasting : null
                : (await accounts.FindSession(id, token, ct)).Key)?.Principal,
        };

    private async ValueTask<Authenticated> VerifyForm(WireRequest request, PostForm form, CancellationToken ct)
    {
        if (FormSignature.Of(form, s3) is not { } signature)
            return new(Principal.Anonymous, form.Open(0, Parsing.Payload.MaxBytes), null, static _ => null);
        var token = form["x-amz-security-token"];
        var key = await FindKey(signature.AccessKeyId, token, ct);
        if (!signature.IsOf(key, signingKeys, s3)) throw new S3Exception(S3Errors.SignatureDoesNotMatch);
        var policy = PostPolicy.Parse(signature.Policy);
        policy.Check(form, clock.GetUtcNow());
        var sender = new Authenticated(key.Principal, form.Open(policy.Least, policy.Most), null, static _ => null);
        return Renewing(sender, request, signature.AccessKeyId, token);
    }
}
