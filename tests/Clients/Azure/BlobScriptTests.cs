using System.Text.RegularExpressions;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests.Azure;

/// <summary>
/// The checks of <c>node/azure</c> with <c>@azure/storage-blob</c>, against our server and against Azurite: all of them hold here, and
/// those that do not hold there are the table in the documentation.
/// </summary>
[Trait("Speed", "Slow")]
public sealed partial class BlobScriptTests(BlobServices services) : IClassFixture<BlobServices>
{
    private static readonly string[] Scripts = ["containers", "blobs", "blocks", "copies", "history", "sas"];

    /// <summary>One row a script.</summary>
    public static TheoryData<string> Each => [.. Scripts];

    [ClientTheory(Client.Node), MemberData(nameof(Each))]
    public async Task Every_check_holds_here(string script) => (await Run(script, services.Ours, "ours", services.AwsEnvironment)).Succeeded();

    [ClientFact(Client.Node)]
    public async Task What_Azurite_does_otherwise_is_documented()
    {
        var azurite = await BlobServices.Azurite();
        List<string> differences = [];
        foreach (var script in Scripts)
            differences.AddRange(Difference().Matches((await Run(script, azurite, "azurite")).Succeeded().Out).Select(match => $"| {match.Groups[1].Value} | {match.Groups[2].Value} |"));
        var documented = File.ReadLines(Path.Combine(Repository.Documents, "azure-blob.md"))
            .SkipWhile(line => line != "## Compared with Azurite").SkipWhile(line => !line.StartsWith("|---", StringComparison.Ordinal)).Skip(1)
            .TakeWhile(line => line.StartsWith('|'));
        Assert.Equal(differences, documented);
    }

    private static Task<Ran> Run(string script, BlobService service, string name, IEnumerable<KeyValuePair<string, string>>? more = null) => NodeScript.Run(
        $"azure/{script}.mjs", new Dictionary<string, string>(more ?? []) { ["BLOB_CONNECTION"] = service.ConnectionString, ["BLOB_IS"] = name });

    [GeneratedRegex("^differs (.*?): (.*)$", RegexOptions.Multiline)]
    private static partial Regex Difference();
}
