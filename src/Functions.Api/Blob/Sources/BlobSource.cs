using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>
/// What <c>x-ms-copy-source</c> names, opened. On this server it is read by GetBlob without HTTP: permitted by what the URL is signed
/// with, else by the sender's own right where it is the sender's storage account, else to anybody.
/// </summary>
/// <param name="body">Its bytes.</param>
/// <param name="headers">What it says of itself.</param>
internal sealed class BlobSource(IObjectBody body, IReadOnlyDictionary<string, string> headers) : IAsyncDisposable
{
    private const string Header = "x-ms-copy-source";
    private const int MaxUrl = 2048;

    private static readonly string[] Conditional = ["If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "if-tags"];

    private static readonly string[] PropertyHeaders = ["Content-Type", "Content-Encoding", "Content-Language", "Content-Disposition", "Cache-Control"];

    /// <summary>The request that opened it, where it is on this server.</summary>
    private WireRequest? Asked { get; init; }

    /// <summary>Its bytes.</summary>
    public IObjectBody Body => body;

    /// <summary>Whether it is a blob of this server that is not written as a whole: its copy is another such.</summary>
    public bool IsOfParts => Asked is not null && headers.GetValueOrDefault("x-ms-blob-type") is "AppendBlob" or "PageBlob";

    /// <summary>Whether it is the blob itself that the request writes to, and is archived: its copy is to be another blob.</summary>
    public async ValueTask<bool> IsArchivedTarget(BlobCall call, CancellationToken ct) =>
        Asked is not null && headers.GetValueOrDefault("x-ms-access-tier") == SetBlobTier.Archive && !Asked.Query.Has("snapshot") && !Asked.Query.Has("versionid")
        && await call.Locate(Asked, ct) is var (bucket, key) && bucket.Id == call.Bucket.Id && key == call.Address.Blob;

    /// <summary>Its MD5, base64, where the source tells it.</summary>
    public string? ContentMd5 => headers.GetValueOrDefault("Content-MD5");

    /// <summary>Its properties, as they are kept.</summary>
    public IReadOnlyDictionary<string, string> Properties =>
        PropertyHeaders.Where(headers.ContainsKey).ToDictionary(name => name, name => headers[name]);

    /// <summary>Its metadata.</summary>
    public IReadOnlyDictionary<string, string> Metadata => headers
        .Where(header => header.Key.StartsWith(BlobHeaders.MetadataPrefix, StringComparison.OrdinalIgnoreCase))
        .ToDictionary(header => header.Key[BlobHeaders.MetadataPrefix.Length..].ToLowerInvariant(), header => header.Value);

    /// <summary>The URL with the snapshot or version that it names, and without what it is signed with, to be shown.</summary>
    public static string Shown(Uri source)
    {
        var named = source.Query.TrimStart('?').Split('&').Where(pair => pair.StartsWith("snapshot=", StringComparison.Ordinal) || pair.StartsWith("versionid=", StringComparison.Ordinal));
        var query = string.Join('&', named);
        return source.GetLeftPart(UriPartial.Path) + (query.Length == 0 ? "" : "?" + query);
    }

    /// <summary>The URL; InvalidHeaderValue where it is none.</summary>
    public static Uri Parse(BlobCall call)
    {
        var text = call.Header(Header);
        return text is { Length: <= MaxUrl } && Uri.TryCreate(text, UriKind.Absolute, out var source) && source.Scheme is "http" or "https" && source.UserInfo.Length == 0
            ? source
            : throw new S3Exception(BlobErrors.InvalidHeaderValue, $"{Header} must be the URL of a blob, of at most {MaxUrl} characters.");
    }

    /// <summary>Opens it under the conditions and within the range that the request gives, or says why not.</summary>
    public static ValueTask<(BlobSource? Source, Reply? Refused)> Open(BlobCall call, CancellationToken ct) => Open(call, rehydrates: false, ct);

    /// <inheritdoc cref="Open(BlobCall, CancellationToken)"/>
    /// <param name="call">The request.</param>
    /// <param name="rehydrates">Whether it may be archived, where it is on this server.</param>
    /// <param name="ct">Gives up.</param>
    public static async ValueTask<(BlobSource? Source, Reply? Refused)> Open(BlobCall call, bool rehydrates, CancellationToken ct)
    {
        var source = Parse(call);
        IHeaderDictionary asked = new HeaderDictionary { ["x-ms-version"] = call.Version };
        foreach (var name in Conditional)
            if (call.Header("x-ms-source-" + name) is { Length: > 0 } value) asked[name == "if-tags" ? "x-ms-if-tags" : name] = value;
        if (asked.IfNoneMatch == "*") return (null, Reply.Refused(BlobErrors.SourceConditionNotMet)); // nothing that is there fulfils it
        if (call.Header("x-ms-source-range") is { Length: > 0 } range) asked["x-ms-range"] = asked.Range = range;
        if (call.Header("x-ms-copy-source-authorization") is { Length: > 0 } bearer) asked.Authorization = bearer;
        return IsHere(call, source) ? await OpenHere(call, source, asked, rehydrates, ct) : await OpenThere(call, source, asked, ct);
    }

    /// <summary>
    /// Makes the request's blob of its bytes, a block blob in no other blob's place, which must have these sums where they are given; what was
    /// staged for the blob is dropped. Or says why not.
    /// </summary>
    public async ValueTask<(ObjectVersion? Written, Reply? Refused)> Write(
        BlobCall call, Description description, byte[]? md5, string? crc, Conditions conditions, CancellationToken ct)
    {
        var result = await BodyPipe.Through(
            body,
            content => call.Installation.Objects.Put(
                call.Bucket, call.Address.Blob, call.Writer(EventNames.Copy), description, BlobPayload.Announced(content, md5, crc),
                conditions with { OfType = BlobType.BlockBlob }, ct),
            ct);
        if (result.Refusal == Core.Refusal.BadDigest) return (null, BlobPayload.Refused(result, md5 is not null));
        if (result.Refusal == Core.Refusal.PreconditionFailed && !call.IsGranted('w')) return (null, Reply.Refused(BlobErrors.UnauthorizedBlobOverwrite));
        if (result.Refusal is not null) return (null, BlobReplies.RefusedWrite(result, conditions));
        await call.Installation.Blocks.Discard(call.Bucket, call.Address.Blob, CancellationToken.None);
        return (result.Value.Version, null);
    }

    /// <summary>The version that was opened, for a copy that is made later; null where it is not on this server, or was changed since.</summary>
    public async ValueTask<BlobCopySource?> Locate(BlobCall call, CancellationToken ct)
    {
        if (Asked is null || await call.Locate(Asked, ct) is not var (bucket, key)) return null;
        var snapshot = Asked.Query["snapshot"] is { Length: > 0 } time ? BlobTimes.Parse(time) : null;
        var version = Asked.Query["versionid"] is { Length: > 0 } id ? id : null;
        var found = await call.Installation.Objects.Open(bucket, key, new() { VersionId = version, Snapshot = snapshot, WithBody = false }, ct);
        return found.Refusal is null && headers.GetValueOrDefault("ETag") == $"\"{found.Value.Version.BlobETag}\"" ? new(bucket, key, found.Value.Version) : null;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => body.DisposeAsync();

    /// <summary>Whether the URL leads to this server: under the name by which it was just reached, or that of another of its storage accounts.</summary>
    private static bool IsHere(BlobCall call, Uri source)
    {
        var here = call.Header("Host");
        if (here is null) return false;
        var there = source.IsDefaultPort ? source.Host : source.Authority;
        if (string.Equals(here, there, StringComparison.OrdinalIgnoreCase) || string.Equals(here, source.Authority, StringComparison.OrdinalIgnoreCase)) return true;
        // Clients name the account in the host of a source though they have it in the path, and the other way round.
        return Domain(here).Equals(Domain(there), StringComparison.OrdinalIgnoreCase);

        static ReadOnlySpan<char> Domain(string host)
        {
            const string Service = ".blob.";
            var at = host.IndexOf(Service, StringComparison.OrdinalIgnoreCase);
            return at > 0 ? host.AsSpan(at + Service.Length) : host;
        }
    }

    private static async ValueTask<(BlobSource?, Reply?)> OpenHere(BlobCall call, Uri source, IHeaderDictionary asked, bool rehydrates, CancellationToken ct)
    {
        var (request, reply) = await AskHere(call, source, asked, rehydrates, ct);
        if (reply.Error is not null || reply.Body is null)
        {
            if (reply.Body is not null) await reply.Body.DisposeAsync();
            return (null, Refused(reply.Status, reply.Error is { } error ? BlobErrors.From(error).Code : null));
        }
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in reply.Headers) headers[name] = value;
        return (new(reply.Body, headers) { Asked = request }, null);
    }

    private static async ValueTask<(WireRequest Request, Reply Reply)> AskHere(BlobCall call, Uri source, IHeaderDictionary asked, bool rehydrates, CancellationToken ct)
    {
        asked.Host = source.IsDefaultPort ? source.Host : source.Authority;
        var query = source.Query.Length > 0 ? source.Query[1..] : "";
        var request = new WireRequest(
            "GET", source.AbsolutePath, query, asked, PipeReader.Create(Stream.Null), null, call.Request.Peer, source.Scheme == "https" || call.Request.IsHttps);
        var isOwn = asked.Authorization.Count == 0 && !request.Query.Has("sig");
        return (request, await call.AskSource(request, new(isOwn, rehydrates), ct));
    }

    /// <summary>
    /// The tags that the request's blob is to have: those that it says, or with <c>x-ms-copy-source-tag-option: COPY</c> the source's, which
    /// whoever may read it need not see. Or why there are none.
    /// </summary>
    public static async ValueTask<(IReadOnlyDictionary<string, string>? Tags, Reply? Refused)> Tags(BlobCall call, Description said, CancellationToken ct)
    {
        const string Option = "x-ms-copy-source-tag-option";
        if (call.Header(Option) is not { } option || option == "REPLACE") return (said.Tags, null);
        if (option != "COPY") throw new S3Exception(BlobErrors.InvalidHeaderValue, $"{Option} must be REPLACE or COPY.");
        if (said.Tags is not null) throw new S3Exception(BlobErrors.InvalidHeaderValue, $"x-ms-tags is not for a copy that takes the source's tags; leave it or {Option} out.");
        if (!call.IsGranted('t')) return (null, Reply.Refused(BlobErrors.AuthorizationPermissionMismatch));
        var source = Parse(call);
        var tags = new UriBuilder(source) { Query = source.Query.Length > 1 ? source.Query[1..] + "&comp=tags" : "comp=tags" }.Uri;
        IHeaderDictionary asked = new HeaderDictionary { ["x-ms-version"] = call.Version };
        if (call.Header("x-ms-copy-source-authorization") is { Length: > 0 } bearer) asked.Authorization = bearer;
        int status;
        if (IsHere(call, source))
        {
            var reply = (await AskHere(call, tags, asked, rehydrates: false, ct)).Reply;
            if (reply is { Error: null, Xml: { } write })
            {
                var document = new ArrayBufferWriter<byte>();
                write(document);
                return (Kept(BlobTags.Read(document.WrittenMemory)), null);
            }
            status = reply.Status;
        }
        else
        {
            using var answer = await ForeignSources.Get(tags, asked.Select(header => KeyValuePair.Create(header.Key, header.Value.ToString())), call.Installation.CopiesFromAnywhere, ct);
            if (answer.IsSuccessStatusCode)
            {
                var body = PipeReader.Create(await answer.Content.ReadAsStreamAsync(ct));
                return (Kept(BlobTags.Read(await S3Body.ReadAll(body, answer.Content.Headers.ContentLength, BlobTags.MaxBytes, "GetBlobTags", ct))), null);
            }
            status = (int)answer.StatusCode;
        }
        return (null, Reply.Refused(
            BlobErrors.CannotVerifyCopySource with { Status = status is >= 400 and < 500 ? status : 400 },
            string.Create(CultureInfo.InvariantCulture, $"The tags of the copy source were answered with {status}; sign its URL so that they can be read (t).")));

        static IReadOnlyDictionary<string, string>? Kept(IReadOnlyDictionary<string, string> tags) => tags.Count == 0 ? null : tags;
    }

    private static async ValueTask<(BlobSource?, Reply?)> OpenThere(BlobCall call, Uri source, IHeaderDictionary asked, CancellationToken ct)
    {
        var answer = await ForeignSources.Get(source, asked.Select(header => KeyValuePair.Create(header.Key, header.Value.ToString())), call.Installation.CopiesFromAnywhere, ct);
        if (!answer.IsSuccessStatusCode || answer.Content.Headers.ContentLength is not { } length)
        {
            var (status, isSuccess) = ((int)answer.StatusCode, answer.IsSuccessStatusCode);
            answer.Dispose();
            return (null, isSuccess ? Reply.Refused(BlobErrors.CannotVerifyCopySource, "The copy source does not tell its length.") : Refused(status, null));
        }
        if (asked.Range.Count > 0 && (int)answer.StatusCode != StatusCodes.Status206PartialContent)
        {
            answer.Dispose();
            return (null, Reply.Refused(BlobErrors.CannotVerifyCopySource, "The copy source does not serve ranges."));
        }
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers)) headers[name] = string.Join(", ", values);
        return (new(new ForeignBody(answer, await answer.Content.ReadAsStreamAsync(ct), length), headers), null);
    }

    private static Reply Refused(int status, string? code) => status switch
    {
        304 or 412 => Reply.Refused(BlobErrors.SourceConditionNotMet),
        416 => Reply.Refused(BlobErrors.InvalidRange, "The copy source has no byte in this range."),
        _ when code == BlobErrors.BlobArchived.Code => Reply.Refused(
            BlobErrors.BlobArchived, "The copy source is archived; set its tier to Hot or Cool first, or have Copy Blob give the copy such a tier."),
        _ => Reply.Refused(
            BlobErrors.CannotVerifyCopySource with { Status = status is >= 400 and < 500 ? status : 400 },
            string.Create(CultureInfo.InvariantCulture, $"The copy source was answered with {status}{(code is null ? "" : " " + code)}; sign its URL so that it can be read.")),
    };
}
