using System.Xml.Linq;
using static ZenkoFunctions.Api.Console.Documents;

namespace ZenkoFunctions.Api.Console.Pages.Settings;

/// <summary>Who is told of what happens to the bucket's objects.</summary>
public sealed class NotificationEditor : BucketEditor
{
    private static readonly (string Element, string Arn)[] Kinds = [("QueueConfiguration", "Queue"), ("TopicConfiguration", "Topic"), ("CloudFunctionConfiguration", "CloudFunction")];

    /// <inheritdoc/>
    public override string Id => "notifications";

    /// <inheritdoc/>
    public override string Title => "Notifications";

    /// <inheritdoc/>
    public override string Lead => "Who is told of what happens to objects here. To take one out, empty it.";

    /// <inheritdoc/>
    public override string Query => "notification";

    /// <inheritdoc/>
    public override string RowName => "Notification";

    /// <inheritdoc/>
    public override IReadOnlyList<Input> Row { get; } =
    [
        new("id", "", InputKind.Hidden),
        new("kind", "", InputKind.Hidden),
        new("arn", "Target") { Hint = "arn:aws:sqs:us-east-1:000000000001:NAME, where NAME is one that the server was started with (--notify)." },
        new("events", "Events", InputKind.Checks)
        {
            Options =
            [
                new("s3:ObjectCreated:*", "Written"), new("s3:ObjectRemoved:*", "Deleted"), new("s3:LifecycleExpiration:*", "Expired"), new("s3:LifecycleTransition", "Moved by a rule"),
                new("s3:ObjectTagging:*", "Tagged"), new("s3:ObjectAcl:Put", "Granted to somebody"), new("s3:Replication:OperationFailedReplication", "Copy failed"),
            ],
        },
        new("more", "Further events", InputKind.Area) { Hint = "One a line, by the names that S3 has for them." },
        new("prefix", "Only keys that begin with"),
        new("suffix", "Only keys that end with"),
    ];

    internal override FormValues Read(ApiAnswer? answer)
    {
        var values = new FormValues();
        var known = Row.Single(input => input.Name == "events").Options.Select(option => option.Value).ToHashSet(StringComparer.Ordinal);
        foreach (var rule in answer?.Xml().Elements() ?? [])
        {
            var (kind, arn) = Kinds.FirstOrDefault(each => each.Element == rule.Name.LocalName);
            if (kind is null) continue;
            var events = rule.Elements().Where(each => each.Name.LocalName == "Event").Select(each => each.Value).ToList();
            values.Rows.Add(Values(
                ("id", rule.Of("Id")), ("kind", kind), ("arn", rule.Of(arn)), ("events", string.Join(' ', events.Where(known.Contains))),
                ("more", string.Join('\n', events.Where(each => !known.Contains(each)))), ("prefix", Filter(rule, "prefix")), ("suffix", Filter(rule, "suffix"))));
        }
        return values;
    }

    internal override EditorRequest Write(FormValues values, ApiAnswer? before) => Element(
        "NotificationConfiguration",
        [
            .. values.Rows.Select(object? (row) =>
            {
                var arn = row["arn"] ?? throw new EditorException("Say who is told: the target is missing.");
                var (kind, name) = Kinds.FirstOrDefault(each => each.Element == row["kind"]) is { Element: not null } found ? found
                    : arn.Contains(":sns:", StringComparison.Ordinal) ? Kinds[1] : arn.Contains(":lambda:", StringComparison.Ordinal) ? Kinds[2] : Kinds[0];
                string[] events = [.. row.Chosen("events"), .. row.Lines("more")];
                if (events.Length == 0) throw new EditorException($"Choose what {arn} is told of.");
                XElement?[] filters = [Rule("prefix", row["prefix"]), Rule("suffix", row["suffix"])];
                return Element(kind, Optional("Id", row["id"]), Element(name, arn), Each("Event", events), filters.All(filter => filter is null) ? null : Element("Filter", Element("S3Key", [.. filters])));
            }),
            // EventBridge's and whatever else this form does not show.
            .. before?.Xml().Elements().Where(each => Kinds.All(kind => kind.Element != each.Name.LocalName)) ?? [],
        ]);

    private static XElement? Rule(string name, string? value) => value is null ? null : Element("FilterRule", Element("Name", name), Element("Value", value));

    private static string? Filter(XElement rule, string name) =>
        rule.All("FilterRule").FirstOrDefault(each => string.Equals(each.Of("Name"), name, StringComparison.OrdinalIgnoreCase))?.Of("Value");
}
