using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ZenkoFunctions.Core.Composition;

namespace ZenkoFunctions.Hosting.Tests;

/// <summary>What the build leaves in each app's folder for the Functions host.</summary>
public sealed partial class AppFolderTests
{
    public static TheoryData<string> Apps => ["Functions.Api", "Functions.Replication"];

    [Theory, MemberData(nameof(Apps))]
    public void Each_function_of_the_code_is_declared_as_it_is_and_no_other(string app)
    {
        var functions = Functions(app);
        Assert.Equal(
            functions.Select(function => function.Name).Order(StringComparer.Ordinal),
            Directory.GetFiles(Folder(app), Function.FileName, SearchOption.AllDirectories).Select(file => Path.GetFileName(Path.GetDirectoryName(file))!)
                .Order(StringComparer.Ordinal));
        foreach (var function in functions)
        {
            Assert.Matches(FunctionName(), function.Name);
            Assert.Equal(
                Encoding.UTF8.GetString(function.Declaration().Span),
                File.ReadAllText(Path.Combine(Folder(app), function.Name, Function.FileName)));
        }
    }

    [Theory, MemberData(nameof(Apps))]
    public void The_folder_has_all_that_the_host_needs_to_start_the_app(string app)
    {
        Assert.Equal(File.ReadAllText(Path.Combine(Root(), "host.json")), File.ReadAllText(Path.Combine(Folder(app), "host.json")));
        var settings = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder(app), "local.settings.json"))).RootElement.GetProperty("Values");
        Assert.True(File.Exists(Path.Combine(Folder(app), settings.GetProperty("ZENKOFN_HANDLER").GetString()!)));
        foreach (var required in AppSettings.All.Where(setting => setting.IsRequired)) Assert.NotEqual("", settings.GetProperty(required.Name).GetString());
    }

    [Fact]
    public void The_apps_differ_in_host_id_port_and_executable()
    {
        var settings = new[] { "Functions.Api", "Functions.Replication" }.Select(app => JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder(app), "local.settings.json"))).RootElement).ToList();
        foreach (var name in new[] { "ZENKOFN_HANDLER", "AzureFunctionsWebHost__hostid" })
            Assert.Equal(2, settings.Select(file => file.GetProperty("Values").GetProperty(name).GetString()).Distinct().Count());
        Assert.Equal(2, settings.Select(file => file.GetProperty("Host").GetProperty("LocalHttpPort").GetInt32()).Distinct().Count());
    }

    [Fact]
    public void Every_job_has_a_function() => Assert.Equal(
        Installation.JobQueues.Order(StringComparer.Ordinal),
        Replication.Program.Functions.OfType<QueueFunction>().Select(function => function.Queue).Order(StringComparer.Ordinal));

    [Fact]
    public void The_keys_of_local_use_are_refused_over_any_storage_but_Azurite()
    {
        var settings = AppSettings.ForLocalUse.ToDictionary(pair => pair.Key, pair => pair.Value);
        Assert.NotNull(AppSettings.Of(settings).MasterKey);
        settings["AzureWebJobsStorage"] = $"AccountName=real;AccountKey={Convert.ToBase64String(new byte[64])}";
        Assert.Contains("ZENKOFN_MASTER_KEY", Assert.Throws<FormatException>(() => AppSettings.Of(settings).MasterKey).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_setting_that_is_missing_or_wrong_is_named_in_the_message()
    {
        foreach (var required in AppSettings.All.Where(setting => setting.IsRequired))
        {
            var settings = AppSettings.ForLocalUse.Where(pair => pair.Key != required.Name).ToDictionary(pair => pair.Key, pair => pair.Value);
            var wrong = Assert.Throws<FormatException>(() => (AppSettings.Of(settings).MasterKey, AppSettings.Of(settings).RootAccessKey, AppSettings.Of(settings).RootSecretKey));
            Assert.StartsWith(required.Name, wrong.Message, StringComparison.Ordinal);
        }
        Assert.Throws<FormatException>(() => AppSettings.Of(new Dictionary<string, string> { ["ZENKOFN_COPY_SOURCES"] = "all" }).CopiesFromAnywhere);
        Assert.True(AppSettings.Of(new Dictionary<string, string> { ["ZENKOFN_COPY_SOURCES"] = "any" }).CopiesFromAnywhere);
        Assert.Throws<FormatException>(() => AppSettings.Of(new Dictionary<string, string> { ["ZENKOFN_SETTINGS"] = "ostor.sigv4=yes" }).Live);
        Assert.Equal("true", AppSettings.Of(new Dictionary<string, string> { ["ZENKOFN_SETTINGS"] = "ostor.sigv4=true" }).Live["ostor.sigv4"]);
        Assert.Throws<FormatException>(() => AppSettings.Of(new Dictionary<string, string> { ["ZENKOFN_CACHE_SECONDS"] = "soon" }).CacheAge);
        Assert.Throws<FormatException>(() => AppSettings.Of(new Dictionary<string, string> { ["ZENKOFN_MASTER_KEY"] = "c2hvcnQ=", ["AzureWebJobsStorage"] = "UseDevelopmentStorage=true" }).MasterKey);
    }

    private static IReadOnlyList<Function> Functions(string app) => app == "Functions.Api" ? Api.Program.Functions : Replication.Program.Functions;

    private static string Folder(string app) =>
        AppContext.BaseDirectory.TrimEnd('/').Replace(Path.Combine("tests", "Functions.Hosting"), Path.Combine("src", app), StringComparison.Ordinal);

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory!.FullName, "ZenkoFunctions.sln"))) directory = directory.Parent;
        return directory.FullName;
    }

    [GeneratedRegex("^Fx_[A-Za-z0-9]{1,60}$")]
    private static partial Regex FunctionName();
}
