using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>PutObjectLockConfiguration: lets the versions of a versioned bucket be locked, and sets their default retention.</summary>
public sealed class PutObjectLockConfiguration : Operation
{
    private const int MaxBody = 64 * 1024;

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("PutObjectLockConfiguration", "PUT", Target.Bucket, "s3:PutBucketObjectLockConfiguration") { Query = ["object-lock"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var setting = Parse(Shape.Read(await Payload.ReadVerified(call, MaxBody, ct)));
        var changed = await call.Services.Buckets.Change<ObjectLockSetting>(
            call.Bucket,
            BucketSettings.ObjectLock,
            bucket => bucket.Get(BucketSettings.Versioning)?.State == VersioningState.Enabled
                ? setting
                : Refusal.InvalidBucketState.Because("Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"),
            ct);
        return changed.Refusal is null ? Reply.Empty() : Reply.Refused(changed);
    }

    private static ObjectLockSetting Parse(Configuration configuration)
    {
        if (configuration.Enabled != "Enabled") throw XmlReading.Malformed("ObjectLockEnabled must be Enabled.");
        if (configuration.Rule is not { Default: var rule }) return new(null);
        if ((rule!.Days is null) == (rule.Years is null))
            throw XmlReading.Malformed("A default retention is for a number of days or of years: one of the two.");
        var mode = LockHeaders.ModeNamed(rule.Mode) ?? throw XmlReading.Malformed("Mode must be GOVERNANCE or COMPLIANCE.");
        if (rule.Days is < 1 or > DefaultRetention.MaxDays || rule.Years is < 1 or > DefaultRetention.MaxYears)
            throw new S3Exception(S3Errors.InvalidRetentionPeriod);
        return new(new(mode, (int?)rule.Days, (int?)rule.Years));
    }

    /// <summary>The document of a setting.</summary>
    internal static Reply Document(ObjectLockSetting setting) => Reply.Document(Shape, new Configuration
    {
        Enabled = "Enabled",
        Rule = setting.Default is { } rule
            ? new() { Default = new() { Mode = LockHeaders.Name(rule.Mode), Days = rule.Days, Years = rule.Years } }
            : null,
    });

    private sealed class Configuration
    {
        public string Enabled { get; set; } = "";

        public RuleElement? Rule { get; set; }
    }

    private sealed class RuleElement
    {
        public DefaultElement? Default { get; set; }
    }

    private sealed class DefaultElement
    {
        public string Mode { get; set; } = "";

        public long? Days { get; set; }

        public long? Years { get; set; }
    }

    private static readonly XmlShape<Configuration> Shape = new XmlShape<Configuration>("ObjectLockConfiguration")
        .Text("ObjectLockEnabled", c => c.Enabled, (c, v) => c.Enabled = v, required: true)
        .Nested("Rule", new XmlShape<RuleElement>("Rule")
            .Nested("DefaultRetention", new XmlShape<DefaultElement>("DefaultRetention")
                .Text("Mode", d => d.Mode, (d, v) => d.Mode = v, required: true)
                .Integer("Days", d => d.Days, (d, v) => d.Days = v)
                .Integer("Years", d => d.Years, (d, v) => d.Years = v),
                r => r.Default, (r, v) => r.Default = v, required: true),
            c => c.Rule, (c, v) => c.Rule = v);
}
