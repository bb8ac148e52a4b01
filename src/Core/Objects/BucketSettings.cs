using System.Text.Json.Serialization.Metadata;
using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Limits;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// Something that a bucket can be told: a row of its own in the bucket's partition, read and cached together with the bucket.
/// A new setting is one record, one line here and one in <see cref="StateJson"/>.
/// </summary>
/// <typeparam name="T">What is stored.</typeparam>
public sealed class BucketSetting<T> : IBucketSetting where T : class
{
    private readonly JsonTypeInfo<T> type;

    internal BucketSetting(string name, JsonTypeInfo<T> type) => (Name, this.type) = (name, type);

    /// <inheritdoc/>
    public string Name { get; }

    object IBucketSetting.Read(ReadOnlyMemory<byte> stored) => StoredJson.Read(stored, type);

    ReadOnlyMemory<byte> IBucketSetting.Write(object value) => StoredJson.Write((T)value, type);
}

/// <summary>A setting whatever its type.</summary>
public interface IBucketSetting
{
    /// <summary>The name of its row; it never changes.</summary>
    string Name { get; }

    /// <summary>The value of a stored form.</summary>
    internal object Read(ReadOnlyMemory<byte> stored);

    /// <summary>The stored form of a value.</summary>
    internal ReadOnlyMemory<byte> Write(object value);
}

/// <summary>The settings of a bucket: those that were made, parsed. Immutable.</summary>
public sealed class BucketSettings
{
    /// <summary>Versioning; absent where it was never enabled.</summary>
    public static readonly BucketSetting<VersioningSetting> Versioning = new("versioning", StateJson.Default.VersioningSetting);

    /// <summary>What it mirrors; absent where it is a bucket of its own.</summary>
    public static readonly BucketSetting<MirrorSetting> Mirror = new("mirror", StateJson.Default.MirrorSetting);

    /// <summary>The bucket's own tags; absent where it has none.</summary>
    public static readonly BucketSetting<BucketTags> Tagging = new("tagging", StateJson.Default.BucketTags);

    /// <summary>The bucket as a container; absent where only S3 clients had a hand in it.</summary>
    public static readonly BucketSetting<ContainerSetting> Container = new("container", StateJson.Default.ContainerSetting);

    /// <summary>Cross-origin access; absent where there is none.</summary>
    public static readonly BucketSetting<CorsSetting> Cors = new("cors", StateJson.Default.CorsSetting);

    /// <summary>When objects expire and move; absent where they stay.</summary>
    public static readonly BucketSetting<LifecycleSetting> Lifecycle = new("lifecycle", StateJson.Default.LifecycleSetting);

    /// <summary>Object lock; absent where versions cannot be locked.</summary>
    public static readonly BucketSetting<ObjectLockSetting> ObjectLock = new("object-lock", StateJson.Default.ObjectLockSetting);

    /// <summary>Present where the requester pays; absent where the owner does.</summary>
    public static readonly BucketSetting<RequesterPays> RequestPayment = new("requestPayment", StateJson.Default.RequesterPays);

    /// <summary>The most that it may hold; absent where there is no bound.</summary>
    public static readonly BucketSetting<QuotaSetting> Quota = new("quota", StateJson.Default.QuotaSetting);

    /// <summary>How much may be asked of it; absent where there is no bound.</summary>
    public static readonly BucketSetting<RequestLimits> Limits = new("limits", StateJson.Default.RequestLimits);

    /// <summary>How objects are encrypted that say nothing of it themselves; absent: not at all.</summary>
    public static readonly BucketSetting<SseDefault> Encryption = new("encryption", StateJson.Default.SseDefault);

    /// <summary>Who is told of what happens to objects; absent where nobody is.</summary>
    public static readonly BucketSetting<NotificationSetting> Notifications = new("notification", StateJson.Default.NotificationSetting);

    /// <summary>The bucket as a website; absent where it is none.</summary>
    public static readonly BucketSetting<WebsiteSetting> Website = new("website", StateJson.Default.WebsiteSetting);

    /// <summary>Where the log of its requests goes; absent where there is none.</summary>
    public static readonly BucketSetting<LoggingSetting> Logging = new("logging", StateJson.Default.LoggingSetting);

