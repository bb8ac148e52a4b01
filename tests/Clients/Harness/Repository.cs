namespace ZenkoFunctions.Clients.Tests.Harness;

/// <summary>Where things lie in this checkout.</summary>
public static class Repository
{
    // …/tests/Clients/bin/<configuration>/<framework>/
    private static readonly DirectoryInfo Here = new(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));

    private static readonly string Root = Here.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;

    /// <summary>The program, of the same configuration as these tests.</summary>
    public static string Program => Path.Combine(Root, "src", "Cli", "bin", Here.Parent!.Name, Here.Name, "zenkofn.dll");

    /// <summary>The Python scripts.</summary>
    public static string PythonScripts => Path.Combine(Root, "tests", "Clients", "scripts");

    /// <summary>The JavaScript scripts, with their package.json.</summary>
    public static string NodeScripts => Path.Combine(Root, "tests", "Clients", "node");

    /// <summary>What is shipped for people's shells.</summary>
    public static string Tools => Path.Combine(Root, "tools");

    /// <summary>The documentation.</summary>
    public static string Documents => Path.Combine(Root, "docs");
}
