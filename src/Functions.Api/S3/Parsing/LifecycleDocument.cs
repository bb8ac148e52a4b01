using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3.Parsing;

/// <summary>The document of a bucket's lifecycle, and what AWS allows in it.</summary>
public static class LifecycleDocument
{
    private const int MaxRules = 1000;
    private const int MaxIdLength = 255;
    private const int MaxPrefixBytes = 1024;
    private const int MaxNewerVersions = 100;

    private static readonly XmlShape<LifecycleTag> TagShape = new XmlShape<LifecycleTag>("Tag")
        .Text("Key", t => t.Key, (t, v) => t.Key = v, required: true)
        .Text("Value", t => t.Value, (t, v) => t.Value = v, required: true);

    private static readonly XmlShape<LifecycleConditions> AndShape = new XmlShape<LifecycleConditions>("And")
        .Text("Prefix", a => a.Prefix, (a, v) => a.Prefix = v)
        .Many("Tag", TagShape, a => a.Tags, (a, v) => a.Tags.Add(v))
        .Integer("ObjectSizeGreaterThan", a => a.ObjectSizeGreaterThan, (a, v) => a.ObjectSizeGreaterThan = v)
        .Integer("ObjectSizeLessThan", a => a.ObjectSizeLessThan, (a, v) => a.ObjectSizeLessThan = v);

    private static readonly XmlShape<LifecycleFilter> FilterShape = new XmlShape<LifecycleFilter>("Filter")
        .Text("Prefix", f => f.Prefix, (f, v) => f.Prefix = v)
        .Nested("Tag", TagShape, f => f.Tag, (f, v) => f.Tag = v)
        .Integer("ObjectSizeGreaterThan", f => f.ObjectSizeGreaterThan, (f, v) => f.ObjectSizeGreaterThan = v)
        .Integer("ObjectSizeLessThan", f => f.ObjectSizeLessThan, (f, v) => f.ObjectSizeLessThan = v)
        .Nested("And", AndShape, f => f.And, (f, v) => f.And = v);

    private static readonly XmlShape<LifecycleExpiration> ExpirationShape = new XmlShape<LifecycleExpiration>("Expiration")
        .Date("Date", e => e.Date, (e, v) => e.Date = v)
        .Integer("Days", e => e.Days, (e, v) => e.Days = Days("Days", v))
        .Flag("ExpiredObjectDeleteMarker", e => e.ExpiredObjectDeleteMarker, (e, v) => e.ExpiredObjectDeleteMarker = v);

    private static readonly XmlShape<LifecycleTransition> TransitionShape = new XmlShape<LifecycleTransition>("Transition")
        .Date("Date", t => t.Date, (t, v) => t.Date = v)
        .Integer("Days", t => t.Days, (t, v) => t.Days = Days("Days", v))
        .Text("StorageClass", t => t.StorageClass, (t, v) => t.StorageClass = v, required: true);

    private static readonly XmlShape<NoncurrentExpiration> NoncurrentExpirationShape =
        new XmlShape<NoncurrentExpiration>("NoncurrentVersionExpiration")
            .Integer("NoncurrentDays", e => e.NoncurrentDays, (e, v) => e.NoncurrentDays = Days("NoncurrentDays", v), required: true)
            .Integer("NewerNoncurrentVersions", e => e.NewerNoncurrentVersions, (e, v) => e.NewerNoncurrentVersions = Newer(v));

    private static readonly XmlShape<NoncurrentTransition> NoncurrentTransitionShape =
        new XmlShape<NoncurrentTransition>("NoncurrentVersionTransition")
            .Integer("NoncurrentDays", t => t.NoncurrentDays, (t, v) => t.NoncurrentDays = Days("NoncurrentDays", v), required: true)
            .Integer("NewerNoncurrentVersions", t => t.NewerNoncurrentVersions, (t, v) => t.NewerNoncurrentVersions = Newer(v))
            .Text("StorageClass", t => t.StorageClass, (t, v) => t.StorageClass = v, required: true);

