using System.Globalization;
using System.Text.Json.Nodes;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>Long work, as the API tells of it: what the console calls a task.</summary>
public sealed class WalkTold
{
    internal const string Api = "/_/management/replication";

    private readonly JsonObject document;

    private WalkTold(JsonObject document) => this.document = document;

    /// <summary>Names it.</summary>
    public string Id => Text("id")!;

    /// <summary>What for, as the API calls it.</summary>
    public string Purpose => document["request"]!["purpose"]!.GetValue<string>();

    /// <summary>The bucket; null for all.</summary>
    public string? Bucket => document["request"]!["bucket"]?.GetValue<string>();

    /// <summary>The location; null for all, or none.</summary>
    public string? Site => document["request"]!["site"]?.GetValue<string>();

    /// <summary>Whether it changes nothing.</summary>
    public bool IsReportOnly => document["request"]!["reportOnly"]?.GetValue<bool>() == true;

    /// <summary>Whether bytes are compared, too.</summary>
    public bool IsDeep => document["request"]!["deep"]?.GetValue<bool>() == true;

    /// <summary>running, done, failed or cancelled.</summary>
    public string State => Text("state")!;

    /// <summary>Whether it is under way.</summary>
    public bool IsRunning => State == "running";

    /// <summary>When it began.</summary>
    public DateTimeOffset Since => Console.Text.ReadTime(Text("since")) ?? default;

    /// <summary>When it last told how far it is.</summary>
    public DateTimeOffset At => Console.Text.ReadTime(Text("at")) ?? default;

    /// <summary>About how many versions there were when it began; 0 where that is not known.</summary>
    public long Total => document["total"]?.GetValue<long>() ?? 0;

    /// <summary>What it waits for; null for nothing.</summary>
    public string? Waiting => Text("waiting");

    /// <summary>Why it failed; null where it did not.</summary>
    public string? Trouble => Text("trouble");

    /// <summary>The id of its report; null for none.</summary>
    public string? Report => Text("report");

    /// <summary>What it is, in a few words.</summary>
    public string Title => TaskKinds.Find(Purpose)?.Title ?? TaskKinds.Inner.GetValueOrDefault(Purpose, Purpose);

    /// <summary>How its state looks.</summary>
    public string? Tone => State switch { "done" => "good", "failed" => "bad", "cancelled" => "warn", _ => null };

    /// <summary>Its state, in a word.</summary>
    public string StateTold => State switch { "done" => "Done", "failed" => "Failed", "cancelled" => "Cancelled", _ => Waiting is null ? "Running" : "Waiting" };

    /// <summary>How much of it is done, of 100; null where that is not known.</summary>
    public int? Percent => State == "done" ? 100 : Total > 0 && Of("versions") > 0 ? (int)Math.Min(99, 100 * Of("versions") / Total) : null;

    /// <summary>Objects a second since it began; null where there is nothing to tell.</summary>
    public double? Rate => (At - Since).TotalSeconds is >= 1 and var seconds && Seen > 0 ? Seen / seconds : null;

    /// <summary>What it has looked at.</summary>
    public long Seen => Math.Max(Of("versions"), Of("keys"));

    /// <summary>What it has found and done, in words; nothing that is none.</summary>
    public IReadOnlyList<(string Name, string Value)> Counts => [.. TaskKinds.Counts.Select(count => (count.Name, Value: Of(count.Member), count.IsBytes))
        .Where(count => count.Value > 0).Select(count => (count.Name, count.IsBytes ? Console.Text.Bytes(count.Value) : Console.Text.Number(count.Value)))];

    /// <summary>A number of its counts.</summary>
    public long Of(string count) => document["counts"]?[count]?.GetValue<long>() ?? 0;

    /// <summary>The differences that are told one by one.</summary>
    internal JsonArray Differences => document["differences"] as JsonArray ?? [];

    /// <summary>All of them, those first that told something last. Parts of others are not told.</summary>
    internal static async ValueTask<IReadOnlyList<WalkTold>> All(ConsoleCall call, CancellationToken ct)
    {
        List<WalkTold> told = [];
        await foreach (var page in call.Api.Pages(Api + "/walks", ct))
            told.AddRange(page["walks"]!.AsArray().Where(each => each!["request"]!["range"] is null).Select(each => new WalkTold(each!.AsObject())));
        return [.. told.OrderByDescending(walk => walk.IsRunning).ThenByDescending(walk => walk.At)];
    }

    /// <summary>As an answer tells it.</summary>
    internal static WalkTold Of(ApiAnswer answer) => new(JsonNode.Parse(answer.Body.Span)!.AsObject());

    private string? Text(string member) => document[member]?.GetValue<string>();
}

/// <summary>A kind of long work that can be asked for.</summary>
/// <param name="Id">As the API calls it.</param>
/// <param name="Title">What it is, in a few words.</param>
/// <param name="About">What it does, and what it is good for.</param>
/// <param name="Path">Where it is started, below the management API.</param>
/// <param name="Bucket">Whether a bucket has to be said (true), may be (false), or cannot (null).</param>
/// <param name="Site">The same of a location.</param>
public sealed record TaskKind(string Id, string Title, string About, string Path, bool? Bucket, bool? Site)
{
    /// <summary>What else can be said: a field, what it says, its hint, and whether it is said unless somebody takes it back.</summary>
    public IReadOnlyList<(string Name, string Label, string Hint, bool IsOn)> Options { get; init; } = [];
}

