namespace ZenkoFunctions.HostDouble.Tests;

/// <summary>An app folder around the echo handler; removed at the end.</summary>
public sealed class EchoApp : IDisposable
{
    /// <summary>An HTTP function that catches everything.</summary>
    public const string Gateway =
        """{"bindings":[{"type":"httpTrigger","direction":"in","name":"req","authLevel":"anonymous","route":"{*path}"},{"type":"http","direction":"out","name":"res"}]}""";

    private static readonly DirectoryInfo Here = new(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));

    /// <summary>The echo handler, of the same configuration as these tests.</summary>
    public static string Handler { get; } = Path.Combine(
        Here.Parent!.Parent!.Parent!.Parent!.FullName, "FunctionsHost.Echo", "bin", Here.Parent!.Name, Here.Name, "echo-handler");

    /// <summary>A folder with host.json and the function Fx_Gateway.</summary>
    /// <param name="host">Further members of host.json, each with a comma after it.</param>
    /// <param name="customHandler">Further members of its customHandler.</param>
    /// <param name="queues">extensions.queues.</param>
    public EchoApp(string host = "", string customHandler = "", string queues = "{}")
    {
        Write("host.json", $$"""
            {
              "version": "2.0", {{host}}
              "extensions": { "http": { "routePrefix": "" }, "queues": {{queues}} },
              "customHandler": { "enableProxyingHttpRequest": true, {{customHandler}} "description": { "defaultExecutablePath": "{{Handler}}" } }
            }
            """);
        Write("Fx_Gateway/function.json", Gateway);
    }

    /// <summary>Full path.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("functions-host-").FullName;

    /// <summary>A file of it.</summary>
    public EchoApp Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return this;
    }

    /// <summary>A queue function of that name, on the connection "Store".</summary>
    public EchoApp Queue(string name, string queue) => Write(name + "/function.json",
        $$"""{"bindings":[{"type":"queueTrigger","direction":"in","name":"msg","queueName":"{{queue}}","connection":"Store"}]}""");

    /// <summary>A timer function.</summary>
    public EchoApp Timer(string name, string schedule, string more = "") => Write(name + "/function.json",
        $$"""{"bindings":[{"type":"timerTrigger","direction":"in","name":"timer","schedule":"{{schedule}}"{{more}}}]}""");

    /// <summary>Options for this folder.</summary>
    public HostOptions Options(params (string Name, string Value)[] settings) =>
        new() { AppFolder = Folder, Settings = settings.ToDictionary(s => s.Name, s => s.Value) };

    /// <summary>Starts a host on it.</summary>
    public Task<FunctionsHost> Start(params (string Name, string Value)[] settings) => FunctionsHost.Start(Options(settings));

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
