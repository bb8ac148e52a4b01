using System.Text.Json;
using System.Text.RegularExpressions;

namespace ZenkoFunctions.HostDouble;

/// <summary>A function: its folder's name and what calls it.</summary>
internal abstract record Function(string Name)
{
    /// <summary>For messages: where it is declared.</summary>
    public string File => Name + "/function.json";
}

/// <summary>Called by requests; the route is the template without the prefix, methods null for all.</summary>
internal sealed record HttpFunction(string Name, string Route, IReadOnlyList<string>? Methods) : Function(Name);

/// <summary>Called by messages; Parameter is the binding's name.</summary>
internal sealed record QueueFunction(string Name, string Parameter, string Queue, string Connection) : Function(Name);

/// <summary>Called by the clock.</summary>
internal sealed record TimerFunction(string Name, string Parameter, string Schedule, bool UseMonitor, bool RunOnStartup)
    : Function(Name);

/// <summary>Reads function.json files. One rule a check; what a rule refuses is a problem of its own.</summary>
internal static partial class FunctionJson
{
    private static readonly string[] Reserved = ["admin", "runtime"];

    /// <summary>All functions of an app folder that are not disabled by AzureWebJobs.NAME.Disabled.</summary>
    public static IReadOnlyList<Function> ReadAll(string folder, AppSettings settings, List<string> problems)
    {
        if (!Directory.Exists(folder)) return [];
        var functions = new List<Function>();
        foreach (var path in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(path);
            if (!File.Exists(Path.Combine(path, "function.json"))) continue;
            if (!Name().IsMatch(name) || name.Equals("host", StringComparison.OrdinalIgnoreCase))
                problems.Add($"{name}/: a function's name is a letter and up to 127 letters, digits, _ or -, and not \"host\": rename the folder.");
            if (JsonFile.Read(Path.Combine(path, "function.json"), name + "/function.json", problems) is { } json &&
                Read(name, json, settings) is { } function && !settings.Disabled(name))
                functions.Add(function);
        }
        Distinct(functions, problems);
        return functions;
    }

    private static Function? Read(string name, JsonFile json, AppSettings settings)
    {
        if (json.At("bindings") is not { ValueKind: JsonValueKind.Array } array)
        {
            json.Problem("\"bindings\" is missing: write an array with one trigger.");
            return null;
        }
        var bindings = array.EnumerateArray().ToList();
        var triggers = bindings.Where(binding => Type(json, binding).EndsWith("Trigger", StringComparison.OrdinalIgnoreCase)).ToList();
        if (triggers.Count != 1)
        {
            json.Problem($"it has {triggers.Count} triggers: write exactly one.");
            return null;
        }
        var trigger = triggers[0];
        var parameter = json.Text(JsonFile.Property(trigger, "name"), "name") ?? "";
        if (parameter.Length == 0) json.Problem("the trigger has no \"name\": the handler finds its data under that name.");
        var others = bindings.Where(binding => !binding.Equals(trigger)).ToList();
        switch (Type(json, trigger).ToLowerInvariant())
        {
            case "httptrigger":
                return Http(name, json, trigger, others);
            case "queuetrigger":
                OnlyTrigger(json, others);
                return Queue(name, json, trigger, parameter, settings);
            case "timertrigger":
                OnlyTrigger(json, others);
                return Timer(name, json, trigger, parameter, settings);
            default:
                json.Problem($"the trigger {Type(json, trigger)} is not emulated: httpTrigger, queueTrigger and timerTrigger are.");
                return null;
        }
    }

