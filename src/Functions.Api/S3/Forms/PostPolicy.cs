using System.Globalization;
using System.Text.Json;
using ZenkoFunctions.Api.S3.Parsing;

namespace ZenkoFunctions.Api.S3.Forms;

/// <summary>
/// The policy of a browser's upload: what whoever signed it lets the form say. It is JSON with an expiration and conditions, of
/// which every field of the form must fulfil one, and each of which must be fulfilled.
/// </summary>
internal sealed class PostPolicy
{
    private static readonly string[] Expirations = ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"];

    /// <summary>Fields that need no condition: they are about the policy itself, or only say what the bytes are.</summary>
    private static readonly HashSet<string> Exempt = new(StringComparer.OrdinalIgnoreCase)
    {
        "AWSAccessKeyId", "bucket", "policy", "signature", "x-amz-signature",
    };

    private readonly List<Condition> conditions = [];
    private DateTimeOffset expiration;

    /// <summary>The fewest bytes of the file.</summary>
    public long Least { get; private set; }

    /// <summary>The most bytes of the file.</summary>
    public long Most { get; private set; } = Payload.MaxBytes;

    /// <summary>Reads the field <c>policy</c>, base64; throws InvalidPolicyDocument.</summary>
    public static PostPolicy Parse(string base64)
    {
        try
        {
            using var document = JsonDocument.Parse(Convert.FromBase64String(base64), new() { MaxDepth = 4 });
            return Read(document.RootElement);
        }
        catch (FormatException)
        {
            throw Malformed("it is not base64.");
        }
        catch (JsonException)
        {
            throw Malformed("it is not JSON.");
        }
    }

    /// <summary>Throws AccessDenied where the policy has expired, or does not allow what the form says.</summary>
    public void Check(PostForm form, DateTimeOffset now)
    {
        if (expiration < now) throw Denied("Policy expired.");
        foreach (var condition in conditions)
            if (!condition.Holds(ValueIn(form, condition.Field))) throw Denied($"Policy Condition failed: {condition}");
        // The bucket is part of what is asked for, though mostly no field.
        string[] extra = [.. form.Fields.Keys.Where(name => !IsExempt(name)).Append("bucket").Where(name => !IsCovered(name))];
        if (extra.Length > 0) throw Denied($"Extra input fields: {string.Join(", ", extra).ToLowerInvariant()}");
    }

    private static string? ValueIn(PostForm form, string field) =>
        field.Equals("bucket", StringComparison.OrdinalIgnoreCase) ? form.Bucket
        : field.Equals("key", StringComparison.OrdinalIgnoreCase) ? form.Key
        : form[field];

    private static bool IsExempt(string name) =>
        Exempt.Contains(name) || PostForm.IsIgnored(name) || name.StartsWith("x-amz-checksum-", StringComparison.OrdinalIgnoreCase);

    private bool IsCovered(string name) =>
        conditions.Exists(condition => condition.Field.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static PostPolicy Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object) throw Malformed("it must be an object.");
        var policy = new PostPolicy();
        bool hasExpiration = false, hasConditions = false;
        foreach (var member in root.EnumerateObject())
        {
            switch (member.Name)
            {
                case "expiration" when !hasExpiration:
                    hasExpiration = true;
                    policy.expiration = Expiration(member.Value);
                    break;
                case "conditions" when !hasConditions && member.Value.ValueKind == JsonValueKind.Array:
                    hasConditions = true;
                    foreach (var condition in member.Value.EnumerateArray()) policy.Add(condition);
                    break;
                default:
                    throw Malformed($"unexpected '{member.Name}'.");
            }
        }
        if (!hasExpiration) throw Malformed("Policy missing expiration.");
        if (!hasConditions) throw Malformed("Policy missing conditions.");
        return policy;
    }

    private static DateTimeOffset Expiration(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && DateTimeOffset.TryParseExact(
            value.GetString(), Expirations, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw Malformed($"Invalid 'expiration' value: {value.GetRawText()}");

    private void Add(JsonElement condition)
    {
        if (condition.ValueKind == JsonValueKind.Object)
        {
            JsonProperty[] members = [.. condition.EnumerateObject()];
            if (members is not [{ Value.ValueKind: JsonValueKind.String } only])
                throw Malformed("Invalid Simple-Condition: Simple-Conditions must have exactly one property specified, with a text as its value.");
            conditions.Add(new(only.Name, only.Value.GetString()!, IsPrefix: false));
            return;
        }
        if (condition.ValueKind != JsonValueKind.Array || condition.GetArrayLength() != 3)
            throw Malformed($"Invalid Condition: {condition.GetRawText()} must be an object, or a list of three.");
        var (kind, first, second) = (condition[0], condition[1], condition[2]);
        switch (kind.ValueKind == JsonValueKind.String ? kind.GetString()!.ToLowerInvariant() : "")
        {
            case "content-length-range":
                (Least, Most) = (Math.Max(Least, Number(first)), Math.Min(Most, Number(second)));
                break;
            case "eq": AddMatch(first, second, isPrefix: false); break;
            case "starts-with": AddMatch(first, second, isPrefix: true); break;
            default: throw Malformed($"Invalid Condition: unknown operation {kind.GetRawText()}.");
        }
    }

    private void AddMatch(JsonElement field, JsonElement value, bool isPrefix)
    {
        if (field.ValueKind != JsonValueKind.String || value.ValueKind != JsonValueKind.String || field.GetString() is not ['$', _, ..] name)
            throw Malformed($"Invalid Condition: {field.GetRawText()} must be a field's name behind a $ sign, and its value a text.");
        conditions.Add(new(name[1..], value.GetString()!, isPrefix));
    }

    private static long Number(JsonElement value)
    {
        var text = value.ValueKind switch
        {
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.String => value.GetString()!,
            _ => "",
        };
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Malformed("Invalid content-length-range: both ends must be numbers of bytes.");
    }

    private static S3Exception Malformed(string detail) => new(S3Errors.InvalidPolicyDocument, $"Invalid Policy: {detail}");

    private static S3Exception Denied(string detail) => new(S3Errors.AccessDenied, $"Invalid according to Policy: {detail}");

    private sealed record Condition(string Field, string Value, bool IsPrefix)
    {
        public bool Holds(string? actual)
        {
            // A prefix of nothing lets any value pass, and that there is none.
            if (actual is null) return IsPrefix && Value.Length == 0;
            if (!IsPrefix) return actual == Value;
            // A list of types may be asked for; each of them must begin so.
            return Field.Equals("Content-Type", StringComparison.OrdinalIgnoreCase) && actual.Contains(',', StringComparison.Ordinal)
                ? actual.Split(',', StringSplitOptions.TrimEntries).All(type => type.StartsWith(Value, StringComparison.Ordinal))
                : actual.StartsWith(Value, StringComparison.Ordinal);
        }

        public override string ToString() => $"[\"{(IsPrefix ? "starts-with" : "eq")}\", \"${Field}\", \"{Value}\"]";
    }
}
