using System.Buffers;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>The WebsiteConfiguration document, and what AWS allows in it.</summary>
internal static class WebsiteDocument
{
    private const int MaxRules = 50;

    private static readonly SearchValues<char> NotInHost = SearchValues.Create("/?#@\\ \t\r\n");

    private static readonly XmlShape<Configuration> Shape = new XmlShape<Configuration>("WebsiteConfiguration")
        .Nested("RedirectAllRequestsTo", new XmlShape<Target>("RedirectAllRequestsTo")
            .Text("HostName", t => t.HostName, (t, v) => t.HostName = v, required: true)
            .Text("Protocol", t => t.Protocol, (t, v) => t.Protocol = v), c => c.RedirectAll, (c, v) => c.RedirectAll = v)
        .Nested("IndexDocument", new XmlShape<Document>("IndexDocument")
            .Text("Suffix", d => d.Name, (d, v) => d.Name = v, required: true), c => c.Index, (c, v) => c.Index = v)
        .Nested("ErrorDocument", new XmlShape<Document>("ErrorDocument")
            .Text("Key", d => d.Name, (d, v) => d.Name = v, required: true), c => c.Error, (c, v) => c.Error = v)
        .Nested("RoutingRules", new XmlShape<RuleList>("RoutingRules")
            .Many("RoutingRule", new XmlShape<Rule>("RoutingRule")
                .Nested("Condition", new XmlShape<Condition>("Condition")
                    .Text("KeyPrefixEquals", c => c.KeyPrefix, (c, v) => c.KeyPrefix = v)
                    .Text("HttpErrorCodeReturnedEquals", c => c.ErrorCode, (c, v) => c.ErrorCode = v), r => r.Condition, (r, v) => r.Condition = v)
                .Nested("Redirect", new XmlShape<Target>("Redirect")
                    .Text("Protocol", t => t.Protocol, (t, v) => t.Protocol = v)
                    .Text("HostName", t => t.HostName, (t, v) => t.HostName = v)
                    .Text("ReplaceKeyPrefixWith", t => t.NewPrefix, (t, v) => t.NewPrefix = v)
                    .Text("ReplaceKeyWith", t => t.NewKey, (t, v) => t.NewKey = v)
                    .Text("HttpRedirectCode", t => t.Code, (t, v) => t.Code = v), r => r.Redirect, (r, v) => r.Redirect = v, required: true),
                l => l.Rules, (l, rule) => l.Rules.Add(rule), required: true),
            c => c.Routing, (c, v) => c.Routing = v);

    /// <summary>The setting as the document that Put took.</summary>
    public static Reply Reply(WebsiteSetting setting) => S3.Reply.Document(Shape, new Configuration
    {
        RedirectAll = setting.RedirectAll is { } host ? new() { HostName = host.Name, Protocol = host.Protocol } : null,
        Index = setting.IndexSuffix is { } suffix ? new() { Name = suffix } : null,
        Error = setting.ErrorKey is { } key ? new() { Name = key } : null,
        Routing = setting.Rules.Count == 0 ? null : new() { Rules = [.. setting.Rules.Select(Write)] },
    });

    /// <summary>Reads the document; throws MalformedXML, InvalidRequest and InvalidArgument.</summary>
    public static WebsiteSetting Parse(ReadOnlyMemory<byte> document)
    {
        var sent = Shape.Read(document);
        if (sent.RedirectAll is { } all)
        {
            if (sent.Index is not null || sent.Error is not null || sent.Routing is not null)
                throw Invalid.Request("RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.");
            if (all.HostName!.Length == 0) throw Invalid.Request("Valid HostName required in RedirectAllRequestsTo");
            return new() { RedirectAll = new(Host(all.HostName), Protocol(all.Protocol)) };
        }
        if (sent.Index is null)
            throw Invalid.Argument("IndexDocument", "null", "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty");
        if (sent.Index.Name.Length == 0 || sent.Index.Name.Contains('/', StringComparison.Ordinal))
            throw Invalid.Argument("IndexDocument", sent.Index.Name, "The IndexDocument Suffix is not well formed");
        if (sent.Error is { Name.Length: 0 })
            throw Invalid.Argument("ErrorDocument", "", "The ErrorDocument Key is not well formed");
        var rules = sent.Routing?.Rules ?? [];
        if (rules.Count > MaxRules)
            throw Invalid.Request($"{rules.Count} routing rules provided, the number of routing rules in a website configuration is limited to {MaxRules}.");
        return new() { IndexSuffix = sent.Index.Name, ErrorKey = sent.Error?.Name, Rules = [.. rules.Select(Read)] };
    }