/// <summary>The kinds of long work.</summary>
internal static class TaskKinds
{
    /// <summary>Those that people ask for.</summary>
    public static readonly IReadOnlyList<TaskKind> All =
    [
        new("existing", "Copy what was there before", "Workflows copy what is written from then on. This sends what was in the bucket before, too; nothing is sent twice.", "replication/existing", true, false),
        new("verify", "Verify copies", "Compares a bucket with its copies at a location, version by version, and signs a report of what it finds.", "replication/verify", true, true)
        {
            Options =
            [
                ("deep", "Read and compare all bytes", "Slower, and the location may charge for what is read.", false),
                ("reportOnly", "Only report", "Otherwise what is missing or different is copied again.", false),
            ],
        },
        new("retry", "Send failed copies again", "Everything that was given up so far, of one bucket or location, or of all.", "replication/retry", false, false),
        new("lifecycle", "Apply lifecycle now", "What expires or moves by workflows of this day, without waiting for the hour.", "lifecycle", false, null),
        new("ingest", "Compare mirrors now", "Takes over what is new in the source of a mirror, without waiting for the next turn.", "ingest", false, null)
        {
            Options = [("tags", "Ask for metadata and tags of all versions", "For changes that a listing does not tell; a request or two a version.", false)],
        },
        new("recount", "Count what is owed anew", "Sets the numbers of pending copies right, and sends again what got lost on its way.", "replication/recount", null, null),
        new("collect", "Look for bytes of no object", "Finds bytes in locations that no object has, which failures may leave behind.", "collect", null, null)
        {
            Options = [("reportOnly", "Only report", "Take this back to have them removed. They are removed only when they are old enough to be nobody’s.", true)],
        },
        new("expire", "Tidy up", "Removes what was left behind: sign-ins that are over, parts of uploads that are gone.", "expire", null, null),
    ];

    /// <summary>Those that nobody asks for by themselves.</summary>
    public static readonly IReadOnlyDictionary<string, string> Inner = new Dictionary<string, string>
    {
        ["arrived"] = "Wait until copies arrived", ["empty"] = "Empty a bucket", ["details"] = "Ask a mirror’s source for details", ["search-index"] = "Build a search index",
    };

    /// <summary>What is counted, and how that is said.</summary>
    public static readonly (string Member, string Name, bool IsBytes)[] Counts =
    [
        ("keys", "Objects", false), ("versions", "Versions", false), ("same", "The same", false), ("sameBytes", "Bytes of those", true), ("different", "Different or taken over", false),
        ("pending", "On their way", false), ("superseded", "Overtaken by newer ones", false), ("queued", "Sent", false), ("queuedBytes", "Bytes of those", true), ("resent", "Messages sent again", false),
        ("readBytes", "Bytes compared", true), ("hidden", "Hidden behind a delete marker", false), ("removed", "Removed", false), ("removedBytes", "Bytes removed", true),
        ("aborted", "Uploads aborted", false), ("kept", "Kept for now", false), ("entered", "Entries written", false), ("stale", "Old entries removed", false), ("bodies", "Bodies in locations", false),
        ("foreign", "Of no bucket here, left alone", false),
    ];

    /// <summary>What a difference is, by its reason.</summary>
    public static readonly IReadOnlyDictionary<string, string> Reasons = new Dictionary<string, string>
    {
        ["missing"] = "is missing there", ["extra"] = "is there, but not here", ["size"] = "has another size", ["etag"] = "is not what was copied", ["mark"] = "is another version’s copy",
        ["metadata"] = "has other metadata", ["headers"] = "has other headers", ["tags"] = "has other tags", ["content"] = "has other bytes", ["not-deleted"] = "was deleted here, but not there",
        ["failed"] = "was given up", ["unqueued"] = "was never sent", ["unlisted"] = "could not be listed",
    };

    /// <summary>The one of that id; null where there is none.</summary>
    public static TaskKind? Find(string? id) => All.FirstOrDefault(kind => kind.Id == id);

    /// <summary>The pages about tasks.</summary>
    public static IReadOnlyList<(string, string)> Tabs(ConsoleCall call) => [("Tasks", call.Link("tasks")), ("Timers", call.Link("timers")), ("Reports", call.Link("reports"))];

    /// <summary>A time from one start to the next, for people.</summary>
    public static string Every(TimeSpan time) => time.TotalHours >= 1 && time == TimeSpan.FromHours((int)time.TotalHours) ? Every((int)time.TotalHours) : "every " + Text.Duration(time);

    /// <summary>Hours, for people.</summary>
    public static string Every(int hours) => hours % 24 == 0 ? hours == 24 ? "every day" : $"every {(hours / 24).ToString(CultureInfo.InvariantCulture)} days" : hours == 1 ? "every hour" : $"every {hours.ToString(CultureInfo.InvariantCulture)} hours";
}
