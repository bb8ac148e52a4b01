namespace ZenkoFunctions.Clients.Tests.Harness;

/// <summary>Runs the scripts in <c>node/</c>.</summary>
public static class NodeScript
{
    private static readonly SemaphoreSlim Turn = new(1, 1);

    /// <summary>Runs one to its end; its packages are fetched first where they are not there.</summary>
    public static async Task<Ran> Run(string script, IReadOnlyDictionary<string, string> environment, TimeSpan? limit = null)
    {
        await Turn.WaitAsync();
        try
        {
            // Fetched once a checkout.
            if (!Directory.Exists(Path.Combine(Repository.NodeScripts, "node_modules", "playwright-core")))
                (await Shell.Run(Installed.Find("npm"), ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], directory: Repository.NodeScripts, limit: TimeSpan.FromMinutes(5))).Succeeded();
        }
        finally
        {
            Turn.Release();
        }
        return await Shell.Run(Installed.Find("node"), [Path.Combine(Repository.NodeScripts, script)], environment, limit: limit);
    }
}
