using System.Globalization;
using Microsoft.Extensions.Logging;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Notifications;
using ZenkoFunctions.Core.Replication;
using ZenkoFunctions.Core.Settings;
using ZenkoFunctions.Core.Storage;

namespace ZenkoFunctions.Core.Composition;

/// <summary>A setting of a function app.</summary>
/// <param name="Name">The name of the environment variable.</param>
/// <param name="Description">What it says, and its form.</param>
/// <param name="Default">What holds where it is not set; null where there is no default.</param>
public sealed record AppSetting(string Name, string Description, string? Default = null)
{
    /// <summary>Whether the app does not start without it.</summary>
    public bool IsRequired { get; init; }

    /// <summary>Whether it must be kept from those who may read the app's configuration.</summary>
    public bool IsSecret { get; init; }
}

/// <summary>The settings of a function app, read from its environment.</summary>
public sealed class AppSettings
{
    private static readonly AppSetting MasterKeySetting = new(
        "ZENKOFN_MASTER_KEY", "The key under which secrets are kept: 32 random bytes in Base64. Whoever loses it loses every secret and every encrypted object.")
    {
        IsRequired = true,
        IsSecret = true,
    };

    private static readonly AppSetting RootAccessKeySetting = new("ZENKOFN_ROOT_ACCESS_KEY", "The id of the root account's access key.") { IsRequired = true };

    private static readonly AppSetting RootSecretKeySetting = new("ZENKOFN_ROOT_SECRET_KEY", "Its secret.") { IsRequired = true, IsSecret = true };

    private static readonly AppSetting RegionSetting = new("ZENKOFN_REGION", "The region that clients sign for.", "us-east-1");

    private static readonly AppSetting DomainsSetting = new(
        "ZENKOFN_DOMAINS", "Domains under which buckets are host names, between commas.", "localhost,s3.localhost");

    private static readonly AppSetting HostsSetting = new(
        "ZENKOFN_PUBLIC_HOSTS", "Hosts that clients sign for where something in front of the app replaces the Host header, between commas.", "");

    private static readonly AppSetting ClientAddressSetting = new(
        "ZENKOFN_CLIENT_IP_HEADER", "The header in which the platform says where a client is. Set it only where a probe has shown that a client cannot send it; empty: aws:SourceIp never holds.", "");

    private static readonly AppSetting ClientCertificateSetting = new(
        "ZENKOFN_CLIENT_CERTIFICATE_HEADER", "The header in which the platform says which certificate a client has shown (X-ARR-ClientCert): DER in Base64. Set it only where a probe has shown that a client cannot send it; empty: certificates sign nobody in.", "");

    private static readonly AppSetting PathPrefixSetting = new(
        "ZENKOFN_PATH_PREFIX", "A path under which everything is served once more, for clients that were set up for it: /awsapi/rest/AmazonS3 for instance.", "");

    private static readonly AppSetting ConsoleSetting = new(
        "ZENKOFN_CONSOLE", "Where the console is: a host of its own that leads to the app; path for /_/console on the host of the objects, whose pages then may run no scripts; empty for none.", "");

    private static readonly AppSetting KmsKeysSetting = new("ZENKOFN_KMS_KEYS", "Ids of keys that clients may name for SSE-KMS, between commas; made where they do not exist.", "");

    private static readonly AppSetting NotifySetting = new("ZENKOFN_NOTIFY", "Targets of bucket notifications, name=url or name=queue:queue-name, between commas.", "");

    private static readonly AppSetting NotifySecretSetting = new("ZENKOFN_NOTIFY_SECRET", "Signs what web hooks are sent.", "") { IsSecret = true };

    private static readonly AppSetting CacheSetting = new(
        "ZENKOFN_CACHE_SECONDS", "How long an instance may believe what it read of buckets, accounts and keys.", "5");

    private static readonly AppSetting KeepReplacedSetting = new(
        "ZENKOFN_KEEP_REPLACED_SECONDS", "For how many seconds the bytes of replaced and deleted objects stay for readers under way.", "300");

    private static readonly AppSetting RetrySetting = new(
        "ZENKOFN_REPLICATION_RETRY", "How often and how long a copy to another location is tried before it is given up: tries after the first, seconds in all, seconds of the first pause and of the longest, between commas. Empty: as Zenko does it for each kind of location.", "");

    private static readonly AppSetting CopySourcesSetting = new(
        "ZENKOFN_COPY_SOURCES", "From which addresses sources of copies of blobs are fetched that are on another server: public, or any. With any, whoever may write here reaches every HTTP server that the app reaches.", "public");

    private static readonly AppSetting LiveSetting = new(
        "ZENKOFN_SETTINGS", "Settings that can be changed while the server runs, as they are until then: name=value, between commas.", "");

