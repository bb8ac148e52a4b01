using System.Text.Json;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests.Locations;

/// <summary><c>zenkofn location</c>, asked of a running server.</summary>
public sealed class LocationCommandTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const string Secret = "a-secret-that-nobody-sees";

    [Fact]
    public async Task A_directory_is_added_listed_tried_out_changed_and_removed()
    {
        var path = Directory.CreateTempSubdirectory("zenkofn-location-").FullName;
        Assert.Contains("zenkofn location check local", (await Run("add", "local", "--type", "file", "--path", path, "--transient")).Succeeded().Out, StringComparison.Ordinal);
        var check = (await Run("check", "local")).Succeeded();
        Assert.Contains("It came back as it was written.", check.Out, StringComparison.Ordinal);
        var listed = (await Run("list")).Succeeded().Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(listed, line => line.StartsWith("local ", StringComparison.Ordinal) && line.Contains(path, StringComparison.Ordinal) && line.Contains("transient", StringComparison.Ordinal));
        Assert.Contains(listed, line => line.StartsWith("disk ", StringComparison.Ordinal) && line.Contains("built in", StringComparison.Ordinal));
        (await Run("set", "local", "--size-limit-gb", "3", "--transient", "false")).Succeeded();
        using var shown = JsonDocument.Parse((await Run("show", "local", "--json")).Succeeded().Out);
        Assert.Equal((3, false), (shown.RootElement.GetProperty("sizeLimitGB").GetInt32(), shown.RootElement.GetProperty("isTransient").GetBoolean()));
        (await Run("remove", "local")).Succeeded();
        var gone = await Run("show", "local");
        Assert.Equal(1, gone.ExitCode);
        Assert.Contains("There is no location 'local'.", gone.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_secret_comes_from_a_file_or_the_environment_and_is_never_shown()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, Secret + "\n");
        string[] cloud = ["--type", "location-wasabi-v1", "--access-key", "ID", "--bucket", "bucket", "--url", "http://127.0.0.1:1"];
        List<Ran> all =
        [
            (await Run(["add", "from-file", .. cloud, "--secret-key-file", file])).Succeeded(),
            (await Run(["add", "from-environment", .. cloud], ("ZENKOFN_LOCATION_SECRET_KEY", Secret))).Succeeded(),
            (await Run("set", "from-file", "--secret-key-file", file, "--json")).Succeeded(),
            (await Run("show", "from-file", "--json")).Succeeded(),
            await Run("check", "from-file"),
        ];
        Assert.Equal(1, all[^1].ExitCode);
        Assert.Contains("FAILED", all[^1].Out, StringComparison.Ordinal);
        Assert.All(all, ran => Assert.DoesNotContain(Secret, ran.Out + ran.Err, StringComparison.Ordinal));
        var without = await Run(["add", "without", .. cloud]);
        Assert.Equal(1, without.ExitCode);
        Assert.Contains("--secret-key-file", without.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wrong_is_said_and_ends_with_its_exit_code()
    {
        Assert.Equal(2, (await Run("add", "x")).ExitCode);
        var unserved = await Run("add", "x", "--type", "location-mem-v1");
        Assert.Equal(1, unserved.ExitCode);
        Assert.Contains("location-mem-v1 are not served", unserved.Err, StringComparison.Ordinal);
        var nobody = await Shell.Run("dotnet", [Repository.Program, "location", "list", "--endpoint", "http://127.0.0.1:1"], server.AwsEnvironment);
        Assert.Equal(1, nobody.ExitCode);
        Assert.Contains("zenkofn serve", nobody.Err, StringComparison.Ordinal);
    }

    private Task<Ran> Run(params string[] arguments) => Run(arguments, []);

    private Task<Ran> Run(string[] arguments, params (string Name, string Value)[] more)
    {
        var environment = new Dictionary<string, string>(server.AwsEnvironment);
        foreach (var (name, value) in more) environment[name] = value;
        return Shell.Run("dotnet", [Repository.Program, "location", .. arguments, "--endpoint", server.Endpoint], environment);
    }
}
