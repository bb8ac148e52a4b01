using Microsoft.Extensions.Logging.Abstractions;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Infra.Tests.Bicep;

namespace ZenkoFunctions.Infra.Tests;

/// <summary>The templates and the code agree: what the one needs, the other makes and sets.</summary>
public sealed class AgreementTests
{
    /// <summary>What the host reads for us, or we through the storage account.</summary>
    private static readonly string[] Hosts =
    [
        "AzureWebJobsStorage__accountName", "AzureWebJobsStorage__credential", "AzureWebJobsStorage__clientId", "AzureWebJobsDisableHomepage",
        "AzureFunctionsWebHost__hostid", "APPLICATIONINSIGHTS_CONNECTION_STRING", "APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "ZENKOFN_HANDLER",
    ];

    /// <summary>Flex Consumption refuses the first three kinds, and the others would name the storage's key.</summary>
    private static readonly string[] Forbidden =
    [
        "FUNCTIONS_WORKER_RUNTIME", "FUNCTIONS_EXTENSION_VERSION", "WEBSITE_RUN_FROM_PACKAGE", "WEBSITE_CONTENT", "AzureWebJobsStorage",
        "AzureWebJobsDashboard", "FUNCTIONS_CUSTOMHANDLER_PORT",
    ];

    [Fact]
    public void Both_apps_have_every_setting_that_the_code_reads_and_no_other()
    {
        var apps = Settings(Templates.Deploy());
        Assert.Equal(2, apps.Count);
        Assert.All(apps, settings => Assert.Equal(AppSettings.All.Select(setting => setting.Name).Concat(Hosts).Order(StringComparer.Ordinal), settings.Keys.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void Every_secret_setting_comes_from_the_vault() => Assert.All(
        Settings(Templates.Deploy()),
        settings => Assert.All(AppSettings.All, setting => Assert.Equal(setting.IsSecret, ((string)settings[setting.Name]!).StartsWith("@Microsoft.KeyVault(", StringComparison.Ordinal))));

    [Fact]
    public void A_reference_that_the_platform_could_not_resolve_is_never_taken_for_the_secret()
    {
        var settings = AppSettings.Of(Settings(Templates.Deploy())[0].ToDictionary(setting => setting.Key, setting => (string)setting.Value!));
        foreach (var secret in new Func<object?>[] { () => settings.MasterKey, () => settings.RootSecretKey, () => settings.NotifySecret })
            Assert.Contains("key vault", Assert.Throws<FormatException>(secret).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_setting_is_one_that_the_plan_refuses() => Assert.All(
        Settings(Templates.Deploy()).SelectMany(settings => settings.Keys),
        name => Assert.DoesNotContain(Forbidden, bad => name == bad || (bad == "WEBSITE_CONTENT" && name.StartsWith(bad, StringComparison.Ordinal))));

    [Fact]
    public void Every_value_is_text_and_a_reference_to_the_vault_names_a_secret_that_it_holds()
    {
        var deployment = Templates.Deploy();
        var vault = deployment.Resources.Single(r => r.Type == "Microsoft.KeyVault/vaults").Name;
        var held = deployment.Resources.Where(r => r.Type == "Microsoft.KeyVault/vaults/secrets")
            .Select(r => $"@Microsoft.KeyVault(SecretUri=https://{vault}.vault.azure.net/secrets/{r.Name.Split('/')[^1]})").ToList();
        Assert.All(Settings(deployment), settings =>
        {
            Assert.All(settings, setting => Assert.IsType<string>(setting.Value));
            Assert.Equal(held.Order(), settings.Values.OfType<string>().Where(v => v.StartsWith('@')).Order());
        });
    }

    [Fact]
    public void The_apps_are_two_hosts_with_two_programs_and_two_identities()
    {
        var apps = Settings(Templates.Deploy());
        foreach (var name in new[] { "AzureFunctionsWebHost__hostid", "ZENKOFN_HANDLER", "AzureWebJobsStorage__clientId" })
            Assert.Equal(2, apps.Select(settings => settings[name]).Distinct().Count());
        // Longer ids are cut off by the host, and two that begin alike would be one.
        Assert.All(Settings(Templates.Deploy(("namePrefix", "abcdefghij"))), settings => Assert.Matches("^[a-z0-9][a-z0-9-]{0,31}$", (string)settings["AzureFunctionsWebHost__hostid"]!));
    }

    [Fact]
    public void Bodies_may_be_as_large_as_S3_takes_them() =>
        Assert.All(Settings(Templates.Deploy()), settings => Assert.Equal("5368709120", settings["FUNCTIONS_REQUEST_BODY_SIZE_LIMIT"]));

    [Fact]
    public void Every_table_that_the_code_opens_is_made_and_no_other() =>
        Assert.Equal(Recorded().Tables.Order(StringComparer.Ordinal), Names(Templates.Deploy(), "tableServices/tables"));

    [Fact]
    public void Every_queue_of_a_job_is_made_with_its_poison_queue_and_so_are_those_of_notifications()
    {
        var queues = Recorded().Queues.SelectMany(queue => new[] { queue, queue + "-poison" });
        Assert.Equal(queues.Order(StringComparer.Ordinal), Names(Templates.Deploy(), "queueServices/queues"));
        Assert.Contains("for-others", Names(Templates.Deploy(("notifyQueues", new List<object?> { "for-others" })), "queueServices/queues"));
    }

    [Fact]
    public void The_containers_are_those_of_the_objects_and_of_the_packages()
    {
        var deployment = Templates.Deploy();
        Assert.Equal(["app-package-api", "app-package-jobs", "objects"], Names(deployment, "blobServices/containers"));
        Assert.Equal(
            [deployment.Outputs["apiPackageContainer"]!, deployment.Outputs["jobsPackageContainer"]!],
            deployment.Resources.Where(r => r.Type == "Microsoft.Web/sites")
                .Select(app => ((string)app["properties.functionAppConfig.deployment.storage.value"]!).Split('›')[^1]));
    }

    /// <summary>Whom each role is assigned to, on what. The API's identity has no role that reads a queue, and nobody's reaches beyond a resource.</summary>
    [Fact]
    public void The_roles_are_these_and_no_more()
    {
        var roles = Templates.Deploy().Resources.Where(r => r.Type == "Microsoft.Authorization/roleAssignments").Select(r =>
            $"{Role((string)r["properties.roleDefinitionId"]!)} on {r.Scope!.Type.Split('/')[^1]} {(r.Scope.Type.EndsWith("containers", StringComparison.Ordinal) ? r.Scope.Name.Split('/')[^1] + " " : "")}for {Who((string)r["properties.principalId"]!)}");
        Assert.Equal(
        [
            "Key Vault Secrets Officer on vaults for operator",
            "Key Vault Secrets User on vaults for api",
            "Key Vault Secrets User on vaults for jobs",
            "Monitoring Metrics Publisher on components for api",
            "Monitoring Metrics Publisher on components for jobs",
            "Storage Blob Data Contributor on containers app-package-api for operator",
            "Storage Blob Data Contributor on containers app-package-jobs for operator",
            "Storage Blob Data Owner on storageAccounts for api",
            "Storage Blob Data Owner on storageAccounts for jobs",
            "Storage Queue Data Contributor on storageAccounts for jobs",
            "Storage Queue Data Message Sender on storageAccounts for api",
            "Storage Table Data Contributor on storageAccounts for api",
            "Storage Table Data Contributor on storageAccounts for jobs",
        ], roles.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Without_an_operator_nobody_gets_its_roles() => Assert.DoesNotContain(
        Templates.Deploy(("operatorPrincipalId", "")).Resources,
        r => r.Type == "Microsoft.Authorization/roleAssignments" && !((string)r["properties.principalId"]!).Contains('‹', StringComparison.Ordinal));

    private static string Role(string id) => id.Split('/')[^1] switch
    {
        "b7e6dc6d-f1e8-4753-8033-0f276bb0955b" => "Storage Blob Data Owner",
        "ba92f5b4-2d11-453d-a403-e96b0029c9fe" => "Storage Blob Data Contributor",
        "974c5e8b-45b9-4653-ba55-5f855dd0fb88" => "Storage Queue Data Contributor",
        "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a" => "Storage Queue Data Message Sender",
        "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3" => "Storage Table Data Contributor",
        "3913510d-42f4-4e42-8a64-420c390055eb" => "Monitoring Metrics Publisher",
        "4633458b-17de-408a-b874-0445c86b69e6" => "Key Vault Secrets User",
        "b86a8fe4-44ce-4948-aee5-eccb2c155cd7" => "Key Vault Secrets Officer",
        var unknown => $"no known role ({unknown})",
    };

    private static string Who(string principal) => principal switch
    {
        "‹api.properties.principalId›" => "api",
        "‹jobs.properties.principalId›" => "jobs",
        "11111111-2222-3333-4444-555555555555" => "operator",
        _ => principal,
    };

    private static List<Dictionary<string, object?>> Settings(Deployment deployment) =>
        [.. deployment.Resources.Where(r => r.Type == "Microsoft.Web/sites/config").Select(r => (Dictionary<string, object?>)r["properties"]!)];

    private static IEnumerable<string> Names(Deployment deployment, string type) =>
        deployment.Resources.Where(r => r.Type == "Microsoft.Storage/storageAccounts/" + type).Select(r => r.Name.Split('/')[^1]).Order(StringComparer.Ordinal);

    /// <summary>What an installation asks its engines for.</summary>
    private static (IReadOnlyCollection<string> Tables, IReadOnlyCollection<string> Queues) Recorded()
    {
        var tables = new HashSet<string>(StringComparer.Ordinal);
        var table = new InMemoryTable();
        var engines = new Engines
        {
            Table = name => (tables.Add(name), table).table,
            Queue = new NoQueue(),
            Locations = new("objects", new Dictionary<string, ILocation> { ["objects"] = null! }),
        };
        var installation = new Installation(
            engines, new MasterKey(new byte[MasterKey.Length]), new(), new Dictionary<string, Core.Notifications.IEventTarget>(), TimeProvider.System, NullLoggerFactory.Instance);
        return (tables, installation.Jobs.Queues);
    }

    private sealed class NoQueue : IQueue
    {
        public ValueTask Send(string queue, ReadOnlyMemory<byte> message, TimeSpan delay, CancellationToken ct) => throw new NotSupportedException();
    }
}
