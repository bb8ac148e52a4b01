using System.Collections.Concurrent;
using Azure.Core;
using Azure.Core.Pipeline;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ZenkoFunctions.Core.Storage;

namespace ZenkoFunctions.Core.State.AzureTables;

/// <summary>The tables of a storage account. Makes no call by itself.</summary>
public sealed class AzureTables
{
    // The audience of every storage service, tables included.
    private const string Scope = "https://storage.azure.com/.default";

    private readonly TableService service;
    private readonly ILogger log;
    private readonly ConcurrentDictionary<string, ITable> tables = new(StringComparer.Ordinal);

    private AzureTables(TableService service, ILogger log) => (this.service, this.log) = (service, log);

    /// <summary>Opens the account's tables: with its key where we have that, else with a token.</summary>
    public static AzureTables Open(StorageAccount account, AzureTableOptions? options = null, ILogger? log = null)
    {
        options ??= new();
        HttpPipelinePolicy authorization = account.TableKey is { } key
            ? new SharedKeyLite(account.Name, key, options.Clock)
            : new BearerTokenAuthenticationPolicy(account.Credential!, Scope);
        var pipeline = HttpPipelineBuilder.Build(options, authorization);
        return new(new(pipeline, account.Table, options.Clock), log ?? NullLogger.Instance);
    }

    /// <summary>The table of that name (see <see cref="TableLimits.CheckTable"/>), whether or not it exists yet; the same object for the same name.</summary>
    public ITable Table(string name)
    {
        TableLimits.CheckTable(name);
        return tables.GetOrAdd(name, static (name, all) => new AzureTable(all.service, name, all.log), this);
    }

    /// <summary>Makes the tables that are missing. Throws <see cref="AzureTableException"/> where that is not allowed.</summary>
    public async Task Ensure(IEnumerable<string> names, CancellationToken ct)
    {
        var there = await service.Tables(ct);
        foreach (var name in names)
        {
            TableLimits.CheckTable(name);
            if (!there.Contains(name)) await service.Create(name, ct);
        }
    }
}
