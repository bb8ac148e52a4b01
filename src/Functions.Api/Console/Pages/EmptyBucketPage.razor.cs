using System.Globalization;
using System.Xml.Linq;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>How far the emptying of a bucket is.</summary>
/// <param name="State">As the API says it.</param>
/// <param name="Prefix">Of the keys that go; null for all.</param>
/// <param name="Total">About how many versions there were.</param>
/// <param name="Versions">How many were looked at.</param>
/// <param name="Removed">How many went.</param>
/// <param name="Bytes">Of those.</param>
/// <param name="Uploads">Unfinished ones that were ended.</param>
/// <param name="Kept">How many stay, as something holds them.</param>
/// <param name="Trouble">Why it does not go on; null where it does.</param>
public sealed record EmptyingWork(string State, string? Prefix, long Total, long Versions, long Removed, long Bytes, long Uploads, long Kept, string? Trouble)
{
    /// <summary>Whether it goes on.</summary>
    public bool IsRunning => State == "running";

    /// <summary>What it does or did.</summary>
    public string Title => (State switch { "running" => "Being emptied", "done" => Kept == 0 ? "Emptied" : "Emptied, but for what is kept", "cancelled" => "Stopped", _ => "Could not go on" }) + (Prefix is null ? "" : $": {Prefix}");

    /// <summary>How far it is.</summary>
    public string Told =>
        $"{Text.Count(Removed, "version")} removed ({Text.Bytes(Bytes)}), {Text.Count(Uploads, "unfinished upload")} ended, {Text.Number(Kept)} kept{(IsRunning && Total > 0 ? $"; about {Text.Number(Total)} were there" : "")}.";
}

/// <summary>What the page that empties a bucket shows.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Prefix">Of what is to go; empty for everything.</param>
/// <param name="Work">The emptying under way, or the last one; null for none.</param>
/// <param name="Problem">Why it was not begun; null where nobody tried.</param>
public sealed record EmptyBucketModel(string Bucket, string Prefix, EmptyingWork? Work, FormProblem? Problem);

public partial class EmptyBucketPage
{
    private const string Path = "zenkofn-empty";

    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct) => await Page(call, call.Query("prefix") ?? "", null, 200, ct);

    internal static async ValueTask<Reply> Start(ConsoleCall call, CancellationToken ct)
    {
        var (bucket, prefix) = (call.Path["bucket"], call.Form["prefix"]);
        if (call.Form["name"] != bucket) return await Page(call, prefix ?? "", new("That is not its name", "", $"Nothing was removed. Type {bucket} to empty it."), 400, ct);
        var answer = await call.Api.Send("POST", ConsoleApi.PathOf(bucket), ConsoleApi.Query((Path, ""), ("prefix", prefix)), ct);
        return await Went(call, answer, prefix, ct);
    }

    internal static async ValueTask<Reply> Cancel(ConsoleCall call, CancellationToken ct) =>
        await Went(call, await call.Api.Send("DELETE", ConsoleApi.PathOf(call.Path["bucket"]), "?" + Path, ct), null, ct);

    private static async ValueTask<Reply> Went(ConsoleCall call, ApiAnswer answer, string? prefix, CancellationToken ct)
    {
        if (answer.Refusal is not { } refused) return call.Go(ConsolePath.Bucket(call.Path["bucket"], "empty"));
        return await Page(call, prefix ?? "", FormProblem.Of(refused), refused.Status, ct);
    }

    private static async ValueTask<Reply> Page(ConsoleCall call, string prefix, FormProblem? problem, int status, CancellationToken ct)
    {
        var bucket = call.Path["bucket"];
        await call.Api.Do("HEAD", ConsoleApi.PathOf(bucket), "", ct);
        // Who may not see how far it is may still try.
        var answer = await call.Api.Send("GET", ConsoleApi.PathOf(bucket), "?" + Path, ct);
        return await call.Page<EmptyBucketPage>(new EmptyBucketModel(bucket, prefix, answer.Code is null ? Read(answer.Xml()) : null, problem), status);
    }

    private static EmptyingWork Read(XElement told)
    {
        return new(
            told.Of("State") ?? "", told.Of("Prefix"), Number("Total"), Number("Versions"), Number("Removed"), Number("RemovedBytes"), Number("Aborted"), Number("Kept"), told.Of("Trouble"));

        long Number(string name) => long.TryParse(told.Of(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }
}
