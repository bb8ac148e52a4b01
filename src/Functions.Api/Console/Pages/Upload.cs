using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>
/// What the script of a folder asks for while it sends files: links for each part, the list of what has arrived, and the end. It is answered
/// in JSON; bytes go straight to where objects are.
/// </summary>
internal static class Upload
{
    private const long MiB = 1024 * 1024;

    // Azure lets no more than 100 MB through at once.
    private const long LargestWhole = 16 * MiB, SmallestPart = 8 * MiB, LargestPart = 64 * MiB;

    private const int MostParts = 10_000, MostLinks = 32;

    // A part is to be begun in that time, not to be through.
    private static readonly TimeSpan LinkLifetime = TimeSpan.FromMinutes(15);

    /// <summary>Begins an object: a link for all of it, or the name of an upload in parts; or says that there is one of that name already.</summary>
    public static ValueTask<Reply> Begin(ConsoleCall call, CancellationToken ct) => InJson(call, async (bucket, key) =>
    {
        if (!long.TryParse(call.Form["size"], NumberStyles.None, CultureInfo.InvariantCulture, out var size)) throw Wrong("A size is missing.");
        if (size > MostParts * LargestPart) throw Wrong($"Browsers can send up to {Text.Bytes(MostParts * LargestPart)}; send it with aws s3 cp.");
        if (key.Split('/').Any(segment => segment is "." or "..")) throw Wrong("A browser cannot send anything to a folder that is called . or ..; rename it, or use aws s3 cp.");
        var path = ConsoleApi.PathOf(bucket, key);
        if (call.Form["replace"] is null && (await call.Api.Send("HEAD", path, "", ct)).Code is null) return new() { ["exists"] = true };
        if (size <= LargestWhole) return new() { ["link"] = Presigned.Link(call, "PUT", bucket, key, LinkLifetime) };
        var begun = await call.Api.Do("POST", path, "?uploads=", ct, headers: ("Content-Type", call.Form["type"] is { } type && !type.Any(char.IsControl) ? type : "application/octet-stream"));
        return new() { ["upload"] = begun.Xml().Of("UploadId"), ["part"] = PartSize(size) };
    });

    /// <summary>Links for some parts, in the order in which they are asked for.</summary>
    public static ValueTask<Reply> Sign(ConsoleCall call, CancellationToken ct) => InJson(call, (bucket, key) =>
    {
        var numbers = (call.Form["parts"] ?? "").Split(',');
        if (numbers.Length > MostLinks || numbers.Any(number => !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var part) || part is < 1 or > MostParts)) throw Wrong("These are no numbers of parts.");
        return ValueTask.FromResult(new JsonObject
        {
            ["links"] = new JsonArray([.. numbers.Select(number => (JsonNode)Presigned.Link(call, "PUT", bucket, key, LinkLifetime, ("partNumber", number), ("uploadId", UploadId(call))))]),
        });
    });

    /// <summary>What has arrived of an upload: number, size and ETag of each part.</summary>
    public static ValueTask<Reply> Parts(ConsoleCall call, CancellationToken ct) => InJson(call, async (bucket, key) =>
    {
        JsonArray parts = [];
        for (string? marker = null; parts.Count < MostParts;)
        {
            var page = await call.Api.Xml(ConsoleApi.PathOf(bucket, key), ConsoleApi.Query(("uploadId", UploadId(call)), ("part-number-marker", marker)), ct);
            foreach (var part in page.All("Part")) parts.Add((JsonNode)new JsonArray(Number(part, "PartNumber"), Number(part, "Size"), ETag(part.Of("ETag"))));
            if (page.Of("IsTruncated") != "true") break;
            marker = page.Of("NextPartNumberMarker");
        }
        return new() { ["parts"] = parts };
    });

    /// <summary>Makes the object of its parts, whose ETags are told in order.</summary>
    public static ValueTask<Reply> Complete(ConsoleCall call, CancellationToken ct) => InJson(call, async (bucket, key) =>
    {
        var etags = call.Form["etags"] ?? "";
        if (etags.Any(char.IsControl)) throw Wrong("These are no ETags.");
        var parts = etags.Split(',').Select((etag, i) => new XElement("Part", new XElement("PartNumber", i + 1), new XElement("ETag", etag)));
        var body = new XElement("CompleteMultipartUpload", parts).Bytes();
        var done = await call.Api.Do("POST", ConsoleApi.PathOf(bucket, key), ConsoleApi.Query(("uploadId", UploadId(call))), ct, body);
        return new() { ["etag"] = ETag(done.Xml().Of("ETag")) };
    });

    /// <summary>Gives an upload up; what has arrived of it goes.</summary>
    public static ValueTask<Reply> Abort(ConsoleCall call, CancellationToken ct) => InJson(call, async (bucket, key) =>
    {
        await call.Api.Do("DELETE", ConsoleApi.PathOf(bucket, key), ConsoleApi.Query(("uploadId", UploadId(call))), ct);
        return [];
    });

    /// <summary>The least that 10,000 parts do with, in whole MiB.</summary>
    internal static long PartSize(long size) => Math.Max(SmallestPart, (size + MostParts * MiB - 1) / (MostParts * MiB) * MiB);

    private static async ValueTask<Reply> InJson(ConsoleCall call, Func<string, string, ValueTask<JsonObject>> answer)
    {
        try
        {
            return Answered(await answer(call.Path["bucket"], call.Form.Exact("key") is { Length: > 0 } key ? key : throw Wrong("A name is missing.")), 200);
        }
        catch (ConsoleException e)
        {
            return Answered(new() { ["code"] = e.Code, ["title"] = e.Title, ["detail"] = e.Message, ["advice"] = e.Advice }, e.Status);
        }
    }

    private static Reply Answered(JsonObject answer, int status) => Reply.Document(Encoding.UTF8.GetBytes(answer.ToJsonString()), "application/json", status);

    private static string UploadId(ConsoleCall call) => call.Form["upload"] ?? throw Wrong("The upload is missing.");

    private static long Number(XElement part, string name) => long.Parse(part.Of(name)!, CultureInfo.InvariantCulture);

    private static string ETag(string? etag) => (etag ?? "").Trim('"');

    private static ConsoleException Wrong(string detail) => new(400, "InvalidRequest", detail);
}
