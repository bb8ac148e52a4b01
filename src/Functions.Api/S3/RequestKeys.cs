using System.Collections.Frozen;
using System.Globalization;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>
/// The values of the condition keys of policies in one request to S3: those of every request, and those of what is asked for.
/// </summary>
internal sealed class RequestKeys(
    Principal sender, AccessQuestion question, WireRequest request, OperationSpec spec, ObjectVersion? version, S3Services services)
{
    private const string ExistingTag = "s3:ExistingObjectTag/", RequestTag = "s3:RequestObjectTag/", Headers = "s3:x-amz-";

    private static readonly FrozenSet<string> Creating =
        new[] { "PutObject", "CopyObject", "CompleteMultipartUpload", "PostObject" }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, Func<RequestKeys, string?>> Table = new Dictionary<string, Func<RequestKeys, string?>>
    {
        ["aws:RequestedRegion"] = keys => keys.Region,
        ["aws:ResourceAccount"] = keys => keys.Asked.Bucket?.OwnerId,
        ["s3:ResourceAccount"] = keys => keys.Asked.Bucket?.OwnerId,
        ["s3:VersionId"] = keys => keys.Asked.VersionId,
        ["s3:authType"] = keys => keys.AuthType,
        ["s3:delimiter"] = keys => keys.Asked.Prefix is null ? keys.Query("delimiter") : null,
        ["s3:if-match"] = keys => keys.Header("If-Match"),
        ["s3:if-none-match"] = keys => keys.Header("If-None-Match"),
        ["s3:max-keys"] = keys => keys.Asked.Prefix is null ? keys.Query("max-keys") : null,
        ["s3:object-lock-legal-hold"] = keys => keys.Header(LockHeaders.LegalHold),
        ["s3:object-lock-mode"] = keys => keys.Header(LockHeaders.Mode),
        ["s3:object-lock-remaining-retention-days"] = keys => keys.RemainingDays,
        ["s3:object-lock-retain-until-date"] = keys => keys.Header(LockHeaders.Until),
        ["s3:ObjectCreationOperation"] = keys => keys.IsCreating ? "true" : "false",
        ["s3:prefix"] = keys => keys.Asked.Prefix ?? keys.Query("prefix"),
        ["s3:signatureAge"] = keys => keys.SignatureAge,
        ["s3:signatureversion"] = keys => keys.SignatureVersion,
        ["s3:x-amz-copy-source"] = keys => keys.Source,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private AccessQuestion Asked => question;

    private string Region => services.Region;

    private bool IsCreating => Creating.Contains(spec.Name);

    private DateTimeOffset Now => services.Clock.GetUtcNow();

    private string? AuthType => sender.IsAnonymous ? null
        : request.Headers.Authorization.Count > 0 ? "REST-HEADER"
        : spec.Name == "PostObject" ? "POST"
        : "REST-QUERY-STRING";

    private string? SignatureVersion => sender.IsAnonymous ? null
        : (Query("AWSAccessKeyId") ?? request.Form?["AWSAccessKeyId"]) is not null || request.Headers.Authorization.ToString().StartsWith("AWS ", StringComparison.Ordinal) ? "AWS"
        : "AWS4-HMAC-SHA256";

    /// <summary>Milliseconds since the signature was made. A form says that in a field; a header beside it is nobody's word.</summary>
    private string? SignatureAge => DateTimeOffset.TryParseExact(
        request.Form is { } form ? form["x-amz-date"] : Query("X-Amz-Date") ?? Header("x-amz-date"), "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture,
        DateTimeStyles.AssumeUniversal, out var signed) && !sender.IsAnonymous
        ? Math.Max(0, (long)(Now - signed).TotalMilliseconds).ToString(CultureInfo.InvariantCulture)
        : null;

    private string? RemainingDays => DateTimeOffset.TryParse(
        Header(LockHeaders.Until), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var until)
        ? Math.Ceiling((until - Now).TotalDays).ToString(CultureInfo.InvariantCulture)
        : null;

    private string? Source => Header("x-amz-copy-source") is { } header && CopySource.Parse(header) is var source
        ? $"{source.Bucket}/{source.Key}"
        : null;

    /// <summary>The values of a key, whose name may be in any case; null where the request has none.</summary>
    public IReadOnlyList<string>? Find(string key)
    {
        if (Table.TryGetValue(key, out var read)) return Some(read(this));
        if (key.StartsWith(ExistingTag, StringComparison.OrdinalIgnoreCase))
            return Some(version?.Tags?.GetValueOrDefault(key[ExistingTag.Length..]));
        if (key.StartsWith(RequestTag, StringComparison.OrdinalIgnoreCase))
            return Some(RequestTags?.GetValueOrDefault(key[RequestTag.Length..]));
        if (key.Equals("s3:RequestObjectTagKeys", StringComparison.OrdinalIgnoreCase)) return RequestTags is { } tags ? [.. tags.Keys] : null;
        if (key.StartsWith(Headers, StringComparison.OrdinalIgnoreCase)) return Some(Header(key[3..]));
        return Some(SenderKeys.Find(key, sender, request, Now));
    }

    private IReadOnlyDictionary<string, string>? RequestTags => question.Tags ?? TagSet.ParseHeader(Header("x-amz-tagging"));

    private static string[]? Some(string? value) => value is null ? null : [value];

    private string? Header(string name) => request.Headers.TryGetValue(name, out var values) ? values.ToString() : null;

    private string? Query(string name) => request.Query[name];
}
