using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>Sets the rules of cross-origin access of a bucket.</summary>
public sealed class PutBucketCors : Operation
{
    private const int MaxBody = 64 * 1024, MaxRules = 100, MaxId = 255;

    private static readonly string[] Methods = ["GET", "PUT", "POST", "DELETE", "HEAD"];

    private static readonly XmlShape<Rule> RuleShape = new XmlShape<Rule>("CORSRule")
        .Text("ID", r => r.Id, (r, v) => r.Id = v)
        .Texts("AllowedMethod", r => r.Methods, (r, v) => r.Methods.Add(v))
        .Texts("AllowedOrigin", r => r.Origins, (r, v) => r.Origins.Add(v))
        .Texts("AllowedHeader", r => r.Headers, (r, v) => r.Headers.Add(v))
        .Texts("ExposeHeader", r => r.Exposed, (r, v) => r.Exposed.Add(v))
        .Integer("MaxAgeSeconds", r => r.MaxAge, (r, v) => r.MaxAge = v);

    internal static readonly XmlShape<Configuration> Shape = new XmlShape<Configuration>("CORSConfiguration")
        .Many("CORSRule", RuleShape, c => c.Rules, (c, rule) => c.Rules.Add(rule), required: true);

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("PutBucketCors", "PUT", Target.Bucket, "s3:PutBucketCORS") { Query = ["cors"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var rules = Shape.Read(await Payload.ReadVerified(call, MaxBody, ct)).Rules;
        if (rules.Count > MaxRules)
            throw Invalid.Request($"The number of CORS rules should not exceed allowed limit of {MaxRules} rules.");
        foreach (var rule in rules) Check(rule);
        var setting = new CorsSetting([.. rules.Select(rule => new CorsRule
        {
            Id = rule.Id is { Length: > 0 } id ? id : null,
            Methods = rule.Methods,
            Origins = rule.Origins,
            Headers = rule.Headers,
            ExposedHeaders = rule.Exposed,
            MaxAgeSeconds = rule.MaxAge,
        })]);
        return await call.ChangeSetting(BucketSettings.Cors, setting, 200, ct);
    }

    private static void Check(Rule rule)
    {
        if (rule.Id?.Length > MaxId) throw Invalid.Argument("ID", rule.Id, $"The ID of a rule has at most {MaxId} characters.");
        if (rule.Methods.Count == 0 || rule.Origins.Count == 0)
            throw XmlReading.Malformed("Each CORSRule must identify at least one origin and one method.");
        if (rule.MaxAge is < 0 or > int.MaxValue) throw XmlReading.Malformed("MaxAgeSeconds must be a number of seconds.");
        if (rule.Methods.Find(method => !Methods.Contains(method)) is { } unknown)
            throw Invalid.Request($"Found unsupported HTTP method in CORS config. Unsupported method is {unknown}");
        foreach (var (element, values) in new[] { ("AllowedOrigin", rule.Origins), ("AllowedHeader", rule.Headers) })
            if (values.Find(value => value.Count(c => c == '*') > 1) is { } wild)
                throw Invalid.Request($"{element} \"{wild}\" can not have more than one wildcard.");
        if (rule.Exposed.Find(header => header.Contains('*', StringComparison.Ordinal)) is { } exposed)
            throw Invalid.Request($"ExposeHeader \"{exposed}\" contains wildcard. We currently do not support wildcard for ExposeHeader.");
    }

    internal sealed class Configuration
    {
        public Configuration() { }

        public Configuration(CorsSetting setting) => Rules = [.. setting.Rules.Select(rule => new Rule
        {
            Id = rule.Id,
            Methods = [.. rule.Methods],
            Origins = [.. rule.Origins],
            Headers = [.. rule.Headers],
            Exposed = [.. rule.ExposedHeaders],
            MaxAge = rule.MaxAgeSeconds,
        })];

        public List<Rule> Rules { get; } = [];
    }

    internal sealed class Rule
    {
        public string? Id { get; set; }

        public List<string> Methods { get; init; } = [];

        public List<string> Origins { get; init; } = [];

        public List<string> Headers { get; init; } = [];

        public List<string> Exposed { get; init; } = [];

        public long? MaxAge { get; set; }
    }
}