    private static readonly AppSetting BodyLimitSetting = new(
        "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", "The largest body in bytes that the host lets through; larger objects come in parts.", "104857600");

    private static readonly AppSetting LogLevelSetting = new("ZENKOFN_LOG_LEVEL", "The least severe log entries to write.", "Information");

    // In the source, and so no secret: refused over anything but Azurite.
    private const string LocalMasterKey = "bG9jYWwgdXNlIG9ubHksIGtub3duIHRvIGFsbCE6LSk=";

    private readonly Func<string, string?> read;

    private AppSettings(Func<string, string?> read) => this.read = read;

    /// <summary>
    /// Every setting that is read, but for those that say where the storage account is (see <see cref="StorageAccount.OfSettings"/>), and
    /// those that ostor has a name for (see <see cref="GatewayConf"/>).
    /// </summary>
    public static IReadOnlyList<AppSetting> All { get; } =
    [
        MasterKeySetting, RootAccessKeySetting, RootSecretKeySetting, RegionSetting, DomainsSetting, HostsSetting, ClientAddressSetting, ClientCertificateSetting, PathPrefixSetting, ConsoleSetting,
        KmsKeysSetting, NotifySetting, NotifySecretSetting, CacheSetting, KeepReplacedSetting, RetrySetting, CopySourcesSetting, LiveSetting, BodyLimitSetting, LogLevelSetting,
    ];

    /// <summary>What a developer's machine with Azurite needs.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> ForLocalUse { get; } =
    [
        new(StorageAccount.DefaultSetting, "UseDevelopmentStorage=true"),
        new(MasterKeySetting.Name, LocalMasterKey),
        new(RootAccessKeySetting.Name, "ZENKOFNLOCALROOTKEY1"),
        new(RootSecretKeySetting.Name, "zenkofn-local-root-secret-key-known-to-all"),
        new(BodyLimitSetting.Name, "5368709120"),
    ];

    /// <summary>Those of this process.</summary>
    public static AppSettings OfEnvironment() => new(Environment.GetEnvironmentVariable);

    /// <summary>Those of a list.</summary>
    public static AppSettings Of(IReadOnlyDictionary<string, string> settings) => new(settings.GetValueOrDefault);

    /// <summary>The storage account.</summary>
    public StorageAccount Storage => StorageAccount.OfSettings(read) ?? throw new FormatException(
        $"{StorageAccount.DefaultSetting} is not set: a connection string (UseDevelopmentStorage=true for Azurite), or {StorageAccount.DefaultSetting}__accountName for an account that the app's identity may use.");

    /// <summary>The master key.</summary>
    public MasterKey MasterKey
    {
        get
        {
            if (Value(MasterKeySetting) == LocalMasterKey && !IsLocal)
                throw new FormatException($"{MasterKeySetting.Name} is the one of local.settings.json, which everybody knows; use a key of your own: openssl rand -base64 {MasterKey.Length} makes one.");
            var key = new byte[MasterKey.Length];
            return Convert.TryFromBase64String(Value(MasterKeySetting), key, out var length) && length == MasterKey.Length
                ? new(key)
                : throw new FormatException($"{MasterKeySetting.Name} must be {MasterKey.Length} bytes in Base64; openssl rand -base64 {MasterKey.Length} makes such a key.");
        }
    }

    /// <summary>The id of the root account's access key.</summary>
    public string RootAccessKey => Value(RootAccessKeySetting);

    /// <summary>Its secret.</summary>
    public string RootSecretKey => Value(RootSecretKeySetting);

    /// <summary>The region.</summary>
    public string Region => Value(RegionSetting);

    /// <summary>Domains under which buckets are host names.</summary>
    public IReadOnlyList<string> Domains => List(DomainsSetting);

    /// <summary>Hosts that clients sign for, besides the one that the platform tells.</summary>
    public IReadOnlyList<string> PublicHosts => List(HostsSetting);

    /// <summary>The name by which the platform leads to the app, without a port; null where it does not tell.</summary>
    public string? PlatformHost => read("WEBSITE_HOSTNAME") is { Length: > 0 } host ? host.Split(':')[0] : null;

    /// <summary>The header that says where a client is; null where none is believed.</summary>
    public string? ClientAddressHeader => Value(ClientAddressSetting) is { Length: > 0 } header ? header : null;

    /// <summary>The header that says which certificate a client has shown; null where none is believed.</summary>
    public string? ClientCertificateHeader => Value(ClientCertificateSetting) is { Length: > 0 } header ? header : null;

    /// <summary>A path under which everything is served once more; null for none.</summary>
    public string? PathPrefix => Value(PathPrefixSetting) is not { Length: > 0 } prefix ? null
        : WrongPathPrefix(prefix) is not { } wrong ? prefix
        : throw new FormatException($"{PathPrefixSetting.Name}: {wrong}.");

