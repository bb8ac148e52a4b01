using System.Globalization;
using Microsoft.AspNetCore.Http;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3.Parsing;

/// <summary>Retention and legal hold as headers and messages write them.</summary>
public static class LockHeaders
{
    /// <summary>The header of the mode.</summary>
    public const string Mode = "x-amz-object-lock-mode";

    /// <summary>The header of the date.</summary>
    public const string Until = "x-amz-object-lock-retain-until-date";

    /// <summary>The header of the legal hold.</summary>
    public const string LegalHold = "x-amz-object-lock-legal-hold";

    /// <summary>The retention that an object is to be written with; null for none. InvalidArgument for half of one.</summary>
    public static Retention? ParseRetention(IHeaderDictionary headers)
    {
        var (mode, until) = (headers.Text(Mode), headers.Text(Until));
        if (mode is null && until is null) return null;
        if (mode is null || until is null)
            throw Invalid.Argument(
                mode is null ? Mode : Until, null, $"{Until} and {Mode} must both be supplied");
        return new(
            ModeNamed(mode) ?? throw Invalid.Argument(Mode, mode, "Unknown wormMode directive."),
            ParseDate(until) ?? throw Invalid.Argument(Until, until, "The retain until date must be provided in ISO 8601 format"));
    }

    /// <summary>Whether an object is to be written with a legal hold; null where the header is absent.</summary>
    public static bool? ParseLegalHold(IHeaderDictionary headers) => headers.Text(LegalHold) is { } hold
        ? HoldNamed(hold) ?? throw Invalid.Argument(LegalHold, hold, "Legal Hold must be either of 'ON' or 'OFF'")
        : null;

    /// <summary>
    /// Whether the sender asks to pass over governance, and may. Where it may not, its header says nothing: it is refused
    /// only where there is something to pass over.
    /// </summary>
    public static async ValueTask<bool> BypassesGovernance(this S3Call call, string key, string? versionId, CancellationToken ct) =>
        string.Equals(call.Header("x-amz-bypass-governance-retention"), "true", StringComparison.OrdinalIgnoreCase)
        && await call.May(new("s3:BypassGovernanceRetention", call.Bucket, key, versionId), ct);

    /// <summary>InvalidRequest where versions of the bucket cannot be locked.</summary>
    public static void NeedLock(Bucket bucket)
    {
        if (bucket.Get(BucketSettings.ObjectLock) is null) throw Invalid.Request("Bucket is missing Object Lock Configuration");
    }

    /// <summary>InvalidArgument where nothing would be retained, because the date is past.</summary>
    public static void NeedFuture(Retention retention, TimeProvider clock)
    {
        if (retention.Until <= clock.GetUtcNow())
            throw Invalid.Argument(Until, Format(retention.Until), "The retain until date must be in the future!");
    }

    /// <summary>The mode of that name, or null.</summary>
    public static RetentionMode? ModeNamed(string name) => name switch
    {
        "GOVERNANCE" => RetentionMode.Governance,
        "COMPLIANCE" => RetentionMode.Compliance,
        _ => null,
    };

    /// <summary>The name of a mode.</summary>
    public static string Name(RetentionMode mode) => mode == RetentionMode.Governance ? "GOVERNANCE" : "COMPLIANCE";

    /// <summary>Whether ON or OFF; null for anything else.</summary>
    public static bool? HoldNamed(string name) => name switch
    {
        "ON" => true,
        "OFF" => false,
        _ => null,
    };

    /// <summary>ON or OFF.</summary>
    public static string Name(bool hold) => hold ? "ON" : "OFF";

    /// <summary>ISO 8601 as replies carry it.</summary>
    public static string Format(DateTimeOffset date) => date.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>A date of ISO 8601, to the millisecond; null where it is none.</summary>
    private static DateTimeOffset? ParseDate(string text)
    {
        const DateTimeStyles Style = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        return DateTimeOffset.TryParseExact(text, Iso, CultureInfo.InvariantCulture, Style, out var date) ? WholeMilliseconds(date) : null;
    }

    /// <summary>What replies can tell: a client that sends back what it was told must not be taken to weaken anything.</summary>
    public static DateTimeOffset WholeMilliseconds(DateTimeOffset date) =>
        new(date.UtcTicks - date.UtcTicks % TimeSpan.TicksPerMillisecond, TimeSpan.Zero);

    private static readonly string[] Iso =
    [
        "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyyMMdd'T'HHmmssK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd",
    ];
}