    private static HttpFunction Http(string name, JsonFile json, JsonElement trigger, List<JsonElement> others)
    {
        if (others.Count != 1 || !Type(json, others[0]).Equals("http", StringComparison.OrdinalIgnoreCase))
            json.Problem("an HTTP function needs exactly one other binding, {\"type\":\"http\",\"direction\":\"out\",\"name\":\"res\"}: " +
                "with any other set the host silently sends a JSON envelope instead of the request.");
        var level = json.Text(JsonFile.Property(trigger, "authLevel"), "authLevel") ?? "function";
        if (!level.Equals("anonymous", StringComparison.OrdinalIgnoreCase))
            json.Problem($"authLevel is {level}: keys are not emulated, write \"authLevel\": \"anonymous\".");
        var route = (json.Text(JsonFile.Property(trigger, "route"), "route") ?? name).TrimStart('/');
        if (Reserved.FirstOrDefault(word => route.StartsWith(word, StringComparison.OrdinalIgnoreCase)) is { } reserved)
            json.Problem($"the route \"{route}\" starts with \"{reserved}\", which the host keeps for itself: choose another.");
        var methods = json.Texts(JsonFile.Property(trigger, "methods"), "methods");
        return new(name, route, methods.Count == 0 ? null : methods);
    }

    private static QueueFunction Queue(string name, JsonFile json, JsonElement trigger, string parameter, AppSettings settings)
    {
        var queue = settings.Expand(json.Text(JsonFile.Property(trigger, "queueName"), "queueName") ?? "");
        if (!QueueName().IsMatch(queue))
            json.Problem($"\"queueName\" is \"{queue}\": a queue's name is 3 to 63 lower-case letters, digits and single hyphens.");
        var connection = json.Text(JsonFile.Property(trigger, "connection"), "connection") is { Length: > 0 } named ? named : "AzureWebJobsStorage";
        var value = settings.Connection(connection);
        if (value is null)
            json.Problem($"the setting \"{connection}\" is missing: give a connection string, such as UseDevelopmentStorage=true for " +
                "Azurite (identities, as in " + connection + "__accountName, are not emulated).");
        return new(name, parameter, queue, value ?? "");
    }

    private static TimerFunction Timer(string name, JsonFile json, JsonElement trigger, string parameter, AppSettings settings)
    {
        var schedule = settings.Expand(json.Text(JsonFile.Property(trigger, "schedule"), "schedule") ?? "");
        if (Cron.Parse(schedule, out var problem) is null) json.Problem($"\"schedule\": {problem}");
        return new(name, parameter, schedule,
            json.Flag(JsonFile.Property(trigger, "useMonitor"), "useMonitor", true),
            json.Flag(JsonFile.Property(trigger, "runOnStartup"), "runOnStartup", false));
    }

    private static void OnlyTrigger(JsonFile json, List<JsonElement> others)
    {
        if (others.Count > 0) json.Problem("bindings beside the trigger are not emulated: remove them.");
    }

    private static void Distinct(List<Function> functions, List<string> problems)
    {
        foreach (var same in functions.GroupBy(function => function.Name, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
            problems.Add($"{string.Join(" and ", same.Select(f => f.Name))} differ only in case: rename one.");
        var http = functions.OfType<HttpFunction>().ToList();
        for (var i = 0; i < http.Count; i++)
            for (var j = i + 1; j < http.Count; j++)
                if (http[i].Route.Equals(http[j].Route, StringComparison.OrdinalIgnoreCase) && Overlap(http[i].Methods, http[j].Methods))
                    problems.Add($"{http[i].Name} and {http[j].Name} have the same route \"{http[i].Route}\" and a method in common: change one.");
    }

    private static bool Overlap(IReadOnlyList<string>? a, IReadOnlyList<string>? b) =>
        a is null || b is null || a.Intersect(b, StringComparer.OrdinalIgnoreCase).Any();

    private static string Type(JsonFile json, JsonElement binding) => json.Text(JsonFile.Property(binding, "type"), "type") ?? "";

    [GeneratedRegex(@"^[a-z][a-z0-9_\-]{0,127}$", RegexOptions.IgnoreCase)]
    private static partial Regex Name();

    [GeneratedRegex("^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex QueueName();
}
