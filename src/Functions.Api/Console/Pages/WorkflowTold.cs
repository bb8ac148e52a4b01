using System.Globalization;
using System.Xml.Linq;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>A workflow, for people: a rule of a bucket.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Kind">replication or lifecycle.</param>
/// <param name="Rule">The id of its rule.</param>
/// <param name="Title">What it does, in a word or two.</param>
/// <param name="Sentences">What it does, in full.</param>
/// <param name="IsEnabled">Whether it does.</param>
/// <param name="Mark">Tells whether it was changed since.</param>
public sealed record WorkflowTold(string Bucket, string Kind, string Rule, string Title, IReadOnlyList<string> Sentences, bool IsEnabled, string Mark)
{
    /// <summary>The locations that copies go to: for tasks about them.</summary>
    public IReadOnlyList<string> Sites { get; init; } = [];

    /// <summary>As a rule says it.</summary>
    internal static WorkflowTold Of(string bucket, string kind, XElement rule)
    {
        var isCopy = kind == BucketRules.Replication;
        var (deletes, moves) = (rule.Child("Expiration") ?? rule.Child("NoncurrentVersionExpiration") ?? rule.Child("AbortIncompleteMultipartUpload"), rule.Child("Transition") ?? rule.Child("NoncurrentVersionTransition"));
        return new(
            bucket, kind, rule.Of("ID") ?? "", isCopy ? "Copy" : deletes is null ? "Move" : moves is null ? "Delete" : "Move and delete", isCopy ? [Copies(rule)] : [.. Ages(rule)],
            rule.Of("Status") == "Enabled", BucketRules.MarkOf(rule))
        {
            Sites = isCopy ? [.. SitesOf(rule).Select(each => each.Name)] : [],
        };
    }

    /// <summary>The locations that a rule names, and whether readers are served from there.</summary>
    internal static IEnumerable<(string Name, bool IsPreferred)> SitesOf(XElement rule)
    {
        const string Preferred = ":preferred_read";
        return (rule.Child("Destination")?.Of("StorageClass") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(item => item.EndsWith(Preferred, StringComparison.Ordinal) ? (item[..^Preferred.Length], true) : (item, false));
    }

    private static string Copies(XElement rule)
    {
        var sites = SitesOf(rule).ToList();
        var to = sites.Count == 0 ? "the only location that takes copies" : Joined(sites.Select(site => site.Name));
        var markers = rule.Child("Filter") is null || rule.Child("DeleteMarkerReplication")?.Of("Status") == "Enabled";
        var text = $"{RuleScope.Of(rule).Told} are copied to {to} when they are written{(markers ? ", and deletions, too" : "; deletions are not")}.";
        if (rule.Child("ExistingObjectReplication")?.Of("Status") == "Enabled") text += " What was there before is copied as well.";
        return sites.FirstOrDefault(site => site.IsPreferred).Name is { } preferred ? $"{text} Readers are served from {preferred}." : text;
    }

    private static IEnumerable<string> Ages(XElement rule)
    {
        var scope = RuleScope.Of(rule).Told;
        foreach (var move in Named(rule, "Transition"))
            yield return $"{scope} are moved to {move.Of("StorageClass")} {When(move, "they were written")}.";
        foreach (var move in Named(rule, "NoncurrentVersionTransition"))
            yield return $"{Older(scope)} are moved to {move.Of("StorageClass")} {Days(move.Of("NoncurrentDays"))} after they were replaced{Newest(move)}.";
        if (rule.Child("Expiration") is { } expiration)
        {
            if (expiration.Of("Days") is not null || expiration.Of("Date") is not null) yield return $"{scope} are deleted {When(expiration, "they were written")}.";
            if (expiration.Of("ExpiredObjectDeleteMarker") == "true") yield return "Delete markers that hide nothing any more are removed.";
        }
        if (rule.Child("NoncurrentVersionExpiration") is { } older)
            yield return $"{Older(scope)} are removed {Days(older.Of("NoncurrentDays"))} after they were replaced{Newest(older)}.";
        if (rule.Child("AbortIncompleteMultipartUpload") is { } uploads)
            yield return $"Uploads that are not completed {Days(uploads.Of("DaysAfterInitiation"))} after they began are given up.";

        static string Older(string scope) => "Older versions of " + char.ToLowerInvariant(scope[0]) + scope[1..];
        static string Newest(XElement of) => of.Of("NewerNoncurrentVersions") is { } keep ? $", but for the newest {keep} of each object" : "";
    }

    private static IEnumerable<XElement> Named(XElement rule, string name) => rule.Elements().Where(each => each.Name.LocalName == name);

    private static string When(XElement action, string from) => action.Of("Date") is { } date
        ? $"from {(Text.ReadTime(date) is { } at ? at.UtcDateTime.ToString("d MMMM yyyy", CultureInfo.InvariantCulture) : date)} on"
        : action.Of("Days") == "0" ? "the night after " + from : $"{Days(action.Of("Days"))} after {from}";

    private static string Days(string? days) => days == "1" ? "a day" : days + " days";

    private static string Joined(IEnumerable<string> names) => names.ToList() is [.. var first, var last] && first.Count > 0 ? string.Join(", ", first) + " and " + last : string.Concat(names);
}