    private static readonly XmlShape<UploadExpiration> AbortShape = new XmlShape<UploadExpiration>("AbortIncompleteMultipartUpload")
        .Integer("DaysAfterInitiation", a => a.DaysAfterInitiation, (a, v) => a.DaysAfterInitiation = Days("DaysAfterInitiation", v), required: true);

    private static readonly XmlShape<LifecycleRule> RuleShape = new XmlShape<LifecycleRule>("Rule")
        .Text("ID", r => r.Id, (r, v) => r.Id = v)
        .Text("Prefix", r => r.Prefix, (r, v) => r.Prefix = v)
        .Nested("Filter", FilterShape, r => r.Filter, (r, v) => r.Filter = v)
        .Text("Status", r => r.Status, (r, v) => r.Status = v, required: true)
        .Nested("Expiration", ExpirationShape, r => r.Expiration, (r, v) => r.Expiration = v)
        .Many("Transition", TransitionShape, r => r.Transitions, (r, v) => r.Transitions.Add(v))
        .Nested("NoncurrentVersionExpiration", NoncurrentExpirationShape, r => r.NoncurrentExpiration, (r, v) => r.NoncurrentExpiration = v)
        .Many("NoncurrentVersionTransition", NoncurrentTransitionShape, r => r.NoncurrentTransitions, (r, v) => r.NoncurrentTransitions.Add(v))
        .Nested("AbortIncompleteMultipartUpload", AbortShape, r => r.AbortUploads, (r, v) => r.AbortUploads = v);

    /// <summary>The whole document.</summary>
    public static readonly XmlShape<LifecycleSetting> Shape = new XmlShape<LifecycleSetting>("LifecycleConfiguration")
        .Many("Rule", RuleShape, s => s.Rules, (s, v) => s.Rules.Add(v), required: true);

    private static readonly HashSet<string> StorageClasses = new(StringComparer.Ordinal)
    {
        "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "GLACIER_IR", "DEEP_ARCHIVE",
    };

