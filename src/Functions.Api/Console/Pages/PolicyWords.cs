using System.Text.Json;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>What a policy lets one do, in words: a short list, not a judgement. That is the server's alone.</summary>
internal static class PolicyWords
{
    private const int MostLines = 12, MostNamed = 6;

    /// <summary>A line a statement; nothing where the document cannot be read.</summary>
    public static IReadOnlyList<string> Of(string document)
    {
        try
        {
            using var json = JsonDocument.Parse(document);
            var statements = Many(json.RootElement.GetProperty("Statement")).ToList();
            List<string> lines = [.. statements.Take(MostLines).Select(Line)];
            if (statements.Count > MostLines) lines.Add($"… and {Text.Count(statements.Count - MostLines, "statement")} more");
            return lines;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return [];
        }
    }

    private static string Line(JsonElement statement)
    {
        var may = statement.GetProperty("Effect").GetString() == "Allow" ? "May" : "May not";
        var actions = statement.TryGetProperty("Action", out var named) ? Join(named, Action) : "all but " + Join(statement.GetProperty("NotAction"), Action);
        var resources = statement.TryGetProperty("Resource", out var on) ? Join(on, Resource) : statement.TryGetProperty("NotResource", out var but) ? "all but " + Join(but, Resource) : "";
        return $"{may} {actions} {resources}{(statement.TryGetProperty("Condition", out _) ? ", under conditions" : "")}";
    }

    private static string Action(string action) => action switch
    {
        "*" or "*:*" => "do everything",
        "s3:*" => "do everything with buckets and objects",
        "iam:*" => "do everything with users, keys and policies",
        "zenko:*" => "administrate the installation",
        _ => action,
    };

    private static string Resource(string arn)
    {
        const string prefix = "arn:aws:s3:::";
        if (arn == "*") return "everywhere";
        if (!arn.StartsWith(prefix, StringComparison.Ordinal)) return "on " + arn;
        var name = arn[prefix.Length..];
        return name == "*" ? "in all buckets" : name.EndsWith("/*", StringComparison.Ordinal) ? $"on what is in {name[..^2]}" : name.Contains('/') ? "on " + name : $"on the bucket {name}";
    }

    private static string Join(JsonElement value, Func<string, string> told)
    {
        var all = Many(value).Select(each => told(each.GetString() ?? "")).Distinct().ToList();
        return string.Join(", ", all.Take(MostNamed)) + (all.Count > MostNamed ? $" and {all.Count - MostNamed} more" : "");
    }

    private static List<JsonElement> Many(JsonElement value) => value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
}
