using System.Security.Cryptography;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>
/// A bucket's rules of replication or lifecycle as S3 has them: the only place where workflows are. A form changes the elements that it
/// knows and leaves all others, so that rules of other clients are not damaged.
/// </summary>
internal sealed class BucketRules
{
    /// <summary>The two kinds, by the parameter of S3's operations.</summary>
    public const string Replication = "replication", Lifecycle = "lifecycle";

    private const string MinimumHeader = "x-amz-transition-default-minimum-object-size";

    // Not the one by which a Zenko configuration tells the rules that it may take back.
    private const string Role = "arn:aws:iam::root:role/replication";

    private readonly string bucket, kind;
    private readonly XElement root;
    private readonly string? minimum;

    private BucketRules(string bucket, string kind, XElement root, string? minimum) => (this.bucket, this.kind, this.root, this.minimum) = (bucket, kind, root, minimum);

    /// <summary>The rules, in their order.</summary>
    public IReadOnlyList<XElement> All => [.. root.Elements().Where(each => each.Name.LocalName == "Rule")];

    /// <summary>Whether they are of the form that S3 had first, which has no filters. Both cannot stand side by side.</summary>
    public bool IsOldForm => All.Any(rule => rule.Child("Filter") is null && rule.Child("Prefix") is not null);

    /// <summary>The rules of a bucket; without any where there are none.</summary>
    /// <exception cref="ConsoleException">They may not be seen, or there is no such bucket.</exception>
    public static async ValueTask<BucketRules> Read(ConsoleCall call, string bucket, string kind, CancellationToken ct)
    {
        var answer = await call.Api.Send("GET", ConsoleApi.PathOf(bucket), "?" + kind, ct);
        return answer.Code is "ReplicationConfigurationNotFoundError" or "NoSuchLifecycleConfiguration"
            ? new(bucket, kind, kind == Replication ? Documents.Element("ReplicationConfiguration", Documents.Element("Role", Role)) : Documents.Element("LifecycleConfiguration"), "varies_by_storage_class")
            : new(bucket, kind, answer.OrThrow().Xml(), answer.Reply.Header(MinimumHeader));
    }

    /// <summary>The rule of that id, as it was when a page was made of it.</summary>
    /// <exception cref="ConsoleException">There is none any more, or somebody has changed it since.</exception>
    public XElement Find(string? id, string? was)
    {
        var rule = All.FirstOrDefault(each => each.Of("ID") == id) ?? throw new ConsoleException(404, "NoSuchWorkflow", "There is no such workflow any more.");
        return was is null || MarkOf(rule) == was ? rule : throw new ConsoleException(409, "WorkflowChanged", "Somebody changed this workflow meanwhile. Nothing was done; look at it as it is now and try again.");
    }

