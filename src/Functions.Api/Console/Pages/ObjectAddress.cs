using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>The object, or the version of one, that a page is about.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Key">The object's key.</param>
/// <param name="VersionId">The version; null for the current one.</param>
public sealed record ObjectAddress(string Bucket, string Key, string? VersionId)
{
    /// <summary>Its path in the API.</summary>
    internal string Path => ConsoleApi.PathOf(Bucket, Key);

    /// <summary>Its version as a query of the API.</summary>
    internal string Query => ConsoleApi.Query(("versionId", VersionId));

    /// <summary>The file's name.</summary>
    internal string Name => Key.TrimEnd('/').Split('/')[^1] is { Length: > 0 } name ? name : Key;

    /// <summary>The folder that it is in, with its slash; empty for the bucket itself.</summary>
    internal string Folder => Key[..(Key.TrimEnd('/').LastIndexOf('/') + 1)];

    /// <summary>By which a form names it among others.</summary>
    internal string Pick => ConsoleApi.Query(("key", Key), ("version", VersionId))[1..];

    /// <summary>What a page's address says.</summary>
    /// <exception cref="ConsoleException">It names none.</exception>
    internal static ObjectAddress Of(ConsoleCall call) => call.Request.Query["key"] is { Length: > 0 } key
        ? new(call.Path["bucket"], key, call.Query("version"))
        : throw new ConsoleException(S3Errors.NoSuchKey.Status, S3Errors.NoSuchKey.Code, "No object is named.");

    /// <summary>A subresource of it, as a query of the API.</summary>
    internal string Sub(string name) => ConsoleApi.Query((name, ""), ("versionId", VersionId));

    /// <summary>A link to a page about it.</summary>
    /// <param name="call">From where.</param>
    /// <param name="page">Below the object's own; null for that.</param>
    /// <param name="done">What its note is about; null for none.</param>
    internal string Link(ConsoleCall call, string? page = null, string? done = null) => call.Link(PageOf(page), Parameters(done));

    /// <summary>Has the browser show a page about it.</summary>
    internal Reply Go(ConsoleCall call, string? page = null, string? done = null) => call.Go(PageOf(page), Parameters(done));

    /// <summary>Links to what it is in.</summary>
    internal IReadOnlyList<(string, string)> Trail(ConsoleCall call, bool isBelow)
    {
        var bucket = ConsolePath.Bucket(Bucket);
        return
        [
            ("Buckets", call.Link("buckets")), (Bucket, call.Link(bucket)),
            .. Folder.Length == 0 ? (IEnumerable<(string, string)>)[] : [(Folder.TrimEnd('/'), call.Link(bucket, ("prefix", Folder)))],
            .. isBelow ? (IEnumerable<(string, string)>)[(Name, Link(call))] : [],
        ];
    }

    private string PageOf(string? page) => ConsolePath.Bucket(Bucket, page is null ? "object" : "object/" + page);

    private (string, string?)[] Parameters(string? done) => [("key", Key), ("version", VersionId), ("done", done)];
}
