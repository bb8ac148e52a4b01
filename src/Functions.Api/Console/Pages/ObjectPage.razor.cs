using System.Globalization;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>What the page of an object, or of one version of it, shows.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Key">The object's key.</param>
/// <param name="VersionId">The version that was asked for; null for the current one.</param>
/// <param name="IsMarker">Whether that is a delete marker.</param>
/// <param name="Facts">What the server knows of it.</param>
/// <param name="Metadata">What its writer said of it.</param>
/// <param name="Tags">Its tags; null where the person may not read them.</param>
/// <param name="Versions">The newest versions; none where the person may not list them.</param>
/// <param name="HasMoreVersions">Whether there are more.</param>
public sealed record ObjectModel(
    string Bucket, string Key, string? VersionId, bool IsMarker, IReadOnlyList<(string Name, string Value)> Facts, IReadOnlyList<(string Name, string Value)> Metadata,
    IReadOnlyList<(string Name, string Value)>? Tags, IReadOnlyList<ObjectLine> Versions, bool HasMoreVersions);

public partial class ObjectPage
{
    private const string MetadataPrefix = "x-amz-meta-";
    private const int MostVersions = 50;

    private static readonly TimeSpan LinkLifetime = TimeSpan.FromMinutes(5);

    private static readonly (string Header, string Name)[] Told =
    [
        ("Content-Type", "Type"), ("ETag", "ETag"), ("x-amz-version-id", "Version"), ("x-amz-storage-class", "Storage class"), ("x-amz-server-side-encryption", "Encryption"),
        ("x-amz-replication-status", "Replication"), ("x-amz-object-lock-mode", "Retention"), ("x-amz-object-lock-retain-until-date", "Retained until"),
        ("x-amz-object-lock-legal-hold", "Legal hold"), ("Cache-Control", "Cache control"), ("Content-Encoding", "Encoding"), ("Content-Disposition", "Disposition"), ("Content-Language", "Language"), ("x-amz-expiration", "Expiration"),
    ];

    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct)
    {
        if (call.Query("key") is not { } key) return await call.Problem(404, "There is no such object", "Go back to the bucket and choose one.");
        var (bucket, version) = (call.Path["bucket"], call.Query("version"));
        var path = ConsoleApi.PathOf(bucket, key);
        var head = await call.Api.Send("HEAD", path, ConsoleApi.Query(("versionId", version)), ct);
        var isMarker = head.Reply.Header("x-amz-delete-marker") == "true";
        if (head.Code is not null && !isMarker) head.OrThrow();
        var tags = isMarker ? null : await call.Api.Send("GET", path, "?tagging" + ConsoleApi.Query(("versionId", version)).Replace('?', '&'), ct);
        var versions = await call.Api.Send("GET", ConsoleApi.PathOf(bucket), ConsoleApi.Query(
            ("versions", ""), ("prefix", key), ("encoding-type", "url"), ("max-keys", (MostVersions + 1).ToString(CultureInfo.InvariantCulture))), ct);
        var lines = versions.Code is not null ? [] : versions.Xml().Elements().Where(each => each.Name.LocalName is "Version" or "DeleteMarker").Select(ObjectsPage.Line).Where(line => line.Key == key).ToList();
        return await call.Page<ObjectPage>(new ObjectModel(
            bucket, key, version, isMarker, Facts(head.Reply, isMarker),
            [.. head.Reply.Headers.Where(header => header.Key.StartsWith(MetadataPrefix, StringComparison.OrdinalIgnoreCase)).Select(header => (header.Key[MetadataPrefix.Length..], header.Value))],
            tags is null ? [] : tags.Code is not null ? null : [.. tags.Xml().All("Tag").Select(tag => (tag.Of("Key") ?? "", tag.Of("Value") ?? ""))],
            [.. lines.Take(MostVersions)], lines.Count > MostVersions));
    }

    /// <summary>Sends the browser to where objects are: this origin never has any. Policies judge the link when it is followed.</summary>
    internal static async ValueTask<Reply> Download(ConsoleCall call, CancellationToken ct)
    {
        if (call.Query("key") is not { } key) return await call.Problem(404, "There is no such object", "Go back to the bucket and choose one.");
        var (bucket, version) = (call.Path["bucket"], call.Query("version"));
        // So that what cannot be got is told here, where somebody is to read it.
        await call.Api.Do("HEAD", ConsoleApi.PathOf(bucket, key), ConsoleApi.Query(("versionId", version)), ct);
        return Reply.Empty(303).With("Location", Presigned.Download(call, bucket, key, version, LinkLifetime));
    }

    private static List<(string, string)> Facts(Reply head, bool isMarker)
    {
        List<(string, string)> facts = [];
        var size = head.ContentLength;
        if (!isMarker && size is { } bytes) facts.Add(("Size", bytes < 1024 ? Text.Bytes(bytes) : $"{Text.Bytes(bytes)} ({Text.Number(bytes)} bytes)"));
        if (Text.ReadTime(head.Header("Last-Modified")) is { } at) facts.Add(("Modified", Text.Time(at)));
        foreach (var (header, name) in Told)
            if (head.Header(header) is { } value) facts.Add((name, value.Trim('"')));
        return facts;
    }
}
