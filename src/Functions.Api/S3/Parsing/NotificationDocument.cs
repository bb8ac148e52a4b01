using System.Text;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3.Parsing;

/// <summary>The document of a bucket's notifications, and what AWS allows in it.</summary>
public static class NotificationDocument
{
    private const int MaxRules = 100;
    private const int MaxIdLength = 255;
    private const int MaxFilterBytes = 1024;

    private static readonly XmlShape<FilterRule> FilterRuleShape = new XmlShape<FilterRule>("FilterRule")
        .Text("Name", r => r.Name, (r, v) => r.Name = v, required: true)
        .Text("Value", r => r.Value, (r, v) => r.Value = v, required: true);

    private static readonly XmlShape<Filter> FilterShape = new XmlShape<Filter>("Filter")
        .Wrapped("S3Key", "FilterRule", FilterRuleShape, f => f.Rules, (f, v) => f.Rules.Add(v), required: true);

    private static readonly XmlShape<Message> Shape = new XmlShape<Message>("NotificationConfiguration")
        .Many("TopicConfiguration", RuleShape("TopicConfiguration", "Topic"), m => m.Topics, (m, v) => m.Topics.Add(v))
        .Many("QueueConfiguration", RuleShape("QueueConfiguration", "Queue"), m => m.Queues, (m, v) => m.Queues.Add(v))
        .Many("CloudFunctionConfiguration", RuleShape("CloudFunctionConfiguration", "CloudFunction"), m => m.Functions, (m, v) => m.Functions.Add(v))
        .Nested("EventBridgeConfiguration", new XmlShape<Nothing>("EventBridgeConfiguration"), m => m.EventBridge, (m, v) => m.EventBridge = v);

    /// <summary>Reads and validates a document; rules without an id get one. Null where it asks for nothing.</summary>
    public static NotificationSetting? Parse(ReadOnlyMemory<byte> document)
    {
        var message = Shape.Read(document);
        List<NotificationRule> rules =
        [
            .. message.Topics.Select(rule => Check(rule, NotificationKind.Topic, "sns")),
            .. message.Queues.Select(rule => Check(rule, NotificationKind.Queue, "sqs")),
            .. message.Functions.Select(rule => Check(rule, NotificationKind.Function, "lambda")),
        ];
        if (rules.Count > MaxRules) throw new S3Exception(S3Errors.InvalidArgument, $"A bucket may have at most {MaxRules} notifications.");
        if (rules.DistinctBy(rule => rule.Id).Count() < rules.Count)
            throw new S3Exception(S3Errors.InvalidArgument, "Same ID used for multiple configurations. IDs must be unique.");
        for (var i = 0; i < rules.Count; i++)
            for (var j = 0; j < i; j++)
                if (Overlap(rules[i], rules[j]))
                    throw new S3Exception(
                        S3Errors.InvalidArgument,
                        "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.");
        return rules.Count == 0 && message.EventBridge is null ? null : new(rules, message.EventBridge is not null);
    }

    /// <summary>The reply of a Get; null for no notifications.</summary>
    public static Reply Document(NotificationSetting? setting)
    {
        var message = new Message { EventBridge = setting is { EventBridge: true } ? new() : null };
        foreach (var rule in setting?.Rules ?? [])
        {
            var written = new Rule { Id = rule.Id, Arn = rule.Arn, Filter = rule.Prefix is null && rule.Suffix is null ? null : new() };
            written.Events.AddRange(rule.Events);
            if (rule.Prefix is not null) written.Filter!.Rules.Add(new() { Name = "Prefix", Value = rule.Prefix });
            if (rule.Suffix is not null) written.Filter!.Rules.Add(new() { Name = "Suffix", Value = rule.Suffix });
            message.Of(rule.Kind).Add(written);
        }
        return Reply.Document(Shape, message);
    }

    private static XmlShape<Rule> RuleShape(string name, string destination) => new XmlShape<Rule>(name)
        .Text("Id", r => r.Id, (r, v) => r.Id = v)
        .Text(destination, r => r.Arn, (r, v) => r.Arn = v, required: true)
        .Texts("Event", r => r.Events, (r, v) => r.Events.Add(v))
        .Nested("Filter", FilterShape, r => r.Filter, (r, v) => r.Filter = v);

