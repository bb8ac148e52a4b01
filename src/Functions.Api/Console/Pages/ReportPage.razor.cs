using System.Text.Json.Nodes;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>What the page of a report shows.</summary>
public sealed record ReportModel(
    string Id, string Bucket, string Site, bool IsComplete, long Different, string Told, IReadOnlyList<(string Name, string Value)> Found, IReadOnlyList<(string Name, string Value)> Proof, JsonArray Differences);

public partial class ReportPage
{
    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct)
    {
        var report = JsonNode.Parse((await call.Api.Do("GET", PathOf(call), "", ct)).Body.Span)!.AsObject();
        var (counts, settings, isComplete) = (report["counts"]!, report["settings"]!, report["isComplete"]!.GetValue<bool>());
        var (versions, different, pending) = (Of("versions"), Of("different"), Of("pending"));
        var found = new List<(string, string)> { ("Versions here", Text.Number(versions)), ("The same there", $"{Text.Number(Of("same"))} ({Text.Bytes(Of("sameBytes"))})") };
        if (pending > 0) found.Add(("On their way", Text.Number(pending)));
        if (Of("superseded") > 0) found.Add(("Older, where no versions are kept", Text.Number(Of("superseded"))));
        foreach (var (reason, count) in report["reasons"] as JsonObject ?? []) found.Add((TaskKinds.Reasons.GetValueOrDefault(reason, reason), Text.Number(count!.GetValue<long>())));
        List<string> how = ["names, sizes and ETags"];
        if (Is("hasMetadata")) how.Add("headers and metadata");
        if (Is("hasTags")) how.Add("tags");
        if (Is("deep")) how.Add("all bytes");
        return await call.Page<ReportPage>(new ReportModel(
            Said("id"), Said("bucket"), Said("site"), isComplete, different,
            isComplete ? $"Complete: each of {Text.Count(versions, "version")} that belongs there is there, and is what it should be."
            : different > 0 ? $"Not complete: {Text.Count(different, "difference")} among {Text.Count(versions, "version")}{(Is("reportOnly") ? "; nothing was changed." : ". What could be sent again was.")}"
            : $"Not complete yet: {Text.Count(pending, "copy is", "copies are")} on the way.",
            found,
            [
                ("Compared", string.Join(", ", how)), ("Older versions", Is("keepsVersions") ? "Looked for, too" : "Not kept there"), ("Began", Time("began")), ("Ended", Time("ended")),
                ("Report", Said("id")), ("Key", Said("key")), ("Signature", report["signature"]?["value"]?.GetValue<string>() ?? "None"), ("Algorithm", report["signature"]?["alg"]?.GetValue<string>() ?? "None"),
            ],
            (report["differences"] as JsonArray)?.DeepClone().AsArray() ?? []));

        long Of(string count) => counts[count]?.GetValue<long>() ?? 0;
        bool Is(string setting) => settings[setting]?.GetValue<bool>() == true;
        string Said(string member) => report[member]!.GetValue<string>();
        string Time(string member) => Text.ReadTime(Said(member)) is { } at ? Text.Time(at) : "";
    }

    /// <summary>As it was signed, byte for byte.</summary>
    internal static async ValueTask<Reply> Download(ConsoleCall call, CancellationToken ct)
    {
        var signed = await call.Api.Do("GET", PathOf(call), "", ct);
        return Reply.Document(signed.Body.ToArray(), "application/json").With("Content-Disposition", $"attachment; filename=\"report-{call.Path["bucket"]}-{call.Path["site"]}.json\"");
    }

    private static string PathOf(ConsoleCall call) =>
        $"{WalkTold.Api}/reports/{Uri.EscapeDataString(call.Path["bucket"])}/{Uri.EscapeDataString(call.Path["site"])}/{Uri.EscapeDataString(call.Path["id"])}";
}
