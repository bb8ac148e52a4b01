using ZenkoFunctions.Api.Console.Parts;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Parsing;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>What the form for an object's metadata shows.</summary>
/// <param name="At">The object.</param>
/// <param name="ETag">Of what was read: nobody else's change is to be lost.</param>
/// <param name="Headers">What is told with every download of it.</param>
/// <param name="Metadata">What else was said of it.</param>
/// <param name="Problem">Why it was not saved.</param>
public sealed record MetadataModel(ObjectAddress At, string ETag, IReadOnlyDictionary<string, string> Headers, IReadOnlyList<(string Name, string Value)> Metadata, FormProblem? Problem);

public partial class MetadataPage
{
    internal const int Most = 40;

    private const string Prefix = "x-amz-meta-";

    internal static readonly (string Header, string Name, string Hint)[] Fields =
    [
        ("Content-Type", "Type", "What kind of file it is: image/png, text/plain; charset=utf-8."),
        ("Cache-Control", "Cache control", "How long browsers keep it: max-age=3600."),
        ("Content-Disposition", "Disposition", "attachment has browsers save it rather than show it."),
        ("Content-Encoding", "Encoding", "How it is packed: gzip."),
        ("Content-Language", "Language", "en, de-CH."),
        ("Expires", "Expires", "Until when it is fresh: an HTTP date."),
    ];

    // What a copy would not have by itself.
    private static readonly string[] Kept =
        ["x-amz-storage-class", "x-amz-website-redirect-location", "x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id", "x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date", "x-amz-object-lock-legal-hold"];

    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct)
    {
        var at = ObjectAddress.Of(call);
        var head = (await call.Api.Do("HEAD", at.Path, at.Query, ct)).Reply;
        return await call.Page<MetadataPage>(new MetadataModel(
            at, head.Header("ETag") ?? "", Fields.Where(field => head.Header(field.Header) is not null).ToDictionary(field => field.Header, field => head.Header(field.Header)!), Own(head), null));
    }

    internal static async ValueTask<Reply> Save(ConsoleCall call, CancellationToken ct)
    {
        var (at, form) = (ObjectAddress.Of(call), call.Form);
        var headers = Fields.Where(field => form[field.Header] is not null).ToDictionary(field => field.Header, field => form[field.Header]!);
        var (etag, own) = (form["etag"] ?? "", Pairs.Of(form, Most));
        if (headers.Values.Concat(own.Select(pair => pair.Value)).Any(value => value.Any(char.IsControl))) return await Again("A value cannot be kept", "No value may hold a line break or another control character.");
        if (own.Any(pair => pair.Name.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_' or '.')))) return await Again("A name cannot be kept", "Names are of letters, digits, dashes, dots and underscores.");
        if (own.DistinctBy(pair => pair.Name, StringComparer.OrdinalIgnoreCase).Count() < own.Count) return await Again("A name stands there twice", "Keep one of its rows.");
        var head = (await call.Api.Do("HEAD", at.Path, at.Query, ct)).Reply;
        var kept = Kept.Where(name => head.Header(name) is not null).Select(name => (name, head.Header(name)!));
        var source = at.Path + at.Query;
        var answer = await call.Api.Send(
            "PUT", at.Path, "", ct, null,
            [("x-amz-copy-source", source), ("x-amz-copy-source-if-match", etag), ("x-amz-metadata-directive", "REPLACE"), .. headers.Select(pair => (pair.Key, pair.Value)), .. own.Select(pair => (Prefix + pair.Name, pair.Value)), .. kept]);
        if (answer.Refusal is not { } refused) return (at with { VersionId = null }).Go(call, done: "metadata");
        if (refused.Code == "PreconditionFailed") return await Again("Somebody has changed the object since you opened this page", "Copy what you typed, load the page again, and save once more.");
        return await Again(refused.Title, refused.Advice, refused.Message, refused.Status);

        ValueTask<Reply> Again(string title, string advice, string message = "", int status = 400) =>
            call.Page<MetadataPage>(new MetadataModel(at, etag, headers, own, new(title, message, advice)), status);
    }

    /// <summary>What a writer said of an object.</summary>
    internal static IReadOnlyList<(string Name, string Value)> Own(Reply head) =>
        [.. head.Headers.Where(header => header.Key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)).Select(header => (header.Key[Prefix.Length..], EncodedWords.Decode(header.Value)))];
}
