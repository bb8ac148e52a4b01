namespace ZenkoFunctions.HostDouble;

/// <summary>A checked app folder.</summary>
internal sealed record App(string Folder, HostJson Host, AppSettings Settings, IReadOnlyList<Function> Functions)
{
    /// <summary>Full path of the handler's program, or a name for PATH.</summary>
    public required string Executable { get; init; }

    /// <summary>Reads everything; throws <see cref="HostStartException"/> with all problems at once.</summary>
    public static App Read(HostOptions options)
    {
        var folder = Path.GetFullPath(options.AppFolder);
        var problems = new List<string>();
        var settings = AppSettings.Read(folder, options.Settings, problems);
        var host = HostJson.Read(folder, problems);
        var functions = FunctionJson.ReadAll(folder, settings, problems);
        if (functions.Count == 0 && problems.Count == 0)
            problems.Add($"{folder} holds no function: make a folder with a function.json for each.");
        var executable = host is null ? "" : Program(folder, settings.Expand(host.Handler.Executable), problems);
        return problems.Count == 0
            ? new(folder, host!, settings, functions) { Executable = executable }
            : throw new HostStartException(problems);
    }

    private static string Program(string folder, string named, List<string> problems)
    {
        if (named.Length == 0) return "";
        var path = Path.Combine(folder, named);
        if (!File.Exists(path))
        {
            var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
                .Select(directory => Path.Combine(directory, named)).FirstOrDefault(File.Exists);
            if (onPath is null)
                problems.Add($"the handler \"{named}\" is neither in {folder} nor on PATH: build it, or mend " +
                    "customHandler.description.defaultExecutablePath (a name between % signs is an app setting).");
            return onPath ?? "";
        }
        const UnixFileMode execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & execute) == 0)
            problems.Add($"the handler {path} has no execute bit: chmod +x it (and zip on Linux, so that the bit survives).");
        return path;
    }
}
