using System.Text;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3.Parsing;

/// <summary>
/// The document of a bucket's replication, and what Zenko (first form: Prefix) and AWS (second form: Filter) allow in it.
/// </summary>
/// <remarks>
/// What a rule may ask of the destination that no site is asked for is either refused with NotImplemented, because it would be a
/// promise (ReplicationTime, a key for replicas, changes that come back, deletions of versions), or told again
/// (<see cref="ReplicationRemarks"/>), because it makes no difference.
/// </remarks>
public static class ReplicationDocument
{
    private const int MaxRules = 1000;
    private const int MaxSites = 30; // each is a row of every commit, and a part of every version's row
    private const int MaxIdLength = 255;
    private const int MaxPrefixBytes = 1024;
    private const string BucketArn = "arn:aws:s3:::";
    private const string Guide = " for this version of Cross Region Replication configuration schema version. Please refer to S3 Developer Guide for more information.";
    private const string Preferred = ":preferred_read";

    /// <summary>Classes of AWS's: at the default site.</summary>
    private static readonly HashSet<string> StorageClasses = new(StringComparer.Ordinal)
    {
        "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "GLACIER_IR", "DEEP_ARCHIVE",
    };

    /// <summary>Reads and validates a document; rules without an id get one.</summary>
    /// <param name="document">The body.</param>
    /// <param name="sites">The locations that can have replicas, by name.</param>
    public static ReplicationSetting Parse(ReadOnlyMemory<byte> document, IReadOnlyDictionary<string, IReplicas> sites)
    {
        var message = ReplicationShapes.Document.Read(document);
        if (message.Rules.Count > MaxRules) throw Invalid.Request($"Number of defined replication rules cannot exceed {MaxRules}");
        if (message.Rules.Exists(rule => rule.Filter is null) && message.Rules.Exists(rule => rule.Filter is not null))
            throw Invalid.Request("Rules with Prefix and rules with Filter cannot be put together; write them all with Filter.");
        var rules = new List<ReplicationRule>(message.Rules.Count);
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var rule in message.Rules)
        {
            var id = string.IsNullOrEmpty(rule.Id) ? Convert.ToBase64String(Encoding.ASCII.GetBytes(Guid.NewGuid().ToString())) : rule.Id;
            if (id.Length > MaxIdLength) throw Invalid.Argument("ID", id, $"Rule Id cannot be greater than {MaxIdLength}");
            if (!ids.Add(id)) throw Invalid.Request("Rule Id must be unique");
            rules.Add(rule.Filter is { } filter ? OfSecondForm(rule, id, filter, sites) : OfFirstForm(rule, id, sites));
        }
        if (rules.SelectMany(rule => rule.Sites).Distinct(StringComparer.Ordinal).Count() > MaxSites)
            throw Invalid.Request($"The rules may name at most {MaxSites} different locations.");
        if (rules[0].HasFilter) CheckPriorities(rules);
        else CheckTogether(rules);
        CheckRole(message.Role);
        return new(message.Role, rules);
    }

    /// <summary>
    /// Refuses rules that do not say where to read from: those of a bucket whose bytes leave it when they are replicated. As at Zenko.
    /// </summary>
    public static void NeedPreferredRead(ReplicationSetting setting)
    {
        foreach (var rule in setting.Rules)
            if (rule.PreferredRead is null)
                throw Invalid.Request($"The bucket's location is transient: the StorageClass of the rule '{rule.Id}' must name a location to read from, as in 'site{Preferred}'.");
    }

    /// <summary>The destination buckets of rules that name no location, as AWS's do.</summary>
    public static IEnumerable<string> BucketsAlone(ReplicationSetting setting, IReadOnlyDictionary<string, IReplicas> sites) =>
        setting.Rules
            .Where(rule => rule.Bucket is not null && rule.StorageClass?.Split(',').Any(item => sites.ContainsKey(SiteIn(item))) != true)
            .Select(rule => rule.Bucket![BucketArn.Length..]).Distinct(StringComparer.Ordinal);

    /// <summary>The reply of a Get.</summary>
    public static Reply Write(ReplicationSetting setting)
    {
        var message = new ReplicationMessages.Document { Role = setting.Role };
        foreach (var rule in setting.Rules) message.Rules.Add(Written(rule));
        return Reply.Document(ReplicationShapes.Document, message);
    }

    private static ReplicationRule OfFirstForm(ReplicationMessages.Rule rule, string id, IReadOnlyDictionary<string, IReplicas> sites)
    {
        if (rule.Prefix is null) throw XmlReading.Malformed("A rule needs a Prefix or a Filter.");
        if (rule.Priority is not null) throw Invalid.Request("Priority cannot be used" + Guide);
        if (rule.DeleteMarkers is not null) throw Invalid.Request("DeleteMarkerReplication cannot be used" + Guide);
        if (rule.ExistingObjects is not null) throw Invalid.Request("ExistingObjectReplication cannot be used" + Guide);
        return Of(rule, id, sites) with { Prefix = CheckPrefix(rule.Prefix), DeleteMarkers = true };
    }

    private static ReplicationRule OfSecondForm(
        ReplicationMessages.Rule rule, string id, ReplicationMessages.Filter filter, IReadOnlyDictionary<string, IReplicas> sites)
    {
        if (rule.Prefix is not null) throw XmlReading.Malformed("A rule has either a Filter or the older Prefix.");
        if (rule.Priority is not { } priority) throw Invalid.Request("Priority must be specified" + Guide);
        if (priority is < 0 or > int.MaxValue) throw Invalid.Argument("Priority", $"{priority}", "Priority must be a number from 0 to 2147483647");
        if (rule.DeleteMarkers is null) throw Invalid.Request("DeleteMarkerReplication must be specified" + Guide);
        var (prefix, tags) = Check(filter);
        var deleteMarkers = IsEnabled(rule.DeleteMarkers)!.Value;
        if (deleteMarkers && tags is not null)
            throw Invalid.Request("Delete marker replication is not supported if any Tag filter is specified. Please refer to S3 Developer Guide for more information.");
        return Of(rule, id, sites) with
        {
            HasFilter = true,
            Prefix = prefix,
            Tags = tags,
            Priority = (int)priority,
            DeleteMarkers = deleteMarkers,
            ExistingObjects = IsEnabled(rule.ExistingObjects),
        };
    }

    /// <summary>What both forms have.</summary>
    private static ReplicationRule Of(ReplicationMessages.Rule rule, string id, IReadOnlyDictionary<string, IReplicas> sites)
    {
        var destination = rule.Destination!;
        var (named, preferred) = Sites(destination.StorageClass, sites);
        if (IsEnabled(rule.DeleteVersions) == true) throw NotServed("DeleteReplication");
        if (IsEnabled(rule.Source?.ReplicaModifications) == true) throw NotServed("ReplicaModifications");
        if (Threshold(destination.Time) is { Enabled: true }) throw NotServed("ReplicationTime");
        if (destination.Translation is { Owner: not "Destination" }) throw XmlReading.Malformed("Owner must be Destination.");
        var remarks = new ReplicationRemarks
        {
            Account = destination.Account,
            Owner = destination.Translation?.Owner,
            Metrics = Threshold(destination.Metrics),
            Time = Threshold(destination.Time),
            ReplicaModifications = IsEnabled(rule.Source?.ReplicaModifications),
        };
        return new()
        {
            Id = id,
            Enabled = rule.Status switch { "Enabled" => true, "Disabled" => false, _ => throw XmlReading.Malformed("Status must be Enabled or Disabled.") },
            Bucket = CheckBucket(destination.Bucket),
            StorageClass = destination.StorageClass,
            Sites = named,
            PreferredRead = preferred,
            KmsEncrypted = IsEnabled(rule.Source?.KmsEncrypted),
            Remarks = remarks == new ReplicationRemarks() ? null : remarks,
        };
    }

    private static (IReadOnlyList<string> Sites, string? Preferred) Sites(string? storageClass, IReadOnlyDictionary<string, IReplicas> sites)
    {
        if (storageClass is null) return ([DefaultSite(sites)], null);
        var named = new List<string>();
        string? preferred = null;
        foreach (var item in storageClass.Split(','))
        {
            var name = SiteIn(item);
            var site = !sites.ContainsKey(name) && StorageClasses.Contains(name) ? DefaultSite(sites) : name;
            if (!sites.TryGetValue(site, out var location))
                throw XmlReading.Malformed($"StorageClass must be a list of locations that can have copies ({Names(sites)}); '{name}' is none.");
            if (location.ReplicaTraits.WholeKey)
                throw Invalid.Request($"The location '{site}' has keys without the bucket's name (bucketMatch), so copies of several buckets would meet in it: it cannot be a destination.");
            if (!named.Contains(site)) named.Add(site);
            if (name.Length == item.Length) continue;
            if (preferred is not null) throw XmlReading.Malformed("Only one location of a rule can be the preferred one for reads.");
            preferred = site;
        }
        return (named, preferred);
    }

    private static string SiteIn(string item) => item.EndsWith(Preferred, StringComparison.Ordinal) ? item[..^Preferred.Length] : item;

    private static string DefaultSite(IReadOnlyDictionary<string, IReplicas> sites)
    {
        var able = sites.Where(site => !site.Value.ReplicaTraits.WholeKey).Select(site => site.Key).ToList();
        return able is [var only]
            ? only
            : throw Invalid.Request(able.Count == 0
                ? "There is no location that copies could go to; add one first (zenkofn location add)."
                : $"The destination's StorageClass must name the locations that copies go to: {Names(sites)}.");
    }

    private static string Names(IReadOnlyDictionary<string, IReplicas> sites) =>
        sites.Count == 0 ? "there is none yet" : string.Join(", ", sites.Keys.Order(StringComparer.Ordinal));

    private static (string Prefix, IReadOnlyDictionary<string, string>? Tags) Check(ReplicationMessages.Filter filter)
    {
        // Older clients send an empty prefix beside what they mean.
        var said = (string.IsNullOrEmpty(filter.Prefix) ? 0 : 1) + (filter.Tag is null ? 0 : 1) + (filter.And is null ? 0 : 1);
        if (said > 1) throw XmlReading.Malformed("A Filter has one condition; several are put into And.");
        if (filter.Tag is { } tag)
        {
            TagSet.CheckTag(tag.Key, tag.Value);
            return ("", new Dictionary<string, string> { [tag.Key] = tag.Value });
        }
        if (filter.And is not { } and) return (CheckPrefix(filter.Prefix ?? ""), null);
        var tags = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var each in and.Tags)
        {
            TagSet.CheckTag(each.Key, each.Value);
            if (!tags.TryAdd(each.Key, each.Value)) throw Invalid.Request("Duplicate Tag Keys are not allowed.");
        }
        if (tags.Count == 0) throw XmlReading.Malformed("And joins two conditions or more.");
        return (CheckPrefix(and.Prefix ?? ""), tags);
    }

    private static string CheckPrefix(string prefix) => Encoding.UTF8.GetByteCount(prefix) <= MaxPrefixBytes
        ? prefix
        : throw Invalid.Argument("Prefix", prefix, $"Rule prefix cannot be longer than maximum allowed key length of {MaxPrefixBytes}");

    /// <summary>Zenko's rules about the rules of the first form.</summary>
    private static void CheckTogether(List<ReplicationRule> rules)
    {
        // In order, a prefix stands right before those that it begins.
        var sorted = rules.Select(rule => rule.Prefix).Order(StringComparer.Ordinal).ToList();
        for (var i = 1; i < sorted.Count; i++)
            if (sorted[i].StartsWith(sorted[i - 1], StringComparison.Ordinal))
                throw Invalid.Request($"Found overlapping prefixes '{sorted[i - 1]}' and '{sorted[i]}'");
        if (rules.Select(rule => rule.Bucket).OfType<string>().Distinct(StringComparer.Ordinal).Count() > 1)
            throw Invalid.Request("The destination bucket must be same for all rules");
    }

    /// <summary>Of two rules about one site the priority decides, so it must.</summary>
    private static void CheckPriorities(List<ReplicationRule> rules)
    {
        var seen = new Dictionary<(string, int), string>();
        foreach (var rule in rules)
            foreach (var site in rule.Sites)
                if (!seen.TryAdd((site, rule.Priority), rule.Id))
                    throw Invalid.Request($"Found duplicate priority {rule.Priority} in the rules '{seen[(site, rule.Priority)]}' and '{rule.Id}', which have the same destination");
    }

    private static void CheckRole(string role)
    {
        var roles = role.Split(',');
        if (roles.Length > 2)
            throw Invalid.Argument("Role", role, "Invalid Role specified in replication configuration: Role must be one IAM role, or a comma-separated list of two IAM roles");
        foreach (var each in roles)
            if (each.Split(':', 6) is not ["arn", "aws", "iam", "", { Length: > 0 }, var name] || !name.StartsWith("role/", StringComparison.Ordinal))
                throw Invalid.Argument("Role", role, $"Invalid Role specified in replication configuration: '{each}'");
    }

    private static string? CheckBucket(string? arn)
    {
        if (arn is null) return null;
        if (arn.Length == 0) throw Invalid.Argument("Bucket", arn, "Destination bucket cannot be null or empty");
        if (!arn.StartsWith(BucketArn, StringComparison.Ordinal)) throw Invalid.Argument("Bucket", arn, "Invalid bucket ARN");
        return BucketName.Fault(arn[BucketArn.Length..]) is null ? arn : throw Invalid.Argument("Bucket", arn, "The specified bucket is not valid");
    }

    private static bool? IsEnabled(ReplicationMessages.Switch? given) => given?.Status switch
    {
        null => null,
        "Enabled" => true,
        "Disabled" => false,
        _ => throw XmlReading.Malformed("Status must be Enabled or Disabled."),
    };

    private static ReplicationThreshold? Threshold(ReplicationMessages.Threshold? given)
    {
        if (IsEnabled(given) is not { } enabled) return null;
        return given!.Minutes is null or { Minutes: 15 }
            ? new(enabled, (int?)given.Minutes?.Minutes)
            : throw Invalid.Argument("Minutes", $"{given.Minutes.Minutes}", "Minutes must be 15.");
    }

    private static S3Exception NotServed(string element) =>
        new(S3Errors.NotImplemented, $"This server does not implement {element}; set its Status to Disabled or leave it out.");

    private static ReplicationMessages.Rule Written(ReplicationRule rule)
    {
        var remarks = rule.Remarks ?? new();
        var isSelective = (rule.KmsEncrypted ?? remarks.ReplicaModifications) is not null;
        return new()
        {
            Id = rule.Id,
            Priority = rule.HasFilter ? rule.Priority : null,
            Prefix = rule.HasFilter ? null : rule.Prefix,
            Filter = rule.HasFilter ? Written(rule.Prefix, rule.Tags) : null,
            Status = Status(rule.Enabled),
            Source = isSelective ? new() { KmsEncrypted = Switch(rule.KmsEncrypted), ReplicaModifications = Switch(remarks.ReplicaModifications) } : null,
            ExistingObjects = Switch(rule.ExistingObjects),
            DeleteMarkers = rule.HasFilter ? Switch(rule.DeleteMarkers) : null,
            Destination = new()
            {
                Bucket = rule.Bucket,
                Account = remarks.Account,
                StorageClass = rule.StorageClass,
                Translation = remarks.Owner is { } owner ? new() { Owner = owner } : null,
                Metrics = Threshold(remarks.Metrics),
                Time = Threshold(remarks.Time),
            },
        };
    }

    private static ReplicationMessages.Filter Written(string prefix, IReadOnlyDictionary<string, string>? tags)
    {
        if (tags is null) return new() { Prefix = prefix };
        var list = tags.Select(tag => new Tag { Key = tag.Key, Value = tag.Value }).ToList();
        if (prefix.Length == 0 && list is [var only]) return new() { Tag = only };
        var and = new ReplicationMessages.And { Prefix = prefix.Length == 0 ? null : prefix };
        and.Tags.AddRange(list);
        return new() { And = and };
    }

    private static string Status(bool enabled) => enabled ? "Enabled" : "Disabled";

    private static ReplicationMessages.Switch? Switch(bool? enabled) => enabled is { } value ? new() { Status = Status(value) } : null;

    private static ReplicationMessages.Threshold? Threshold(ReplicationThreshold? threshold) => threshold is null
        ? null
        : new() { Status = Status(threshold.Enabled), Minutes = threshold.Minutes is { } minutes ? new() { Minutes = minutes } : null };
}
