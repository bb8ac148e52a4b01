using System.Text;
using System.Text.Json;

namespace ZenkoFunctions.Core.Access;

/// <summary>Reads policy documents. The messages are AWS's where AWS has one.</summary>
internal sealed class PolicyReader(PolicyKind kind, string? bucket)
{
    private const string BucketArn = "arn:aws:s3:::";

    private bool withVariables;
    private string? place;

    public static Result<Policy> Read(string json, PolicyKind kind, string? bucket)
    {
        // The byte count is at least the number of characters.
        if (json.Length > Policy.MaxBytes || Encoding.UTF8.GetByteCount(json) > Policy.MaxBytes)
            return Wrong($"Policies exceed the maximum allowed document size of {Policy.MaxBytes} bytes.");
        if (!json.StartsWith('{')) return Wrong("Policies must be valid JSON and the first byte must be '{'");
        var reader = new PolicyReader(kind, bucket);
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 16 });
            return new Policy(json, reader.Statements(document.RootElement));
        }
        catch (JsonException e) when (e.LineNumber is { } line)
        {
            return Wrong(FormattableString.Invariant($"This policy contains invalid Json: line {line + 1}, byte {e.BytePositionInLine + 1}"));
        }
        // Half of a surrogate pair is refused in the text, or where a string that names it is read out.
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            return Wrong("This policy contains invalid Json");
        }
        catch (MalformedException malformed)
        {
            return Wrong(reader.place is { } place ? $"{malformed.Message} ({place})" : malformed.Message);
        }
    }

    private static Declined Wrong(string detail) => Refusal.MalformedPolicy.Because(detail);

    private List<Statement> Statements(JsonElement root)
    {
        JsonElement? statements = null;
        foreach (var member in root.EnumerateObject())
        {
            switch (member.Name)
            {
                case "Version":
                    var version = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString() : null;
                    if (version is not ("2012-10-17" or "2008-10-17")) throw new MalformedException("The policy must contain a valid version string");
                    withVariables = version == "2012-10-17";
                    break;
                case "Id":
                    Text(member.Value, "Id");
                    break;
                case "Statement":
                    statements = member.Value;
                    break;
                default:
                    throw new MalformedException($"Unknown field {member.Name}");
            }
        }
        if (statements is not { } found) throw new MalformedException("Missing required field Statement");
        var read = Many(found).Select((statement, i) => Read(statement, i + 1)).ToList();
        place = null;
        if (read.Count == 0) throw new MalformedException("Could not parse the policy: Statement is empty!");
        var sids = read.Where(line => line.Sid is { Length: > 0 }).Select(line => line.Sid!).ToList();
        if (sids.Distinct(StringComparer.Ordinal).Count() != sids.Count)
            throw new MalformedException("Statement IDs (SID) in a single policy must be unique.");
        return [.. read.Select(line => line.Statement)];
    }

    private (string? Sid, Statement Statement) Read(JsonElement element, int number)
    {
        place = FormattableString.Invariant($"statement {number}");
        if (element.ValueKind != JsonValueKind.Object) throw new MalformedException("Invalid policy syntax.");
        string? sid = null;
        Effect? effect = null;
        PrincipalList? principals = null;
        PatternList? actions = null, resources = null;
        List<ConditionLine> conditions = [];
        foreach (var member in element.EnumerateObject())
        {
            var value = member.Value;
            var isNegated = member.Name.StartsWith("Not", StringComparison.Ordinal);
            place = FormattableString.Invariant($"statement {number}, {member.Name}");
            switch (member.Name)
            {
                case "Sid":
                    sid = Text(value, "Sid");
                    break;
                case "Effect":
                    effect = Text(value, "Effect") switch
                    {
                        "Allow" => Effect.Allow,
                        "Deny" => Effect.Deny,
                        var other => throw new MalformedException($"Invalid effect: {other}"),
                    };
                    break;
                case "Principal" or "NotPrincipal" when kind != PolicyKind.Identity:
                    Once(principals, member.Name);
                    principals = PrincipalReader.Read(value, isNegated);
                    break;
                case "Action" or "NotAction":
                    Once(actions, member.Name);
                    actions = new(Patterns(value, "action", Action), isNegated, IgnoreCase: true);
                    break;
                case "Resource" or "NotResource" when kind != PolicyKind.Trust:
                    Once(resources, member.Name);
                    resources = new(Patterns(value, "resource", Resource), isNegated, IgnoreCase: false);
                    break;
                case "Condition":
                    ReadConditions(value, conditions);
                    break;
                default:
                    throw new MalformedException($"Unknown field {member.Name}");
            }
        }
        place = FormattableString.Invariant($"statement {number}");
        if (effect is null) throw new MalformedException("Missing required field Effect");
        if (principals is null && kind != PolicyKind.Identity) throw new MalformedException("Missing required field Principal");
        if (actions is null) throw new MalformedException("Missing required field Action");
        if (resources is null && kind != PolicyKind.Trust) throw new MalformedException("Missing required field Resource");
        // It would allow everybody but those that it names.
        if (principals is { IsNegated: true } && effect == Effect.Allow) throw new MalformedException("Allow with NotPrincipal is not allowed.");
        return (sid, new(effect.Value, principals, actions, resources, conditions));
    }

    private Pattern Action(string text)
    {
        var colon = text.IndexOf(':');
        var service = colon < 0 ? "" : text[..colon];
        var isFitting = kind switch
        {
            _ when text == "*" => true,
            PolicyKind.Bucket => service.Equals("s3", StringComparison.OrdinalIgnoreCase) && S3Actions.AnyMatches(text),
            PolicyKind.Trust => service.Equals("sts", StringComparison.OrdinalIgnoreCase),
            _ => service.Length > 0 && text.Length > colon + 1,
        };
        return (isFitting ? Pattern.Parse(text, withWildcards: true, withVariables: false) : null)
            ?? throw new MalformedException("Policy has invalid action");
    }

    private Pattern Resource(string text)
    {
        var pattern = Pattern.Parse(text, withWildcards: true, withVariables);
        var isFitting = pattern is not null && (text == "*"
            ? kind != PolicyKind.Bucket
            : text.StartsWith("arn:", StringComparison.Ordinal) && text.Count(c => c == ':') >= 5);
        if (isFitting && kind == PolicyKind.Bucket) isFitting = IsOwn(pattern!);
        return isFitting ? pattern! : throw new MalformedException("Policy has invalid resource");
    }

    /// <summary>Whether the resource can be the policy's own bucket or something in it. AWS also refuses actions that no resource fits; Ceph does not.</summary>
    private bool IsOwn(Pattern pattern)
    {
        if (!pattern.Source.StartsWith(BucketArn, StringComparison.Ordinal)) return false;
        var name = pattern.Source[BucketArn.Length..];
        var slash = name.IndexOf('/');
        if (slash >= 0) name = name[..slash];
        // A wildcard in front of the slash may swallow it and part of the key.
        return name.Length > 0 && !name.Contains('$')
            && (bucket is null || (Pattern.Parse(name, withWildcards: true, withVariables: false) is { } own && own.Matches(bucket)));
    }

    private void ReadConditions(JsonElement block, List<ConditionLine> lines)
    {
        if (block.ValueKind != JsonValueKind.Object) throw new MalformedException("Invalid policy syntax.");
        foreach (var line in block.EnumerateObject())
        {
            var (name, quantifier, ifExists) = (line.Name, Quantifier.None, false);
            if (name.StartsWith("ForAnyValue:", StringComparison.Ordinal)) (name, quantifier) = (name["ForAnyValue:".Length..], Quantifier.ForAnyValue);
            else if (name.StartsWith("ForAllValues:", StringComparison.Ordinal)) (name, quantifier) = (name["ForAllValues:".Length..], Quantifier.ForAllValues);
            if (name.EndsWith("IfExists", StringComparison.Ordinal)) (name, ifExists) = (name[..^"IfExists".Length], true);
            if (ConditionOperator.Find(name) is not { } op || (op.Kind == Comparison.Null && (ifExists || quantifier != Quantifier.None)))
                throw new MalformedException($"Invalid Condition type : {line.Name}");
            if (line.Value.ValueKind != JsonValueKind.Object) throw new MalformedException("Invalid policy syntax.");
            foreach (var key in line.Value.EnumerateObject())
            {
                if (kind == PolicyKind.Bucket ? !ConditionKeys.IsKnown(key.Name) : !key.Name.Contains(':'))
                    throw new MalformedException("Policy has an invalid condition key");
                lines.Add(new(op, quantifier, ifExists, key.Name, Values(key.Value, op)));
            }
        }
    }

    private List<Pattern> Values(JsonElement value, ConditionOperator op)
    {
        List<Pattern> values = [];
        foreach (var item in Many(value))
        {
            var text = item.ValueKind switch
            {
                JsonValueKind.String => item.GetString()!,
                JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => item.GetRawText(),
                _ => throw new MalformedException("Invalid policy syntax."),
            };
            var pattern = Pattern.Parse(text, op.HasWildcards, withVariables);
            if (pattern is null || (!pattern.HasVariables && !op.Accepts(text)))
                throw new MalformedException("Policy has an invalid condition value");
            values.Add(pattern);
        }
        return values;
    }

    private static List<Pattern> Patterns(JsonElement value, string what, Func<string, Pattern> read)
    {
        List<Pattern> patterns = [];
        foreach (var item in Many(value))
            patterns.Add(item.ValueKind == JsonValueKind.String ? read(item.GetString()!) : throw new MalformedException($"Policy has invalid {what}"));
        return patterns.Count > 0 ? patterns : throw new MalformedException($"Policy has invalid {what}");
    }

    /// <summary>An array's items, or the one thing that stands in an array's place.</summary>
    private static List<JsonElement> Many(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];

    private static string Text(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new MalformedException($"{name} must be a string.");

    private static void Once(object? before, string name)
    {
        if (before is not null) throw new MalformedException($"Statement may have only one of {name} and its opposite.");
    }
}

/// <summary>Ends the reading of a document; never leaves the reader.</summary>
internal sealed class MalformedException(string message) : Exception(message);