    /// <summary>The bucket's policy; absent where it has none.</summary>
    public static readonly BucketSetting<PolicySetting> Policy = new("policy", StateJson.Default.PolicySetting);

    /// <summary>The bucket's access control list; absent for the canned list <c>private</c>.</summary>
    public static readonly BucketSetting<Acl> Acl = new("acl", StateJson.Default.Acl);

    /// <summary>Who owns what is written into the bucket; absent where it has no ownership controls.</summary>
    public static readonly BucketSetting<OwnershipSetting> Ownership = new("ownership", StateJson.Default.OwnershipSetting);

    /// <summary>What keeps the bucket from being opened to the public; absent where nothing does.</summary>
    public static readonly BucketSetting<PublicAccessBlock> PublicAccessBlock =
        new("publicAccessBlock", StateJson.Default.PublicAccessBlock);

    /// <summary>When readers are sent to the location itself; absent where they never are.</summary>
    public static readonly BucketSetting<RedirectSetting> Redirect = new("redirect", StateJson.Default.RedirectSetting);

    /// <summary>Where copies of objects go; absent where they go nowhere.</summary>
    public static readonly BucketSetting<ReplicationSetting> Replication = new("replication", StateJson.Default.ReplicationSetting);

    /// <summary>The fields that searches find without looking at every object; absent where there are none.</summary>
    public static readonly BucketSetting<SearchIndex> SearchIndex = new("search-index", StateJson.Default.SearchIndex);

    /// <summary>No settings at all.</summary>
    public static readonly BucketSettings None = new([]);

    private static readonly IBucketSetting[] All =
    [
        Acl,
        Container,
        Cors,
        Encryption,
        Lifecycle,
        Limits,
        Logging,
        Mirror,
        Notifications,
        ObjectLock,
        Ownership,
        Policy,
        PublicAccessBlock,
        Quota,
        Redirect,
        Replication,
        RequestPayment,
        SearchIndex,
        Tagging,
        Versioning,
        Website,
    ];

    private readonly Dictionary<string, object> values;

    private BucketSettings(Dictionary<string, object> values) => this.values = values;

    /// <summary>A setting's value, or null.</summary>
    public T? Get<T>(BucketSetting<T> setting) where T : class => values.TryGetValue(setting.Name, out var value) ? (T)value : null;

    /// <summary>The same settings but one; null removes it.</summary>
    public BucketSettings With<T>(BucketSetting<T> setting, T? value) where T : class
    {
        var changed = new Dictionary<string, object>(values);
        if (value is null) changed.Remove(setting.Name);
        else changed[setting.Name] = value;
        return new(changed);
    }

    /// <summary>The stored form of each setting, by name.</summary>
    internal IEnumerable<(string Name, ReadOnlyMemory<byte> Stored)> Stored() =>
        All.Where(setting => values.ContainsKey(setting.Name)).Select(setting => (setting.Name, setting.Write(values[setting.Name])));

    /// <summary>The settings of these rows. One that a newer program wrote is left alone.</summary>
    internal static BucketSettings Read(IEnumerable<(string Name, ReadOnlyMemory<byte> Stored)> rows)
    {
        Dictionary<string, object>? values = null;
        foreach (var (name, stored) in rows)
            if (Array.Find(All, setting => setting.Name == name) is { } setting) (values ??= [])[name] = setting.Read(stored);
        return values is null ? None : new(values);
    }
}

/// <summary>Whether overwriting and deleting keep what was there.</summary>
public enum VersioningState
{
    /// <summary>They do.</summary>
    Enabled,

    /// <summary>They did once: old versions stay, new objects are the null version.</summary>
    Suspended,
}

/// <summary>The setting of versioning.</summary>
public sealed record VersioningSetting(VersioningState State);

/// <summary>The setting of tags.</summary>
/// <param name="Tags">By key, in their order; 1 to 50.</param>
public sealed record BucketTags(IReadOnlyDictionary<string, string> Tags);

/// <summary>That requesters pay.</summary>
public sealed record RequesterPays;

/// <summary>The setting of a quota.</summary>
/// <param name="Bytes">The most bytes of all versions together; positive.</param>
public sealed record QuotaSetting(long Bytes);

/// <summary>The setting of redirects.</summary>
/// <param name="MinBytes">Readers of so many bytes or more are sent to the location that has them.</param>
public sealed record RedirectSetting(long MinBytes);