    /// <summary>A new rule, not yet among the others.</summary>
    public XElement New() => new(root.Name.Namespace + "Rule", new XElement(root.Name.Namespace + "ID", "workflow-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))));

    /// <summary>Puts a new rule behind the others.</summary>
    public void Add(XElement rule) => root.Add(rule);

    /// <summary>Replaces the bucket's rules by these.</summary>
    public async ValueTask<ApiAnswer> Write(ConsoleCall call, CancellationToken ct)
    {
        var path = ConsoleApi.PathOf(bucket);
        if (All.Count == 0) return await call.Api.Send("DELETE", path, "?" + kind, ct);
        var body = Bytes(root);
        return kind == Lifecycle && minimum is not null
            ? await call.Api.Send("PUT", path, "?" + kind, ct, body, (MinimumHeader, minimum))
            : await call.Api.Send("PUT", path, "?" + kind, ct, body);
    }

    /// <summary>Tells a rule as it is from what it becomes.</summary>
    public static string MarkOf(XElement rule) => Convert.ToHexStringLower(SHA256.HashData(Bytes(rule)).AsSpan(0, 12));

    /// <summary>A child's text; the child is made where there is none, and removed where the text is null.</summary>
    public static void Set(XElement element, string name, string? text)
    {
        var child = element.Child(name);
        if (text is null) child?.Remove();
        else if (child is null) element.Add(new XElement(element.Name.Namespace + name, text));
        else if (child.Value != text) child.Value = text;
    }

    /// <summary>A child; made where there is none.</summary>
    public static XElement Within(XElement element, string name)
    {
        if (element.Child(name) is { } there) return there;
        var child = new XElement(element.Name.Namespace + name);
        element.Add(child);
        return child;
    }

    // Prefixes of others may hold what XML cannot.
    private static byte[] Bytes(XElement element)
    {
        using var bytes = new MemoryStream();
        using (var xml = XmlWriter.Create(bytes, new() { CheckCharacters = false, OmitXmlDeclaration = true, Encoding = new UTF8Encoding(false), NewLineHandling = NewLineHandling.Entitize })) element.Save(xml);
        return bytes.ToArray();
    }
}

/// <summary>Which objects a rule is about.</summary>
/// <param name="Prefix">What their names begin with; empty for any.</param>
/// <param name="Tags">Tags that they have.</param>
/// <param name="Above">Bytes that they exceed; null for any.</param>
/// <param name="Below">Bytes that they do not reach; null for any.</param>
internal sealed record RuleScope(string Prefix, IReadOnlyList<(string Key, string Value)> Tags, string? Above, string? Below)
{
    /// <summary>As a rule says it, in either form.</summary>
    public static RuleScope Of(XElement rule)
    {
        var filter = rule.Child("Filter");
        var and = filter?.Child("And") ?? filter;
        return new(
            rule.Of("Prefix") ?? and?.Of("Prefix") ?? "", [.. (and?.Elements() ?? []).Where(each => each.Name.LocalName == "Tag").Select(tag => (tag.Of("Key") ?? "", tag.Of("Value") ?? ""))],
            and?.Of("ObjectSizeGreaterThan"), and?.Of("ObjectSizeLessThan"));
    }

    /// <summary>Tags as a form has them: a line each.</summary>
    public string TagLines => string.Join('\n', Tags.Select(tag => $"{tag.Key}={tag.Value}"));

    /// <summary>In words, at the beginning of a sentence.</summary>
    public string Told
    {
        get
        {
            List<string> parts = [Prefix.Length == 0 && Tags.Count == 0 && Above is null && Below is null ? "All objects" : "Objects"];
            if (Prefix.Length > 0) parts.Add("under " + Prefix);
            if (Tags.Count > 0) parts.Add("tagged " + string.Join(" and ", Tags.Select(tag => $"{tag.Key} = {tag.Value}")));
            if (long.TryParse(Above, out var above)) parts.Add("larger than " + Text.Bytes(above));
            if (long.TryParse(Below, out var below)) parts.Add("smaller than " + Text.Bytes(below));
            return string.Join(' ', parts);
        }
    }

    /// <summary>Writes what a form says of it into a rule. What the form left as it was shown stays as it was written.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="isOldForm">Whether it is to be of the form without filters.</param>
    /// <param name="form">Its fields <c>prefix</c> and <c>tags</c>.</param>
    public static void Write(XElement rule, bool isOldForm, ConsoleForm form)
    {
        var before = Of(rule);
        var isNew = rule.Child("Prefix") is null && rule.Child("Filter") is null;
        var (prefix, tags) = (form["prefix"] ?? "", (form["tags"] ?? "").ReplaceLineEndings("\n"));
        if (!isNew && prefix == before.Prefix.Trim() && tags == before.TagLines.Trim()) return;
        var scope = before with { Prefix = prefix == before.Prefix.Trim() ? before.Prefix : prefix, Tags = tags == before.TagLines.Trim() ? before.Tags : Read(tags) };
        if (scope.Prefix.Any(char.IsControl)) throw new ConsoleException(400, "InvalidArgument", "The prefix has characters that cannot be seen.");
        if (isOldForm)
        {
            if (scope.Tags.Count > 0) throw new ConsoleException(400, "InvalidRequest", "The bucket’s rules are of an older form that knows no tags. Leave the tags out, or remove the other rules first.");
            BucketRules.Set(rule, "Prefix", scope.Prefix);
            return;
        }
        rule.Child("Filter")?.Remove();
        var name = rule.Name.Namespace;
        List<XElement> conditions = [];
        if (scope.Prefix.Length > 0) conditions.Add(new(name + "Prefix", scope.Prefix));
        conditions.AddRange(scope.Tags.Select(tag => new XElement(name + "Tag", new XElement(name + "Key", tag.Key), new XElement(name + "Value", tag.Value))));
        if (scope.Above is not null) conditions.Add(new(name + "ObjectSizeGreaterThan", scope.Above));
        if (scope.Below is not null) conditions.Add(new(name + "ObjectSizeLessThan", scope.Below));
        rule.Add(new XElement(name + "Filter", conditions.Count switch { 0 => new XElement(name + "Prefix", ""), 1 => conditions[0], _ => new XElement(name + "And", conditions) }));
    }

    private static List<(string, string)> Read(string lines)
    {
        List<(string, string)> tags = [];
        foreach (var line in lines.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1) throw new ConsoleException(400, "InvalidTag", $"“{line}” is no tag: write each on a line of its own, as key=value.");
            tags.Add((line[..equals].TrimEnd(), line[(equals + 1)..].TrimStart()));
        }
        return tags;
    }
}