    /// <summary>The console's own host, lower case; null where it has none.</summary>
    public string? ConsoleHost => Value(ConsoleSetting) is { Length: > 0 } host && host != "path" ? host.ToLowerInvariant() : null;

    /// <summary>Whether the console is on the host of the objects.</summary>
    public bool IsConsoleAmongObjects => Value(ConsoleSetting) == "path";

    /// <summary>What is wrong with such a path, or null.</summary>
    public static string? WrongPathPrefix(string prefix) =>
        prefix.Length is > 1 and <= 128 && prefix[0] == '/' && prefix[1..].Split('/').All(segment => segment.Length > 0 && segment[0] is not ('.' or '_') && segment.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_'))
            ? null
            : "it must be a path such as /awsapi/rest/AmazonS3: segments of letters, digits, dashes, dots and underscores, none of them beginning with one of the last two, without a slash at the end, 128 characters at the most";

    /// <summary>Ids of keys for SSE-KMS.</summary>
    public IReadOnlyList<string> KmsKeys => List(KmsKeysSetting) is var ids && ids.All(KeyRing.IsId)
        ? ids
        : throw new FormatException($"{KmsKeysSetting.Name}: an id holds 1 to 128 letters, digits, dots, dashes and underscores.");

    /// <summary>The targets of notifications, by name.</summary>
    public IReadOnlyDictionary<string, string> EventTargets => List(NotifySetting) is var targets && EventTargetOptions.AreTargets(targets)
        ? EventTargetOptions.Parse(targets)
        : throw new FormatException($"{NotifySetting.Name} must hold name=http(s)://… or name=queue:queue-name, each name once.");

    /// <summary>Signs what web hooks are sent; null where nothing does.</summary>
    public string? NotifySecret => Value(NotifySecretSetting) is { Length: > 0 } secret ? secret : null;

    /// <summary>How long what was read may be believed.</summary>
    public TimeSpan CacheAge => Seconds(CacheSetting, 60);

    /// <summary>How long replaced bytes stay.</summary>
    public TimeSpan KeepReplaced => Seconds(KeepReplacedSetting, 86400);

    /// <summary>How long a failing copy is tried; null for the policy of its location's engine.</summary>
    public RetryPolicy? Retry => Value(RetrySetting) is not { Length: > 0 } text ? null : RetryPolicy.Parse(text)
        ?? throw new FormatException($"{RetrySetting.Name} must be four numbers between commas, times in seconds, for instance 5,900,60,900.");

    /// <summary>Whether sources of copies are fetched from addresses that are not public, too.</summary>
    public bool CopiesFromAnywhere => Value(CopySourcesSetting) switch
    {
        "public" => false,
        "any" => true,
        _ => throw new FormatException($"{CopySourcesSetting.Name} must be public or any."),
    };

    /// <summary>How live settings are until somebody changes them.</summary>
    public IReadOnlyDictionary<string, string> Live => LiveSettings.Started([.. GatewayConf.Of(read), .. List(LiveSetting)]);

    /// <summary>Whether this is a developer's machine: Azurite is the storage.</summary>
    public bool IsLocal => Storage.IsAzurite;

    /// <summary>Bytes of the largest body that the host lets through.</summary>
    public long BodyLimit => long.TryParse(Value(BodyLimitSetting), NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
        ? bytes
        : throw new FormatException($"{BodyLimitSetting.Name} must be a number of bytes.");

    /// <summary>The least severe log entries.</summary>
    public LogLevel LogLevel => Enum.TryParse<LogLevel>(Value(LogLevelSetting), ignoreCase: true, out var level)
        ? level
        : throw new FormatException($"{LogLevelSetting.Name} must be one of {string.Join(", ", Enum.GetNames<LogLevel>())}.");

    private string Value(AppSetting setting)
    {
        if (read(setting.Name) is not { Length: > 0 } value) return setting.Default ?? throw new FormatException($"{setting.Name} is not set. {setting.Description}");
        // The platform leaves a reference that it cannot resolve as it stands, and everybody could guess that "secret".
        return value.StartsWith("@Microsoft.KeyVault(", StringComparison.OrdinalIgnoreCase)
            ? throw new FormatException($"{setting.Name} is a reference to a key vault that the platform could not resolve: is the secret there, and may the app's identity read it?")
            : value;
    }

    private string[] List(AppSetting setting) =>
        Value(setting).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private TimeSpan Seconds(AppSetting setting, int most) =>
        int.TryParse(Value(setting), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= most
            ? TimeSpan.FromSeconds(seconds)
            : throw new FormatException($"{setting.Name} must be 0 to {most} seconds.");
}
