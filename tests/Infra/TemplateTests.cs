using System.Collections;
using System.Text.RegularExpressions;
using ZenkoFunctions.Infra.Tests.Bicep;

namespace ZenkoFunctions.Infra.Tests;

/// <summary>What the templates make is safe, complete, and named as Azure wants it.</summary>
public sealed partial class TemplateTests
{
    /// <summary>Type → the version of its API that the templates were written by.</summary>
    private static readonly Dictionary<string, string> Versions = new(StringComparer.Ordinal)
    {
        ["Microsoft.Authorization/roleAssignments"] = "2022-04-01",
        ["Microsoft.Insights/components"] = "2020-02-02",
        ["Microsoft.KeyVault/vaults"] = "2023-07-01",
        ["Microsoft.KeyVault/vaults/secrets"] = "2023-07-01",
        ["Microsoft.ManagedIdentity/userAssignedIdentities"] = "2023-01-31",
        ["Microsoft.OperationalInsights/workspaces"] = "2023-09-01",
        ["Microsoft.Storage/storageAccounts"] = "2023-05-01",
        ["Microsoft.Storage/storageAccounts/blobServices"] = "2023-05-01",
        ["Microsoft.Storage/storageAccounts/blobServices/containers"] = "2023-05-01",
        ["Microsoft.Storage/storageAccounts/managementPolicies"] = "2023-05-01",
        ["Microsoft.Storage/storageAccounts/queueServices"] = "2023-05-01",
        ["Microsoft.Storage/storageAccounts/queueServices/queues"] = "2023-05-01",
        ["Microsoft.Storage/storageAccounts/tableServices"] = "2023-05-01",
        ["Microsoft.Storage/storageAccounts/tableServices/tables"] = "2023-05-01",
        ["Microsoft.Web/serverfarms"] = "2024-04-01",
        ["Microsoft.Web/sites"] = "2024-04-01",
        ["Microsoft.Web/sites/basicPublishingCredentialsPolicies"] = "2024-04-01",
        ["Microsoft.Web/sites/config"] = "2024-04-01",
    };

    /// <summary>Type → what its name must look like: length and characters of Azure's naming rules.</summary>
    private static readonly (string Type, Regex Name)[] NamingRules =
    [
        ("Microsoft.Storage/storageAccounts", new("^[a-z0-9]{3,24}$")),
        ("Microsoft.Storage/storageAccounts/blobServices/containers", new("^[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9]$")),
        ("Microsoft.Storage/storageAccounts/queueServices/queues", new("^[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9]$")),
        ("Microsoft.Storage/storageAccounts/tableServices/tables", new("^[A-Za-z][A-Za-z0-9]{2,62}$")),
        ("Microsoft.KeyVault/vaults", new("^[a-zA-Z](?!.*--)[a-zA-Z0-9-]{1,22}[a-zA-Z0-9]$")),
        ("Microsoft.KeyVault/vaults/secrets", new("^[a-zA-Z0-9-]{1,127}$")),
        ("Microsoft.Web/sites", new("^[a-zA-Z0-9][a-zA-Z0-9-]{0,58}[a-zA-Z0-9]$")),
        ("Microsoft.Web/serverfarms", new("^[a-zA-Z0-9-]{1,60}$")),
        ("Microsoft.ManagedIdentity/userAssignedIdentities", new("^[a-zA-Z0-9][a-zA-Z0-9_-]{2,127}$")),
        ("Microsoft.OperationalInsights/workspaces", new("^[a-zA-Z0-9][a-zA-Z0-9-]{2,61}[a-zA-Z0-9]$")),
        ("Microsoft.Insights/components", new("^[a-zA-Z0-9._-]{1,260}$")),
    ];

    private static readonly string[] Nobodys = ["‹secret masterKey›", "‹secret rootSecretKey›", "‹secret notifySecret›"];

    [Theory]
    [InlineData("zenkofn")]
    [InlineData("abc")]
    [InlineData("abcdefghij")]
    public void Every_name_is_one_that_Azure_takes(string prefix)
    {
        var resources = Templates.Deploy(("namePrefix", prefix)).Resources;
        foreach (var (type, rule) in NamingRules)
        {
            var names = resources.Where(r => r.Type == type).Select(r => r.Name.Split('/')[^1]).ToList();
            Assert.NotEmpty(names);
            Assert.All(names, name => Assert.Matches(rule, name));
        }
    }

