using System.Globalization;
using System.Text.Json;

namespace ZenkoFunctions.HostDouble;

/// <summary>A configuration file, read as the host reads it: comments and trailing commas allowed, names of any case.</summary>
internal sealed class JsonFile
{
    private static readonly JsonDocumentOptions Lenient =
        new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    private readonly List<string> problems;
    private readonly JsonElement root;

    private JsonFile(string name, JsonElement root, List<string> problems) =>
        (Name, this.root, this.problems) = (name, root, problems);

    /// <summary>As it is named in messages.</summary>
    public string Name { get; }

    /// <summary>Null, with a problem noted, where the file is missing or no JSON object.</summary>
    public static JsonFile? Read(string path, string name, List<string> problems)
    {
        try
        {
            var root = JsonDocument.Parse(File.ReadAllText(path), Lenient).RootElement;
            if (root.ValueKind == JsonValueKind.Object) return new(name, root, problems);
            problems.Add($"{name} holds {root.ValueKind}: write a JSON object.");
        }
        catch (IOException e)
        {
            problems.Add($"{name} cannot be read ({e.Message}): give the folder that holds it.");
        }
        catch (JsonException e)
        {
            problems.Add($"{name} is no valid JSON: {e.Message}");
        }
        return null;
    }

    public void Problem(string text) => problems.Add($"{Name}: {text}");

    public JsonElement? At(string path)
    {
        var at = root;
        foreach (var name in path.Split(':'))
        {
            if (Property(at, name) is not { } next) return null;
            at = next;
        }
        return at.ValueKind == JsonValueKind.Null ? null : at;
    }

    public static JsonElement? Property(JsonElement of, string name)
    {
        if (of.ValueKind != JsonValueKind.Object) return null;
        foreach (var property in of.EnumerateObject())
            if (property.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) return property.Value;
        return null;
    }

    public string? Text(string path) => Text(At(path), path);

    public string? Text(JsonElement? value, string path)
    {
        if (value is not { } found) return null;
        if (found.ValueKind == JsonValueKind.String) return found.GetString();
        Problem($"\"{path}\" must be a string.");
        return null;
    }

    public IReadOnlyList<string> Texts(JsonElement? value, string path)
    {
        if (value is not { } found) return [];
        if (found.ValueKind == JsonValueKind.Array && found.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String))
            return [.. found.EnumerateArray().Select(item => item.GetString()!)];
        Problem($"\"{path}\" must be an array of strings.");
        return [];
    }

    public bool Flag(JsonElement? value, string path, bool otherwise)
    {
        if (value is not { } found) return otherwise;
        if (found.ValueKind is JsonValueKind.True or JsonValueKind.False) return found.GetBoolean();
        Problem($"\"{path}\" must be true or false.");
        return otherwise;
    }

    public bool Flag(string path, bool otherwise) => Flag(At(path), path, otherwise);

    public int Number(string path, int otherwise, int least, int most)
    {
        if (At(path) is not { } found) return otherwise;
        if (found.ValueKind == JsonValueKind.Number && found.TryGetInt32(out var number) && number >= least && number <= most)
            return number;
        Problem($"\"{path}\" must be a number from {least} to {most}.");
        return otherwise;
    }

    public TimeSpan Time(string path, TimeSpan otherwise, TimeSpan least)
    {
        if (Text(path) is not { } text) return otherwise;
        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time) && time >= least) return time;
        Problem($"\"{path}\" must be a time such as \"00:00:30\", at least {least}.");
        return otherwise;
    }
}
