namespace ZenkoFunctions.Clients.Tests.Harness;

/// <summary>rclone with the remote <c>z:</c>: provider Other, and no flag that would spare the server anything.</summary>
/// <param name="endpoint">http://host:port</param>
public sealed class RcloneCli(string endpoint)
{
    private readonly Dictionary<string, string> environment = new()
    {
        ["RCLONE_CONFIG"] = "/dev/null",
        ["RCLONE_CONFIG_Z_TYPE"] = "s3",
        ["RCLONE_CONFIG_Z_PROVIDER"] = "Other",
        ["RCLONE_CONFIG_Z_ENDPOINT"] = endpoint,
        ["RCLONE_CONFIG_Z_ACCESS_KEY_ID"] = ServerProcess.AccessKey,
        ["RCLONE_CONFIG_Z_SECRET_ACCESS_KEY"] = ServerProcess.SecretKey,
    };

    /// <summary>Runs a command that must succeed.</summary>
    public async Task<Ran> Run(params string[] arguments) => (await Try(arguments)).Succeeded();

    /// <summary>Runs a command.</summary>
    public Task<Ran> Try(params string[] arguments) => Shell.Run(Program, With(arguments), environment);

    /// <summary>Runs a command that reads its stdin.</summary>
    public async Task<Ran> RunWithInput(byte[] input, params string[] arguments) =>
        (await Shell.Run(Program, With(arguments), environment, input: input)).Succeeded();

    private static string Program => Installed.Find("rclone");

    private static string[] With(string[] arguments) => ["--retries", "1", "--low-level-retries", "1", .. arguments];
}
