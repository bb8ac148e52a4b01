namespace ZenkoFunctions.Clients.Tests.Harness;

/// <summary>What restic does with a repository, in whichever protocol.</summary>
internal static class Restic
{
    /// <summary>Backs a sample tree up twice, checks every byte, restores it, and forgets the first.</summary>
    /// <param name="scratch">Where the trees are.</param>
    /// <param name="environment">Names the repository and what opens it.</param>
    public static async Task BackUpAndRestore(Scratch scratch, Dictionary<string, string> environment)
    {
        environment["RESTIC_PASSWORD"] = "secret";
        environment["RESTIC_CACHE_DIR"] = scratch["cache"];
        SampleTree.Create(scratch["tree"]);
        await Run("init");
        await Run("backup", ".");
        File.WriteAllText(scratch["tree/readme.txt"], "changed");
        await Run("backup", ".");
        await Run("check", "--read-data");
        await Run("restore", "latest", "--target", scratch["restored"]);
        SampleTree.AssertSame(scratch["tree"], scratch["restored"]);
        await Run("forget", "--keep-last", "1", "--prune");
        await Run("check", "--read-data");

        // A machine's own exceptions from its proxies would lead past the repository's.
        async Task Run(params string[] arguments) =>
            (await Shell.Run("env", ["-u", "NO_PROXY", "-u", "no_proxy", Installed.Find("restic"), .. arguments], environment, directory: scratch["tree"])).Succeeded();
    }
}
