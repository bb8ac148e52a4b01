using System.Globalization;
using System.Xml.Linq;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>A folder, an object or one of its versions.</summary>
public sealed record ObjectLine(string Key, bool IsFolder)
{
    /// <summary>Bytes.</summary>
    public long Size { get; init; }

    /// <summary>When it was written.</summary>
    public DateTimeOffset? Modified { get; init; }

    /// <summary>As clients know it.</summary>
    public string? StorageClass { get; init; }

    /// <summary>The version; null where versions are not shown.</summary>
    public string? VersionId { get; init; }

    /// <summary>Whether it is what a plain read gets.</summary>
    public bool IsLatest { get; init; } = true;

    /// <summary>Whether it marks the object as deleted.</summary>
    public bool IsMarker { get; init; }
}

/// <summary>What a folder of a bucket shows. It is one page of the listing that any client gets, however much there is.</summary>
public sealed record ObjectsModel(
    string Bucket, string Prefix, bool HasVersions, bool IsFirst, IReadOnlyList<ObjectLine> Lines, string? Next, string? NextVersion, string Endpoint, FormProblem? Problem);

public partial class ObjectsPage
{
    private const int OnPage = 100;

    internal static ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct) => Show(call, null, 200, ct);

    /// <summary>Keeps an empty object whose name ends with a slash, as S3's own browsers do.</summary>
    internal static async ValueTask<Reply> CreateFolder(ConsoleCall call, CancellationToken ct)
    {
        var (bucket, prefix, name) = (call.Path["bucket"], call.Query("prefix") ?? "", call.Form["name"]?.Trim('/'));
        if (string.IsNullOrEmpty(name) || name.Split('/').Any(segment => segment is "" or "." or ".."))
            return await Show(call, new("This is no name for a folder", "", "Give it a name other than . or .., without slashes at its ends."), 400, ct);
        var made = await call.Api.Send("PUT", ConsoleApi.PathOf(bucket, $"{prefix}{name}/"), "", ct, [], ("Content-Type", "application/x-directory"), ("If-None-Match", "*"));
        if (made.Refusal is not { Code: not "PreconditionFailed" } refused) return call.Go(ConsolePath.Bucket(bucket), ("prefix", $"{prefix}{name}/"), ("folder", "1"));
        return await Show(call, FormProblem.Of(refused), refused.Status, ct);
    }

    private static async ValueTask<Reply> Show(ConsoleCall call, FormProblem? problem, int status, CancellationToken ct)
    {
        var (bucket, prefix, hasVersions, after) = (call.Path["bucket"], call.Query("prefix") ?? "", call.Query("versions") is not null, call.Query("after"));
        var most = OnPage.ToString(CultureInfo.InvariantCulture);
        var listed = await call.Api.Xml(
            ConsoleApi.PathOf(bucket),
            hasVersions
                ? ConsoleApi.Query(("versions", ""), ("prefix", prefix), ("delimiter", "/"), ("encoding-type", "url"), ("max-keys", most), ("key-marker", after), ("version-id-marker", after is null ? null : call.Query("version")))
                : ConsoleApi.Query(("list-type", "2"), ("prefix", prefix), ("delimiter", "/"), ("encoding-type", "url"), ("max-keys", most), ("continuation-token", after)),
            ct);
        var lines = listed.Elements().Where(each => each.Name.LocalName == "CommonPrefixes").Select(each => new ObjectLine(each.Name("Prefix"), true))
            .Concat(listed.Elements().Where(each => each.Name.LocalName is "Contents" or "Version" or "DeleteMarker").Select(Line)).ToList();
        var isCut = listed.Of("IsTruncated") == "true";
        var next = !isCut ? null : hasVersions ? listed.Name("NextKeyMarker") : listed.Of("NextContinuationToken");
        var page = await call.Page<ObjectsPage>(new ObjectsModel(
            bucket, prefix, hasVersions, after is null, lines, next, isCut && hasVersions ? listed.Of("NextVersionIdMarker") : null, call.Place.ObjectsFor(call.Request), problem), status);
        return ConsoleDialect.MaySend(page, call);
    }

    internal static ObjectLine Line(XElement listed) => new(listed.Name("Key"), false)
    {
        Size = long.TryParse(listed.Of("Size"), NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : 0,
        Modified = Text.ReadTime(listed.Of("LastModified")),
        StorageClass = listed.Of("StorageClass"),
        VersionId = listed.Of("VersionId"),
        IsLatest = listed.Of("IsLatest") is null or "true",
        IsMarker = listed.Name.LocalName == "DeleteMarker",
    };
}
