using System.Text.Json;
using System.Text.RegularExpressions;

namespace ZenkoFunctions.Core.Access;

/// <summary>Reads Principal and NotPrincipal: <c>"*"</c>, or lists of names by kind.</summary>
internal static partial class PrincipalReader
{
    public static PrincipalList Read(JsonElement value, bool isNegated)
    {
        if (value.ValueKind == JsonValueKind.String)
            return value.GetString() == "*" ? new(true, [], [], [], isNegated) : throw Invalid();
        if (value.ValueKind != JsonValueKind.Object) throw Invalid();
        var everybody = false;
        List<string> accounts = [], names = [], canonicalIds = [];
        var count = 0;
        foreach (var member in value.EnumerateObject())
        {
            foreach (var item in member.Value.ValueKind == JsonValueKind.Array ? member.Value.EnumerateArray() : Enumerable.Repeat(member.Value, 1))
            {
                if (item.ValueKind != JsonValueKind.String) throw Invalid();
                var name = item.GetString()!;
                count++;
                switch (member.Name)
                {
                    case "AWS" or "CanonicalUser" when name == "*":
                        everybody = true;
                        break;
                    case "AWS" when AccountId().IsMatch(name):
                        accounts.Add(name);
                        break;
                    case "AWS" when Root().Match(name) is { Success: true } root:
                        accounts.Add(root.Groups[1].Value);
                        break;
                    case "AWS" when Named().IsMatch(name):
                        names.Add(name);
                        break;
                    case "CanonicalUser" when name.Length > 0:
                        canonicalIds.Add(name);
                        break;
                    // Nobody who sends requests here is a service or a web identity; kept so that a policy from AWS can be put.
                    case "Service" or "Federated" when name.Length > 0:
                        break;
                    default:
                        throw Invalid();
                }
            }
        }
        return count > 0 ? new(everybody, accounts, names, canonicalIds, isNegated) : throw Invalid();
    }

    private static MalformedException Invalid() => new("Invalid principal in policy");

    [GeneratedRegex(@"^\d{12}\z")]
    private static partial Regex AccountId();

    // Other servers have accounts whose ids are names.
    [GeneratedRegex(@"^arn:aws:iam::([\w.-]{1,64}):root\z")]
    private static partial Regex Root();

    // Users and roles by ARN, sessions, and the unique ids that AWS puts in the place of a user's ARN.
    [GeneratedRegex(@"^(?:arn:aws:iam::[\w.-]{0,64}:(?:user|role)/[!-)+->@-~]{1,640}|arn:aws:sts::[\w.-]{0,64}:(?:assumed-role|federated-user)/[!-)+->@-~]{1,640}|A(?:ID|RO)A[A-Z0-9]{16,124})\z")]
    private static partial Regex Named();
}