    private static NotificationRule Check(Rule rule, NotificationKind kind, string service)
    {
        if (rule.Events.Count == 0) throw XmlReading.Malformed("A configuration needs an Event.");
        foreach (var name in rule.Events)
            if (!EventNames.IsKnown(name)) throw Invalid.Argument("Event", name, "The event is not supported for notifications");
        if (rule.Id?.Length > MaxIdLength) throw Invalid.Argument("Id", rule.Id, $"An id has at most {MaxIdLength} characters.");
        return new()
        {
            Id = string.IsNullOrEmpty(rule.Id) ? Guid.NewGuid().ToString() : rule.Id,
            Kind = kind,
            Arn = CheckArn(rule.Arn, service),
            Events = [.. rule.Events.Distinct()],
            Prefix = Value(rule.Filter, "prefix"),
            Suffix = Value(rule.Filter, "suffix"),
        };
    }

    /// <summary>An ARN of AWS's service for the destination, or of Zenko's (<c>arn:scality:bucketnotif:::target</c>).</summary>
    private static string CheckArn(string arn, string service)
    {
        var parts = arn.Split(':');
        var isArn = parts.Length is 6 or 7 && parts[0] == "arn" && parts[1].Length > 0 && parts[^1].Length > 0 && arn.Length <= 1024;
        return isArn && (parts[2] == service || parts[2] == "bucketnotif")
            ? arn
            : throw Invalid.Argument("Arn", arn, "The ARN could not be parsed, or is not one of this kind of destination.");
    }

    private static string? Value(Filter? filter, string name)
    {
        string? value = null;
        foreach (var rule in filter?.Rules ?? [])
        {
            if (rule.Name.ToLowerInvariant() is not ("prefix" or "suffix"))
                throw Invalid.Argument("FilterRule.Name", rule.Name, "filter rule name must be either prefix or suffix");
            if (!rule.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) continue;
            if (value is not null) throw Invalid.Argument("FilterRule.Name", rule.Name, $"Cannot specify more than one {name} rule in a filter.");
            if (Encoding.UTF8.GetByteCount(rule.Value) > MaxFilterBytes)
                throw Invalid.Argument("FilterRule.Value", rule.Value, $"Size of filter rule value cannot exceed {MaxFilterBytes} bytes in UTF-8 encoding");
            value = rule.Value;
        }
        return value;
    }

    private static bool Overlap(NotificationRule a, NotificationRule b)
    {
        var (prefixA, prefixB, suffixA, suffixB) = (a.Prefix ?? "", b.Prefix ?? "", a.Suffix ?? "", b.Suffix ?? "");
        if (!prefixA.StartsWith(prefixB, StringComparison.Ordinal) && !prefixB.StartsWith(prefixA, StringComparison.Ordinal)) return false;
        if (!suffixA.EndsWith(suffixB, StringComparison.Ordinal) && !suffixB.EndsWith(suffixA, StringComparison.Ordinal)) return false;
        return a.Events.Any(x => b.Events.Any(y => EventNames.Covers(x, y) || EventNames.Covers(y, x)));
    }

    private sealed class Message
    {
        public List<Rule> Topics { get; } = [];

        public List<Rule> Queues { get; } = [];

        public List<Rule> Functions { get; } = [];

        public Nothing? EventBridge { get; set; }

        public List<Rule> Of(NotificationKind kind) => kind switch
        {
            NotificationKind.Topic => Topics,
            NotificationKind.Queue => Queues,
            _ => Functions,
        };
    }

    private sealed class Rule
    {
        public string? Id { get; set; }

        public string Arn { get; set; } = "";

        public List<string> Events { get; } = [];

        public Filter? Filter { get; set; }
    }

    private sealed class Filter
    {
        public List<FilterRule> Rules { get; } = [];
    }

    private sealed class FilterRule
    {
        public string Name { get; set; } = "";

        public string Value { get; set; } = "";
    }

    private sealed class Nothing;
}