    [Fact]
    public void Every_version_of_an_API_is_in_the_table_and_every_line_of_the_table_is_used() => Assert.Equal(
        Versions.Select(v => $"{v.Key}@{v.Value}").Order(StringComparer.Ordinal),
        Templates.Deploy().Resources.Select(r => $"{r.Type}@{r.Version}").Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Every_parameter_and_output_says_what_it_is() => Assert.All(
        Templates.All.SelectMany(t => t.Statements.Where(s => s is ParamStatement or OutputStatement).Select(s => (t.File, s))),
        at => Assert.True(at.s.Description is { Length: > 8 } text && text.EndsWith('.'), $"{Path.GetFileName(at.File)}: {at.s.Name}"));

    [Fact]
    public void Only_the_id_of_the_root_key_must_be_given() => Assert.Equal(
        ["rootAccessKey"],
        Templates.All.Single(t => t.File.EndsWith("main.bicep", StringComparison.Ordinal)).Of<ParamStatement>().Where(p => p.Default is null).Select(p => p.Name));

    [Fact]
    public void The_account_takes_neither_keys_nor_strangers_nor_old_TLS()
    {
        var account = Single(Templates.Deploy(), "Microsoft.Storage/storageAccounts");
        Assert.Equal(false, account["properties.allowSharedKeyAccess"]);
        Assert.Equal(false, account["properties.allowBlobPublicAccess"]);
        Assert.Equal(false, account["properties.allowCrossTenantReplication"]);
        Assert.Equal(true, account["properties.supportsHttpsTrafficOnly"]);
        Assert.Equal("TLS1_2", account["properties.minimumTlsVersion"]);
        Assert.All(
            Templates.Deploy().Resources.Where(r => r.Type.EndsWith("/containers", StringComparison.Ordinal)),
            container => Assert.Equal("None", container["properties.publicAccess"]));
    }

    [Fact]
    public void The_apps_take_https_only_and_no_passwords()
    {
        var resources = Templates.Deploy().Resources;
        var apps = resources.Where(r => r.Type == "Microsoft.Web/sites").ToList();
        Assert.Equal(2, apps.Count);
        Assert.All(apps, app =>
        {
            Assert.Equal(true, app["properties.httpsOnly"]);
            Assert.Equal("1.2", app["properties.siteConfig.minTlsVersion"]);
            Assert.Equal("UserAssigned", app["identity.type"]);
            Assert.Single(Assert.IsType<Dictionary<string, object?>>(app["identity.userAssignedIdentities"]));
            var policy = Assert.Single(resources, r => r.Type.EndsWith("/basicPublishingCredentialsPolicies", StringComparison.Ordinal) && r.Name.StartsWith(app.Name + "/", StringComparison.Ordinal));
            Assert.Equal(false, policy["properties.allow"]);
        });
    }

    [Fact]
    public void Each_app_is_a_custom_handler_on_a_Flex_Consumption_plan_of_its_own()
    {
        var resources = Templates.Deploy().Resources;
        var apps = resources.Where(r => r.Type == "Microsoft.Web/sites").ToList();
        Assert.Equal(2, apps.Select(a => a["properties.serverFarmId"]).Distinct().Count());
        Assert.Equal(2, apps.Select(a => a["properties.functionAppConfig.deployment.storage.value"]).Distinct().Count());
        Assert.All(apps, app =>
        {
            Assert.Equal("functionapp,linux", app["kind"]);
            Assert.Equal("custom", app["properties.functionAppConfig.runtime.name"]);
            // "1" would deploy, and fail with opaque errors.
            Assert.Equal("1.0", app["properties.functionAppConfig.runtime.version"]);
            Assert.Equal("UserAssignedIdentity", app["properties.functionAppConfig.deployment.storage.authentication.type"]);
            var plan = Assert.Single(resources, r => r.Id == (string)app["properties.serverFarmId"]!);
            Assert.Equal(("FC1", "FlexConsumption", true), ((string)plan["sku.name"]!, (string)plan["sku.tier"]!, (bool)plan["properties.reserved"]!));
        });
    }

    [Fact]
    public void Always_ready_instances_are_asked_for_where_told_and_only_of_the_API()
    {
        static IEnumerable<int> Ready(Deployment deployment) => deployment.Resources.Where(r => r.Type == "Microsoft.Web/sites")
            .Select(app => ((IList)app["properties.functionAppConfig.scaleAndConcurrency.alwaysReady"]!).Count);
        Assert.Equal([0, 0], Ready(Templates.Deploy()));
        Assert.Equal([1, 0], Ready(Templates.Deploy(("apiAlwaysReady", 2L))));
    }

    [Fact]
    public void The_vault_needs_roles_and_loses_nothing_for_90_days()
    {
        var vault = Single(Templates.Deploy(), "Microsoft.KeyVault/vaults");
        Assert.Equal(true, vault["properties.enableRbacAuthorization"]);
        Assert.Equal(true, vault["properties.enablePurgeProtection"]);
        Assert.Equal(90L, vault["properties.softDeleteRetentionInDays"]);
        Assert.DoesNotContain(Templates.Deploy(("useKeyVault", false)).Resources, r => r.Type.StartsWith("Microsoft.KeyVault", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void No_output_holds_a_secret_and_no_secret_lies_where_it_can_be_read(bool vault)
    {
        var deployment = Templates.Deploy(("useKeyVault", vault));
        Assert.All(deployment.Outputs, output => Assert.DoesNotContain("‹secret", output.Value?.ToString(), StringComparison.Ordinal));
        var holders = deployment.Resources.Where(r => Strings(r.Body).Any(text => text.Contains("‹secret", StringComparison.Ordinal))).ToList();
        Assert.All(holders, r => Assert.Equal(vault ? "Microsoft.KeyVault/vaults/secrets" : "Microsoft.Web/sites/config", r.Type));
        Assert.Equal(Nobodys.Order(), holders.SelectMany(r => Strings(r.Body)).Where(Nobodys.Contains).Distinct().Order());
    }

    [Fact]
    public void No_template_asks_for_a_key() => Assert.All(
        Templates.All, template => Assert.DoesNotMatch(Keys(), File.ReadAllText(template.File)));

    [Fact]
    public void Secrets_that_are_not_given_again_stay_in_the_vault()
    {
        var again = Templates.Deploy(("masterKey", ""), ("rootSecretKey", ""), ("notifySecret", ""));
        Assert.DoesNotContain(again.Resources, r => r.Type == "Microsoft.KeyVault/vaults/secrets");
        Assert.Equal(3, Templates.Deploy().Resources.Count(r => r.Type == "Microsoft.KeyVault/vaults/secrets"));
    }

    [Fact]
    public void Nothing_that_is_needed_is_ever_removed_by_the_lifecycle()
    {
        var rules = (IList)Single(Templates.Deploy(), "Microsoft.Storage/storageAccounts/managementPolicies")["properties.policy.rules"]!;
        var prefixes = rules.Cast<IReadOnlyDictionary<string, object?>>()
            .SelectMany(rule => (IEnumerable<object?>)((Dictionary<string, object?>)((Dictionary<string, object?>)rule["definition"]!)["filters"]!)["prefixMatch"]!).ToList();
        Assert.Equal(["app-package-api/history/", "app-package-jobs/history/", "azure-webjobs-hosts/output-logs/"], prefixes);
    }

    [Fact]
    public void The_example_of_parameters_deploys()
    {
        var example = Parser.Read(Path.Combine(Templates.Directory, "main.bicepparam"));
        Assert.Equal("./main.bicep", example.Using);
        Deployment.Of(Path.Combine(Templates.Directory, "main.bicep"), Deployment.Parameters(example));
    }

    private static Deployed Single(Deployment deployment, string type) => Assert.Single(deployment.Resources, r => r.Type == type);

    private static IEnumerable<string> Strings(object? value) => value switch
    {
        string text => [text],
        IReadOnlyDictionary<string, object?> properties => properties.Values.SelectMany(Strings),
        IList list => list.Cast<object?>().SelectMany(Strings),
        _ => [],
    };

    [GeneratedRegex("listKeys|listAccountSas|listServiceSas|AccountKey|SharedAccessKey", RegexOptions.IgnoreCase)]
    private static partial Regex Keys();
}
