using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Xml.Linq;
using ZenkoFunctions.Cli.Remote;

namespace ZenkoFunctions.Cli.Searching;

/// <summary>An object or version that was found.</summary>
internal sealed record Finding(string Key, long? Size, string Modified, string? ETag, string? StorageClass)
{
    /// <summary>Where versions are searched for: its id.</summary>
    public string? VersionId { get; init; }

    /// <summary>Where versions are searched for: whether it is the current one.</summary>
    public bool? IsLatest { get; init; }

    /// <summary>Where versions are searched for: whether it is a delete marker.</summary>
    public bool? IsDeleteMarker { get; init; }
}

/// <summary>What a search finds, page by page, written as it comes.</summary>
internal static class Findings
{
    /// <summary>Writes all that is found; the exit code.</summary>
    public static async Task<int> Show(RemoteServer server, string bucket, string expression, string? prefix, bool versions, bool json, CancellationToken ct)
    {
        var count = 0L;
        await foreach (var found in All(server, bucket, expression, prefix, versions, ct))
        {
            if (json)
            {
                await Console.Out.WriteLineAsync(JsonSerializer.Serialize(found, FindingsJson.Default.Finding));
                continue;
            }
            // Columns are as wide as what can stand in them, but for the key at the end: nothing has to be held until all is there.
            if (count++ == 0) await Console.Out.WriteLineAsync(Line("MODIFIED", "SIZE", versions ? "VERSION" : null, "KEY"));
            var size = found.IsDeleteMarker == true ? "deleted" : found.Size?.ToString("N0", CultureInfo.InvariantCulture) ?? "";
            await Console.Out.WriteLineAsync(Line(found.Modified, size, versions ? found.VersionId + (found.IsLatest == true ? " *" : "") : null, Printable(found.Key)));
        }
        if (!json) await Console.Error.WriteLineAsync(count == 1 ? "1 found." : $"{count.ToString("N0", CultureInfo.InvariantCulture)} found.");
        return ExitCode.Done;
    }

    /// <summary>A time as the columns have it.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Line(string modified, string size, string? version, string key) =>
        $"{modified,-24}  {size,15}  {(version is null ? "" : version.PadRight(34) + "  ")}{key}";

    // A key is what somebody else has chosen: it must not speak to the terminal.
    private static string Printable(string key) => key.Any(char.IsControl) ? string.Concat(key.Select(unit => char.IsControl(unit) ? $"%{(int)unit:X2}" : unit.ToString())) : key;

    private static async IAsyncEnumerable<Finding> All(
        RemoteServer server, string bucket, string expression, string? prefix, bool versions, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        SortedDictionary<string, string> query = new(StringComparer.Ordinal) { ["encoding-type"] = "url", ["search"] = expression, [versions ? "versions" : "list-type"] = versions ? "" : "2" };
        if (prefix is not null) query["prefix"] = prefix;
        while (true)
        {
            var text = string.Join('&', query.Select(each => $"{each.Key}={RemoteServer.Segment(each.Value)}"));
            using var bytes = new MemoryStream(await server.Send("GET", "/" + RemoteServer.Segment(bucket), null, text, ct));
            var page = await XElement.LoadAsync(bytes, LoadOptions.None, ct);
            var ns = page.Name.Namespace;
            string? Of(XElement element, string name) => element.Element(ns + name)?.Value;
            foreach (var element in page.Elements())
            {
                var isMarker = element.Name.LocalName == "DeleteMarker";
                if (!isMarker && element.Name.LocalName is not ("Contents" or "Version")) continue;
                yield return new(
                    Uri.UnescapeDataString(Of(element, "Key")!), long.TryParse(Of(element, "Size"), CultureInfo.InvariantCulture, out var size) ? size : null, Of(element, "LastModified")!,
                    Of(element, "ETag")?.Trim('"'), Of(element, "StorageClass"))
                {
                    VersionId = Of(element, "VersionId"), IsLatest = versions ? Of(element, "IsLatest") == "true" : null, IsDeleteMarker = versions ? isMarker : null,
                };
            }
            if (Of(page, "IsTruncated") != "true") yield break;
            foreach (var (name, from) in ((string, string)[])[("continuation-token", "NextContinuationToken"), ("key-marker", "NextKeyMarker"), ("version-id-marker", "NextVersionIdMarker")])
            {
                query.Remove(name);
                if (Of(page, from) is { } next) query[name] = name == "key-marker" ? Uri.UnescapeDataString(next) : next;
            }
        }
    }
}

/// <summary>What is found, as lines of JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Finding))]
internal sealed partial class FindingsJson : JsonSerializerContext;
