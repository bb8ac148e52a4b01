using System.Text.Json;
using System.Text.RegularExpressions;

namespace ZenkoFunctions.HostDouble;

/// <summary>The app's settings: Values of local.settings.json, overridden by what the caller gave, over the environment.</summary>
internal sealed partial class AppSettings
{
    private readonly Dictionary<string, string> values = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What the handler gets on top of the host's environment.</summary>
    public IReadOnlyDictionary<string, string> Values => values;

    /// <summary>The value of a setting or environment variable.</summary>
    public string? this[string name] => values.GetValueOrDefault(name) ?? Environment.GetEnvironmentVariable(name);

    /// <summary>Reads and checks.</summary>
    public static AppSettings Read(string folder, IReadOnlyDictionary<string, string> given, List<string> problems)
    {
        var settings = new AppSettings();
        var path = Path.Combine(folder, "local.settings.json");
        if (File.Exists(path) && JsonFile.Read(path, "local.settings.json", problems) is { } json) settings.Take(json);
        foreach (var (name, value) in given) settings.values[name] = value;
        if (settings["FUNCTIONS_WORKER_RUNTIME"] is { } runtime && !runtime.Equals("custom", StringComparison.OrdinalIgnoreCase))
            problems.Add($"FUNCTIONS_WORKER_RUNTIME is {runtime}: this double hosts custom handlers, write custom.");
        if (settings["FUNCTIONS_REQUEST_BODY_SIZE_LIMIT"] is { } limit && !(long.TryParse(limit, out var bytes) && bytes > 0))
            problems.Add($"FUNCTIONS_REQUEST_BODY_SIZE_LIMIT is \"{limit}\": write a number of bytes.");
        return settings;
    }

    /// <summary>Replaces %NAME% by the setting; an unknown name stays as it is.</summary>
    public string Expand(string text) => Reference().Replace(text, match => this[match.Groups[1].Value] ?? match.Value);

    /// <summary>A connection string by the name of its setting, also with the prefix AzureWebJobs.</summary>
    public string? Connection(string name) => this["AzureWebJobs" + name] ?? this[name] ?? this["ConnectionStrings:" + name];

    /// <summary>Whether AzureWebJobs.NAME.Disabled says so.</summary>
    public bool Disabled(string function) =>
        this[$"AzureWebJobs.{function}.Disabled"] is { } value && (value == "1" || value.Equals("true", StringComparison.OrdinalIgnoreCase));

    private void Take(JsonFile json)
    {
        if (json.Flag("IsEncrypted", false)) json.Problem("encrypted settings cannot be read: run `func settings decrypt`.");
        if (json.At("Values") is not { ValueKind: JsonValueKind.Object } found) return;
        foreach (var property in found.EnumerateObject())
            if (property.Value.ValueKind == JsonValueKind.String) values[property.Name] = property.Value.GetString()!;
            else json.Problem($"the value of \"{property.Name}\" must be a string.");
    }

    [GeneratedRegex("%([^%]+)%")]
    private static partial Regex Reference();
}
