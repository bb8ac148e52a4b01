using System.Globalization;
using System.Text.Json;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Search;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>A field that can be searched for.</summary>
/// <param name="Name">As expressions have it; one that ends with a dot or a dash goes on with a name of the objects' own.</param>
/// <param name="About">What it is.</param>
public sealed record SearchHint(string Name, string About);

/// <summary>What the search shows.</summary>
/// <param name="Buckets">Where one can search; the first of those there are.</param>
/// <param name="Bucket">Where it is searched; null for nowhere yet.</param>
/// <param name="Expression">What for; null for nothing yet.</param>
/// <param name="HasVersions">Whether older versions are found, too.</param>
/// <param name="Lines">What was found on this page; null where nothing was searched.</param>
/// <param name="Next">Where the next page begins; null where this is the last.</param>
/// <param name="NextVersion">Within that.</param>
/// <param name="Saved">What the person keeps.</param>
/// <param name="Indexed">Fields that are found fast, where the person may know.</param>
/// <param name="Problem">Why there is nothing; null where there is no reason.</param>
public sealed record SearchModel(
    IReadOnlyList<string> Buckets, string? Bucket, string? Expression, bool HasVersions, IReadOnlyList<ObjectLine>? Lines, string? Next, string? NextVersion,
    IReadOnlyList<SearchLine> Saved, IReadOnlyList<string> Indexed, FormProblem? Problem);

public partial class SearchPage
{
    private const int OnPage = 100, MostBuckets = 1000;

    private static readonly IReadOnlyList<SearchHint> Hints =
    [
        new("key", "The whole key, folders too"), new("content-length", "The size, in bytes"), new("content-type", "image/jpeg, for instance"),
        new("last-modified", "\"2026-04-19T18:31:49.426Z\""), new("tags.", "A tag: tags.project"), new("x-amz-meta-", "Metadata: x-amz-meta-color"),
        new("x-amz-storage-class", "The storage class"), new("x-amz-server-side-encryption", "AES256, aws:kms"), new("replication-status", "PENDING, COMPLETED, FAILED"),
        new("dataStoreName", "The location of the bytes"), new("owner-display-name", "Whose it is"), new("content-encoding", "gzip, for instance"), new("content-language", "en, for instance"),
        new("content-disposition", "As it was sent"), new("cache-control", "As it was sent"), new("content-md5", "The ETag"), new("isDeleteMarker", "true, with versions"),
        new("LIKE", "A regular expression: key LIKE \"/\\.jpe?g$/i\""), new("AND", "Both"), new("OR", "Either"),
    ];

    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct)
    {
        var (bucket, expression, hasVersions, after) = (call.Query("bucket"), call.Query("q"), call.Query("versions") is not null, call.Query("after"));
        if (bucket is null || expression is null) return await Page(call, [], null, null, null, 200, ct);
        var most = OnPage.ToString(CultureInfo.InvariantCulture);
        var answer = await call.Api.Send("GET", ConsoleApi.PathOf(bucket), hasVersions
            ? ConsoleApi.Query(("versions", ""), ("search", expression), ("encoding-type", "url"), ("max-keys", most), ("key-marker", after), ("version-id-marker", after is null ? null : call.Query("version")))
            : ConsoleApi.Query(("list-type", "2"), ("search", expression), ("encoding-type", "url"), ("max-keys", most), ("continuation-token", after)), ct);
        if (answer.Refusal is { } refused)
        {
            var problem = answer.Status == 400
                ? new FormProblem("This cannot be searched for", refused.Message, "Write FIELD = \"value\", and AND or OR between several.")
                : FormProblem.Of(refused);
            return await Page(call, null, null, null, problem, answer.Status, ct);
        }
        var listed = answer.Xml();
        var isCut = listed.Of("IsTruncated") == "true";
        return await Page(
            call, [.. listed.Elements().Where(each => each.Name.LocalName is "Contents" or "Version" or "DeleteMarker").Select(ObjectsPage.Line)],
            !isCut ? null : hasVersions ? listed.Name("NextKeyMarker") : listed.Of("NextContinuationToken"), isCut && hasVersions ? listed.Of("NextVersionIdMarker") : null, null, 200, ct);
    }

    /// <summary>Keeps a search for another time.</summary>
    internal static async ValueTask<Reply> Save(ConsoleCall call, CancellationToken ct)
    {
        var form = call.Form;
        if (form["name"] is not { Length: <= SavedSearch.MaxName } name)
            return await call.Problem(400, "The search was not saved", $"Go back and give it a name of 1 to {SavedSearch.MaxName} characters.");
        var body = JsonSerializer.SerializeToUtf8Bytes(new SearchBody { Bucket = form["bucket"], Expression = form["q"], Versions = form["versions"] is not null }, SearchJson.Default.SearchBody);
        await call.Api.Do("PUT", PathOf(name), "", ct, body);
        return call.Go("search", ("bucket", form["bucket"]), ("q", form["q"]), ("versions", form["versions"]), ("saved", name));
    }

    /// <summary>Keeps it no more.</summary>
    internal static async ValueTask<Reply> Forget(ConsoleCall call, CancellationToken ct)
    {
        if (call.Form["name"] is { } name) await call.Api.Do("DELETE", PathOf(name), "", ct);
        return call.Go("search", ("bucket", call.Form["bucket"]));
    }

    private static string PathOf(string name) => "/_/management/searches/" + Uri.EscapeDataString(name);

    private static async ValueTask<Reply> Page(ConsoleCall call, IReadOnlyList<ObjectLine>? lines, string? next, string? nextVersion, FormProblem? problem, int status, CancellationToken ct)
    {
        var bucket = call.Query("bucket");
        var listed = await call.Api.Send("GET", "/", ConsoleApi.Query(("max-buckets", MostBuckets.ToString(CultureInfo.InvariantCulture))), ct);
        IEnumerable<string> buckets = listed.Code is null ? listed.Xml().All("Bucket").Select(each => each.Of("Name") ?? "") : [];
        var saved = await call.Api.Send("GET", "/_/management/searches", "", ct);
        var index = bucket is null || BucketName.Fault(bucket) is not null ? null : await call.Api.Send("GET", "/_/management/search/" + bucket, "", ct);
        var isAsked = bucket is not null && call.Query("q") is not null;
        return await call.Page<SearchPage>(new SearchModel(
            [.. buckets.Append(bucket ?? "").Where(name => name.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)], bucket, call.Query("q"), call.Query("versions") is not null,
            isAsked ? lines : null, next, nextVersion,
            saved.Code is null ? saved.Json(SearchJson.Default.SearchList).Searches : [],
            index is { Code: null } ? [.. index.Json(SearchIndexJson.Default.SearchIndexDocument).Fields.Where(field => field.State == "ready").Select(field => field.Name)] : [],
            problem), status);
    }
}