    /// <summary>
    /// Reads and validates a document; rules without an id get one. AWS's least of 30 days before a transition to cheaper
    /// classes is a matter of its price list and not kept here.
    /// </summary>
    /// <param name="document">The body.</param>
    /// <param name="isLocation">Whether there is a location of that name: as at Zenko, objects may be moved to locations.</param>
    public static LifecycleSetting Parse(ReadOnlyMemory<byte> document, Func<string, bool> isLocation)
    {
        var setting = Shape.Read(document);
        if (setting.Rules.Count > MaxRules) throw XmlReading.Malformed($"There may be at most {MaxRules} rules.");
        if (setting.Rules.Exists(rule => rule.Prefix is not null) && setting.Rules.Exists(rule => rule.Filter is not null))
        {
            throw setting.Rules.Exists(rule => rule.Prefix is not null && rule.Filter is not null)
                ? XmlReading.Malformed("A rule has either a Filter or the older Prefix.")
                : Invalid.Request("Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the Filter.");
        }
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var rule in setting.Rules)
        {
            if (string.IsNullOrEmpty(rule.Id)) rule.Id = Guid.NewGuid().ToString();
            if (rule.Id.Length > MaxIdLength) throw Invalid.Argument("ID", rule.Id, $"ID length should not exceed allowed limit of {MaxIdLength}");
            if (!ids.Add(rule.Id)) throw Invalid.Argument("ID", rule.Id, "Rule ID must be unique. Found same ID for more than one rule");
            Check(rule, isLocation);
        }
        return setting;
    }

    private static void Check(LifecycleRule rule, Func<string, bool> isLocation)
    {
        if (rule.Status is not ("Enabled" or "Disabled")) throw XmlReading.Malformed("Status must be Enabled or Disabled.");
        if (rule.Prefix is null && rule.Filter is null) throw XmlReading.Malformed("A rule needs a Filter.");
        CheckPrefix(rule.Prefix);
        if (rule.Filter is { } filter) Check(filter);
        if (rule.Expiration is null && rule.Transitions.Count == 0 && rule.NoncurrentExpiration is null
            && rule.NoncurrentTransitions.Count == 0 && rule.AbortUploads is null)
            throw Invalid.Request("At least one action needs to be specified in a rule.");
        if (rule.Expiration is { } expiration) Check(expiration, rule);
        if (rule.NoncurrentExpiration is { } noncurrent) Positive("NoncurrentDays", noncurrent.NoncurrentDays, "NoncurrentVersionExpiration");
        if (rule.AbortUploads is { } abort)
        {
            Positive("DaysAfterInitiation", abort.DaysAfterInitiation, "AbortIncompleteMultipartUpload");
            if (HasTags(rule)) throw Invalid.Request("AbortIncompleteMultipartUpload cannot be specified with Tags.");
            if (rule.HasSizes) throw Invalid.Request("AbortIncompleteMultipartUpload cannot be specified with object sizes.");
        }
        CheckTransitions(rule, isLocation);
    }

    private static void Check(LifecycleFilter filter)
    {
        // Older clients send an empty prefix beside what they mean.
        var said = (string.IsNullOrEmpty(filter.Prefix) ? 0 : 1) + (filter.Tag is null ? 0 : 1) + (filter.And is null ? 0 : 1)
            + (filter.ObjectSizeGreaterThan is null ? 0 : 1) + (filter.ObjectSizeLessThan is null ? 0 : 1);
        if (said > 1) throw XmlReading.Malformed("A Filter has one condition; several are put into And.");
        CheckPrefix(filter.Prefix);
        CheckSizes(filter.ObjectSizeGreaterThan, filter.ObjectSizeLessThan);
        if (filter.Tag is { } tag) TagSet.CheckTag(tag.Key, tag.Value);
        if (filter.And is not { } and) return;
        var conditions = (and.Prefix is null ? 0 : 1) + and.Tags.Count
            + (and.ObjectSizeGreaterThan is null ? 0 : 1) + (and.ObjectSizeLessThan is null ? 0 : 1);
        if (conditions < 2) throw XmlReading.Malformed("And joins two conditions or more.");
        CheckPrefix(and.Prefix);
        CheckSizes(and.ObjectSizeGreaterThan, and.ObjectSizeLessThan);
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var each in and.Tags)
        {
            TagSet.CheckTag(each.Key, each.Value);
            if (!keys.Add(each.Key)) throw Invalid.Request("Duplicate Tag Keys are not allowed.");
        }
    }

    private static void Check(LifecycleExpiration expiration, LifecycleRule rule)
    {
        var said = (expiration.Date is null ? 0 : 1) + (expiration.Days is null ? 0 : 1) + (expiration.ExpiredObjectDeleteMarker is null ? 0 : 1);
        if (said != 1) throw XmlReading.Malformed("Expiration has one of Date, Days and ExpiredObjectDeleteMarker.");
        if (expiration.Days is { } days) Positive("Days", days, "Expiration");
        Midnight(expiration.Date);
        if (expiration.ExpiredObjectDeleteMarker is null) return;
        if (HasTags(rule)) throw Invalid.Request("ExpiredObjectDeleteMarker cannot be specified with Tags.");
        if (rule.HasSizes) throw Invalid.Request("ExpiredObjectDeleteMarker cannot be specified with object sizes.");
    }

    private static void CheckTransitions(LifecycleRule rule, Func<string, bool> isLocation)
    {
        var classes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var transition in rule.Transitions)
        {
            if ((transition.Date is null) == (transition.Days is null)) throw XmlReading.Malformed("A Transition has either Date or Days.");
            if (transition.Days < 0) throw Invalid.Argument("Days", $"{transition.Days}", "'Days' in Transition action must be nonnegative");
            Midnight(transition.Date);
            CheckClass("Transition", transition.StorageClass, classes, isLocation);
            CheckOrder(rule.Expiration, transition, rule.Transitions[0]);
        }
        classes.Clear();
        foreach (var transition in rule.NoncurrentTransitions)
        {
            if (transition.NoncurrentDays < 0)
                throw Invalid.Argument("NoncurrentDays", $"{transition.NoncurrentDays}", "'NoncurrentDays' in NoncurrentVersionTransition action must be nonnegative");
            CheckClass("NoncurrentVersionTransition", transition.StorageClass, classes, isLocation);
            if (rule.NoncurrentExpiration is { } expiration && expiration.NoncurrentDays <= transition.NoncurrentDays)
                throw Invalid.Argument("NoncurrentDays", $"{expiration.NoncurrentDays}", "'NoncurrentDays' in the NoncurrentVersionExpiration action must be greater than 'NoncurrentDays' in the NoncurrentVersionTransition action");
        }
    }

    private static void CheckOrder(LifecycleExpiration? expiration, LifecycleTransition transition, LifecycleTransition first)
    {
        if ((transition.Date is null) != (first.Date is null)
            || (transition.Date is not null && expiration?.Days is not null) || (transition.Days is not null && expiration?.Date is not null))
            throw Invalid.Request("Found mixed 'Date' and 'Days' based Expiration and Transition actions in a lifecycle rule.");
        if (expiration?.Days <= transition.Days)
            throw Invalid.Argument("Days", $"{expiration.Days}", "'Days' in the Expiration action must be greater than 'Days' in the Transition action");
        if (expiration?.Date <= transition.Date)
            throw Invalid.Argument("Date", $"{expiration.Date:O}", "'Date' in the Expiration action must be later than 'Date' in the Transition action");
    }

    private static void CheckClass(string action, string storageClass, HashSet<string> seen, Func<string, bool> isLocation)
    {
        if (!StorageClasses.Contains(storageClass) && !isLocation(storageClass))
            throw XmlReading.Malformed("StorageClass must be a class that objects can be moved to, or a location.");
        if (!seen.Add(storageClass)) throw Invalid.Request($"'StorageClass' must be different for '{action}' actions in same 'Rule'");
    }

    private static void CheckPrefix(string? prefix)
    {
        if (prefix is not null && System.Text.Encoding.UTF8.GetByteCount(prefix) > MaxPrefixBytes)
            throw Invalid.Request($"The maximum size of a prefix is {MaxPrefixBytes}.");
    }

    private static void CheckSizes(long? above, long? below)
    {
        if (above < 0) throw Invalid.Argument("ObjectSizeGreaterThan", $"{above}", "ObjectSizeGreaterThan must not be negative.");
        if (below < 1) throw Invalid.Argument("ObjectSizeLessThan", $"{below}", "ObjectSizeLessThan must be positive.");
        if (below <= above) throw Invalid.Request("'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.");
    }

    private static bool HasTags(LifecycleRule rule) => rule.Filter?.Tag is not null || rule.Filter?.And?.Tags.Count > 0;

    private static void Positive(string name, int days, string action)
    {
        if (days < 1) throw Invalid.Argument(name, $"{days}", $"'{name}' for {action} action must be a positive integer");
    }

    private static void Midnight(DateTimeOffset? date)
    {
        if (date is { } at && at.UtcDateTime.TimeOfDay != TimeSpan.Zero) throw Invalid.Argument("Date", $"{at:O}", "'Date' must be at midnight GMT");
    }

    private static int Days(string name, long days) =>
        days is > int.MaxValue or < int.MinValue ? throw XmlReading.Malformed($"{name} must be a number of 32 bits.") : (int)days;

    private static int Newer(long versions) => versions is >= 1 and <= MaxNewerVersions
        ? (int)versions
        : throw Invalid.Argument("NewerNoncurrentVersions", $"{versions}", $"'NewerNoncurrentVersions' must be a number from 1 to {MaxNewerVersions}.");
}
