using Azure.Core;
using Azure.Identity;
using Azure.Storage;

namespace ZenkoFunctions.Core.Storage;

/// <summary>An Azure storage account, or Azurite: where its services are, and who we are to it.</summary>
public sealed class StorageAccount
{
    /// <summary>The setting that the Functions host takes its own storage from, and so do we.</summary>
    public const string DefaultSetting = "AzureWebJobsStorage";

    // Azurite's, the same everywhere; published by Microsoft.
    private const string DevelopmentName = "devstoreaccount1";
    private const string DevelopmentKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private const string DefaultSuffix = "core.windows.net";

    private StorageAccount(string name, Uri blob, Uri queue, Uri table, string? key, TokenCredential? credential)
    {
        (Name, Blob, Queue, Table, Credential) = (name, blob, queue, table, credential);
        if (key is not null) SharedKey = new(name, key);
        TableKey = key is null ? null : Convert.FromBase64String(key);
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Whether it is Azurite's well-known account, whose key is no secret.</summary>
    public bool IsAzurite => Name == DevelopmentName;

    /// <summary>The endpoint of blobs; for Azurite with the account's name as its path. No trailing slash is needed.</summary>
    public Uri Blob { get; }

    /// <summary>The endpoint of queues.</summary>
    public Uri Queue { get; }

    /// <summary>The endpoint of tables.</summary>
    public Uri Table { get; }

    /// <summary>The account's key for blobs and queues; null where a token is used.</summary>
    public StorageSharedKeyCredential? SharedKey { get; }

    /// <summary>The same key's bytes, for SharedKeyLite; null where a token is used.</summary>
    internal byte[]? TableKey { get; }

    /// <summary>Gives tokens; null where the key is used.</summary>
    public TokenCredential? Credential { get; }

    /// <summary>
    /// The account of a connection string: <c>UseDevelopmentStorage=true</c>, <c>DefaultEndpointsProtocol=…;AccountName=…;AccountKey=…;EndpointSuffix=…</c>,
    /// or with an endpoint for each service.
    /// </summary>
    /// <exception cref="FormatException">It is none; the message says what is wrong and never what the key is.</exception>
    public static StorageAccount Parse(string connectionString)
    {
        var parts = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in connectionString.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (part.IndexOf('=') is not (> 0 and var at)) throw new FormatException("A connection string is a list of name=value, separated by semicolons.");
            parts[part[..at]] = part[(at + 1)..];
        }
        if (parts.GetValueOrDefault("UseDevelopmentStorage") is { } development)
        {
            if (!bool.TryParse(development, out var use) || !use) throw new FormatException("UseDevelopmentStorage can only be true.");
            Uri Local(int port) => new($"http://127.0.0.1:{port}/{DevelopmentName}");
            return new(DevelopmentName, Local(10000), Local(10001), Local(10002), DevelopmentKey, null);
        }
        var name = parts.GetValueOrDefault("AccountName") ?? throw new FormatException("The connection string has no AccountName.");
        var key = parts.GetValueOrDefault("AccountKey") ?? throw new FormatException(
            "The connection string has no AccountKey. Shared access signatures are not enough; with an identity, set AzureWebJobsStorage__accountName instead.");
        if (!Convert.TryFromBase64String(key, new byte[key.Length], out _)) throw new FormatException("The AccountKey is no Base64.");
        var (scheme, suffix) = (parts.GetValueOrDefault("DefaultEndpointsProtocol") ?? "https", parts.GetValueOrDefault("EndpointSuffix") ?? DefaultSuffix);
        Uri Of(string service) => Endpoint(parts.GetValueOrDefault(char.ToUpperInvariant(service[0]) + service[1..] + "Endpoint") ?? $"{scheme}://{name}.{service}.{suffix}");
        return new(name, Of("blob"), Of("queue"), Of("table"), key, null);
    }

    /// <summary>
    /// The account of app settings: <paramref name="name"/> itself as a connection string, or, as the Functions host has it,
    /// <c>name__accountName</c> (or <c>name__blobServiceUri</c>, <c>__queueServiceUri</c> and <c>__tableServiceUri</c>) with
    /// an identity: the managed one of <c>name__clientId</c>, or whoever is signed in where that is missing. Null where nothing is set.
    /// </summary>
    /// <exception cref="FormatException">What is set cannot be used.</exception>
    public static StorageAccount? OfSettings(Func<string, string?> setting, string name = DefaultSetting)
    {
        if (setting(name) is { Length: > 0 } connectionString) return Parse(connectionString);
        string? Part(string part) => setting($"{name}__{part}") is { Length: > 0 } value ? value : null;
        var account = Part("accountName");
        Uri? Of(string service) => Part(service + "ServiceUri") is { } uri ? Endpoint(uri) : account is null ? null : new($"https://{account}.{service}.{DefaultSuffix}");
        var (blob, queue, table) = (Of("blob"), Of("queue"), Of("table"));
        if (blob is null && queue is null && table is null) return null;
        if (blob is null || queue is null || table is null)
            throw new FormatException($"Set {name}__accountName, or all three of {name}__blobServiceUri, {name}__queueServiceUri and {name}__tableServiceUri.");
        var client = Part("clientId");
        TokenCredential credential = Part("credential") == "managedidentity"
            ? new ManagedIdentityCredential(client is null ? ManagedIdentityId.SystemAssigned : ManagedIdentityId.FromUserAssignedClientId(client))
            : new DefaultAzureCredential();
        return new(account ?? blob.Host.Split('.')[0], blob, queue, table, null, credential);
    }

    private static Uri Endpoint(string uri) =>
        Uri.TryCreate(uri.TrimEnd('/'), UriKind.Absolute, out var endpoint) && endpoint.Scheme is ("http" or "https") && endpoint.Query.Length == 0
            ? endpoint
            : throw new FormatException($"'{uri}' is no endpoint of a storage service.");
}
