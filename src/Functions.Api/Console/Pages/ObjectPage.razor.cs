using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>What the page of an object, or of one version of it, shows.</summary>
/// <param name="At">The object; its version, where one was asked for.</param>
/// <param name="IsMarker">Whether that is a delete marker.</param>
/// <param name="Facts">What the server knows of it.</param>
/// <param name="Metadata">What its writer said of it.</param>
/// <param name="Tags">Its tags; null where the person may not read them.</param>
/// <param name="Versions">The newest versions; none where the person may not list them.</param>
/// <param name="HasMoreVersions">Whether there are more.</param>
public sealed record ObjectModel(
    ObjectAddress At, bool IsMarker, IReadOnlyList<(string Name, string Value)> Facts, IReadOnlyList<(string Name, string Value)> Metadata,
    IReadOnlyList<(string Name, string Value)>? Tags, IReadOnlyList<ObjectLine> Versions, bool HasMoreVersions)
{
    /// <summary>Whether versions of its bucket may be retained.</summary>
    public bool MayBeLocked { get; init; }

    /// <summary>Where a picture of it is, at the objects' origin; null for none.</summary>
    public string? Picture { get; init; }

    /// <summary>The beginning of its text; null for none.</summary>
    public string? Text { get; init; }

    /// <summary>Whether there is more of it.</summary>
    public bool IsTextCut { get; init; }
}

public partial class ObjectPage
{
    internal const int MostText = 64 * 1024;

    private const int MostVersions = 50;
    private const long MostPicture = 32 * 1024 * 1024;

    // Of those that browsers draw only such as cannot hold a script.
    private static readonly FrozenSet<string> Pictures = new[] { "image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp" }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly TimeSpan LinkLifetime = TimeSpan.FromMinutes(5);

    private static readonly (string Header, string Name)[] Told =
    [
        ("Content-Type", "Type"), ("ETag", "ETag"), ("x-amz-version-id", "Version"), ("x-amz-storage-class", "Storage class"), ("x-amz-server-side-encryption", "Encryption"),
        ("x-amz-replication-status", "Replication"), ("x-amz-object-lock-mode", "Retention"), ("x-amz-object-lock-retain-until-date", "Retained until"),
        ("x-amz-object-lock-legal-hold", "Legal hold"), ("Cache-Control", "Cache control"), ("Content-Encoding", "Encoding"), ("Content-Disposition", "Disposition"), ("Content-Language", "Language"), ("x-amz-expiration", "Expiration"),
    ];

    internal static ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct) => Show(call, ObjectAddress.Of(call), ct);

    /// <summary>Copies an older version onto the object: it becomes the newest, and itself stays.</summary>
    internal static async ValueTask<Reply> Restore(ConsoleCall call, CancellationToken ct)
    {
        var at = ObjectAddress.Of(call);
        await call.Api.Do("PUT", at.Path, "", ct, null, ("x-amz-copy-source", at.Path + at.Query));
        return (at with { VersionId = null }).Go(call, done: "restored");
    }

    /// <summary>Removes the delete marker that hides an object.</summary>
    internal static async ValueTask<Reply> Undelete(ConsoleCall call, CancellationToken ct)
    {
        var at = ObjectAddress.Of(call);
        // Of a version that is no marker this would be its deletion.
        var head = await call.Api.Send("HEAD", at.Path, at.Query, ct);
        if (head.Reply.Header("x-amz-delete-marker") != "true") return at.Go(call);
        await call.Api.Do("DELETE", at.Path, at.Query, ct);
        return (at with { VersionId = null }).Go(call, done: "undeleted");
    }

    /// <summary>Sends the browser to where objects are: this origin never has any. Policies judge the link when it is followed.</summary>
    internal static async ValueTask<Reply> Download(ConsoleCall call, CancellationToken ct)
    {
        var at = ObjectAddress.Of(call);
        // So that what cannot be got is told here, where somebody is to read it.
        await call.Api.Do("HEAD", at.Path, at.Query, ct);
        return Reply.Empty(303).With("Location", Presigned.Download(call, at.Bucket, at.Key, at.VersionId, LinkLifetime));
    }

    private static async ValueTask<Reply> Show(ConsoleCall call, ObjectAddress at, CancellationToken ct)
    {
        var head = await call.Api.Send("HEAD", at.Path, at.Query, ct);
        var isMarker = head.Reply.Header("x-amz-delete-marker") == "true";
        if (head.Code is not null && !isMarker) head.OrThrow();
        var tags = isMarker ? null : await call.Api.Send("GET", at.Path, at.Sub("tagging"), ct);
        var versions = await call.Api.Send("GET", ConsoleApi.PathOf(at.Bucket), ConsoleApi.Query(
            ("versions", ""), ("prefix", at.Key), ("encoding-type", "url"), ("max-keys", (MostVersions + 1).ToString(CultureInfo.InvariantCulture))), ct);
        var lines = versions.Code is not null ? [] : versions.Xml().Elements().Where(each => each.Name.LocalName is "Version" or "DeleteMarker").Select(ObjectsPage.Line).Where(line => line.Key == at.Key).ToList();
        var model = new ObjectModel(
            at, isMarker, Facts(head.Reply, isMarker), MetadataPage.Own(head.Reply), tags is null ? [] : tags.Code is not null ? null : TagsPage.Read(tags.Xml()), [.. lines.Take(MostVersions)], lines.Count > MostVersions)
        {
            MayBeLocked = !isMarker && (await call.Api.Send("GET", ConsoleApi.PathOf(at.Bucket), "?object-lock", ct)).Code is null or "AccessDenied",
        };
        var size = head.Reply.ContentLength ?? 0;
        if (isMarker || size == 0 || head.Reply.Header("Content-Encoding") is not null) return await call.Page<ObjectPage>(model);
        var type = (head.Reply.Header("Content-Type") ?? "").Split(';')[0].Trim().ToLowerInvariant();
        if (Pictures.Contains(type) && size <= MostPicture)
        {
            // As what it says that it is, whatever it is: it is drawn, or it is not.
            var picture = Presigned.Link(call, "GET", at.Bucket, at.Key, LinkLifetime, ("response-content-disposition", "inline"), ("response-content-type", type), ("versionId", at.VersionId));
            return ConsoleDialect.MayShow(await call.Page<ObjectPage>(model with { Picture = picture }), call);
        }
        if (IsText(type) && await call.Api.Begin(at, MostText, ct) is { } bytes && !bytes.Contains((byte)0))
            model = model with { Text = Whole(bytes, size > bytes.Length), IsTextCut = size > bytes.Length };
        return await call.Page<ObjectPage>(model);
    }

    private static bool IsText(string type) =>
        type.StartsWith("text/", StringComparison.Ordinal) || type.EndsWith("+json", StringComparison.Ordinal) || type.EndsWith("+xml", StringComparison.Ordinal)
        || type is "application/json" or "application/xml" or "application/yaml" or "application/x-yaml" or "application/javascript" or "application/toml" or "application/sql" or "application/x-sh" or "application/x-ndjson";

    // A character that the cut has halved is left out.
    private static string Whole(byte[] bytes, bool isCut)
    {
        var end = bytes.Length;
        if (isCut) while (end > 0 && end > bytes.Length - 4 && (bytes[end - 1] & 0xC0) == 0x80) end--;
        if (isCut && end > 0 && bytes[end - 1] >= 0xC0) end--;
        return Encoding.UTF8.GetString(bytes, 0, end);
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