    private static WebsiteRule Read(Rule rule)
    {
        var (condition, redirect) = (rule.Condition, rule.Redirect!);
        if (condition is { KeyPrefix: null, ErrorCode: null })
            throw Invalid.Request("Condition cannot be empty. To redirect all requests without a condition, the condition element shouldn't be present.");
        if (redirect is { Protocol: null, HostName: null, NewPrefix: null, NewKey: null, Code: null })
            throw XmlReading.Malformed("Redirect cannot be empty.");
        if (redirect is { NewPrefix: not null, NewKey: not null })
            throw Invalid.Request("You can only define ReplaceKeyPrefix or ReplaceKey but not both.");
        return new()
        {
            KeyPrefix = condition?.KeyPrefix,
            ErrorStatus = condition?.ErrorCode is { } error ? Number(error, 400, 599, "error", "Valid codes are 4XX or 5XX.") : null,
            Host = redirect.HostName is { } host ? Host(host) : null,
            Protocol = Protocol(redirect.Protocol),
            NewPrefix = redirect.NewPrefix,
            NewKey = redirect.NewKey,
            Status = redirect.Code is { } code ? Number(code, 301, 399, "redirect", "Valid codes are 3XX except 300.") : 301,
        };
    }

    private static Rule Write(WebsiteRule rule) => new()
    {
        Condition = rule is { KeyPrefix: null, ErrorStatus: null } ? null : new() { KeyPrefix = rule.KeyPrefix, ErrorCode = rule.ErrorStatus?.ToString("D") },
        Redirect = new()
        {
            Protocol = rule.Protocol,
            HostName = rule.Host,
            NewPrefix = rule.NewPrefix,
            NewKey = rule.NewKey,
            Code = rule.Status == 301 ? null : rule.Status.ToString("D"),
        },
    };

    private static int Number(string text, int least, int most, string kind, string valid) =>
        int.TryParse(text, System.Globalization.NumberStyles.None, null, out var number) && number >= least && number <= most
            ? number
            : throw Invalid.Request($"The provided HTTP {kind} code ({text}) is not valid. {valid}");

    private static string? Protocol(string? protocol) => protocol is null or "http" or "https"
        ? protocol
        : throw Invalid.Request("Invalid protocol, protocol can be http or https. If not defined the protocol will be selected automatically.");

    // What could not be a host would make the address that is redirected to another than it looks like.
    private static string Host(string host) => host.Length is > 0 and <= 255 && !host.AsSpan().ContainsAny(NotInHost)
        ? host
        : throw Invalid.Request("The HostName is not well formed.");

    private sealed class Configuration
    {
        public Target? RedirectAll { get; set; }

        public Document? Index { get; set; }

        public Document? Error { get; set; }

        public RuleList? Routing { get; set; }
    }

    private sealed class Document
    {
        public string Name { get; set; } = "";
    }

    private sealed class RuleList
    {
        public List<Rule> Rules { get; init; } = [];
    }

    private sealed class Rule
    {
        public Condition? Condition { get; set; }

        public Target? Redirect { get; set; }
    }

    private sealed class Condition
    {
        public string? KeyPrefix { get; set; }

        public string? ErrorCode { get; set; }
    }

    private sealed class Target
    {
        public string? Protocol { get; set; }

        public string? HostName { get; set; }

        public string? NewPrefix { get; set; }

        public string? NewKey { get; set; }

        public string? Code { get; set; }
    }
}
