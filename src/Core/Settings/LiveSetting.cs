namespace ZenkoFunctions.Core.Settings;

/// <summary>A setting that is changed while the server runs, and obeyed by every instance within the cache age.</summary>
/// <param name="Name">Unique; words between dots, lower case.</param>
/// <param name="Default">What holds where nobody has said anything.</param>
/// <param name="Form">What its values look like, in a few words for people.</param>
/// <param name="Summary">What it does, in half a sentence, for the documentation.</param>
public sealed record LiveSetting(string Name, string Default, string Form, string Summary)
{
    /// <summary>Whether a value has the <see cref="Form"/>.</summary>
    public required Func<string, bool> Takes { get; init; }

    /// <summary>The switches of the protocols, by the protocol's name. That of management has none: it is what turns them on again.</summary>
    public static IReadOnlyDictionary<string, LiveSetting> Apis { get; } = new[] { ("s3", "S3"), ("blob", "Azure Blob"), ("arm", "Azure's resource manager"), ("iam", "IAM and STS"), ("ostor", "ostor's management"), ("utapi", "Utapi"), ("console", "the console") }
        .ToDictionary(each => each.Item1, each => Switch($"enable.{each.Item1}.api", true, $"whether {each.Item2} is answered; else 503"), StringComparer.Ordinal);

    /// <summary>Whether ostor's requests must be signed with version 4.</summary>
    public static LiveSetting OstorVersion4 { get; } = Switch("ostor.sigv4", false, "whether ostor's requests must be signed with version 4, which covers their parameters");

    /// <summary>Whether a client's certificate is exchanged for the keys of a session.</summary>
    public static LiveSetting CertificateSessions { get; } = Switch("certificates.sts", false, "whether AssumeRoleWithCertificate gives the keys of a session to who shows a bound certificate");

    /// <summary>Whether CloudStack's calls are answered.</summary>
    public static LiveSetting CloudStackActions { get; } = Switch("cloudstack.actions", false, "whether CloudStack's SetUserKeys, SetCertificate, DeleteCertificate and CloudS3Version are answered");

    /// <summary>Whether a bucket without a CORS configuration lets every origin read and write.</summary>
    public static LiveSetting DefaultCors { get; } = Switch("ostor.default_cors.enabled", false, "whether pages of every origin may read and write buckets that have no CORS configuration");

    /// <summary>The most bytes that a bucket may hold that has no quota of its own.</summary>
    public static LiveSetting BucketQuota { get; } = Number("quota.bucket", 0, 0, long.MaxValue, "the most bytes of a bucket without a quota of its own; 0 for any number");

    /// <summary>The most bytes that all buckets of an account may hold together that has no quota of its own.</summary>
    public static LiveSetting UserQuota { get; } = Number("quota.user", 0, 0, long.MaxValue, "the most bytes of all buckets of an account without a quota of its own; 0 for any number");

    /// <summary>Whether operations and traffic are counted.</summary>
    public static LiveSetting UsageCollect { get; } = Switch("usage.collect", false, "whether operations and traffic are counted");

    /// <summary>How many seconds a statistics object is about.</summary>
    public static LiveSetting UsagePeriod { get; } = new(
        "usage.period", "1800", "a number of seconds from 10 to 86400 that divides 900, or is a multiple of it", "how many seconds an object of ostor-usage is about")
    {
        Takes = value => IsNumber(value, 10, 86400) && long.Parse(value, System.Globalization.CultureInfo.InvariantCulture) is var seconds && (900 % seconds == 0 || seconds % 900 == 0),
    };

    /// <summary>How many seconds of what was counted may be in memory alone.</summary>
    public static LiveSetting UsageFlush { get; } = Number("usage.flush", 10, 1, 300, "every how many seconds what was counted is written: so much a crash may lose");

    /// <summary>Every setting, one line each.</summary>
    public static IReadOnlyList<LiveSetting> All { get; } = [.. Apis.Values, OstorVersion4, CertificateSessions, CloudStackActions, DefaultCors, BucketQuota, UserQuota, UsageCollect, UsageFlush, UsagePeriod];

    /// <summary>The setting of that name; null where there is none.</summary>
    public static LiveSetting? Find(string name) => All.FirstOrDefault(setting => setting.Name == name);

    /// <summary>One that is <c>true</c> or <c>false</c>.</summary>
    public static LiveSetting Switch(string name, bool isOn, string summary) =>
        new(name, isOn ? "true" : "false", "true or false", summary) { Takes = value => value is "true" or "false" };

    /// <summary>One that is a whole number.</summary>
    public static LiveSetting Number(string name, long usual, long least, long most, string summary) =>
        new(name, FormattableString.Invariant($"{usual}"), FormattableString.Invariant($"a number from {least} to {most}"), summary)
        {
            Takes = value => IsNumber(value, least, most),
        };

    private static bool IsNumber(string value, long least, long most) =>
        long.TryParse(value, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) && number >= least && number <= most;
}
