using System.Text.RegularExpressions;

namespace ZenkoFunctions.Core.Locations.Configured;

/// <summary>What a location may be called and told.</summary>
public static partial class LocationRules
{
    /// <summary>The most characters of a detail.</summary>
    public const int MaxText = 1024;

    // 'all' is every site's name in the Backbeat API.
    private const string AllSites = "all";

    /// <summary>The configuration as it is kept: types by their long names, endpoints with their scheme.</summary>
    public static LocationConfig Tidied(LocationConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var endpoint = config.Details.Endpoint?.TrimEnd('/');
        if (endpoint is { Length: > 0 } && !endpoint.Contains("://", StringComparison.Ordinal)) endpoint = "https://" + endpoint;
        return config with
        {
            LocationType = LocationTypes.Find(config.LocationType)?.Name ?? config.LocationType,
            BytesStored = null,
            Details = config.Details with { Endpoint = endpoint is "" ? null : endpoint, HasSecretKey = null },
        };
    }

    /// <summary>What is wrong with a tidied configuration, in words; null where nothing is.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="secret">Its secret key; null where it has none.</param>
    /// <param name="isShared">Whether several instances use it, so that it cannot be a directory of one of them.</param>
    public static string? Wrong(LocationConfig config, string? secret, bool isShared)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (!Name().IsMatch(config.Name)) return "A location's name has 1 to 63 lower case letters, digits and dashes, and begins with a letter or digit.";
        if (config.Name == AllSites) return "'all' stands for every location and cannot be the name of one.";
        if (LocationTypes.Unserved.TryGetValue(config.LocationType, out var why)) return $"Locations of the type {config.LocationType} are not served: {why}.";
        if (LocationTypes.Find(config.LocationType) is not { } type)
            return $"'{config.LocationType}' is no type of location. There are {string.Join(", ", LocationTypes.All.Select(each => each.Name))}.";
        if (isShared && type.Engine == LocationEngine.Disk) return "A directory of one machine cannot be a location here: several instances share this installation.";
        return WrongDetails(type, config.Details, secret) ?? WrongOptions(type, config);
    }

    private static string? WrongDetails(LocationType type, LocationDetails details, string? secret)
    {
        (string Name, string? Value)[] given =
        [
            ("accessKey", details.AccessKey), ("secretKey", secret), ("bucketName", details.BucketName), ("endpoint", details.Endpoint), ("region", details.Region),
            ("mpuBucketName", details.MpuBucketName), ("path", details.Path),
            ("serverSideEncryption", details.ServerSideEncryption is null ? null : "set"), ("bucketMatch", details.BucketMatch is null ? null : "set"),
        ];
        foreach (var (name, value) in given)
        {
            var isRequired = type.Required.Contains(name) || (name == "endpoint" && type.NeedsEndpoint);
            if (isRequired && string.IsNullOrEmpty(value)) return $"A location of the type {type.Name} needs {name}.";
            if (value is null) continue;
            if (!isRequired && !type.Optional.Contains(name)) return $"A location of the type {type.Name} has no {name}. {Has(type)}";
            if (value.Length > MaxText || value.Any(char.IsControl)) return $"{name} has more than {MaxText} characters, or some that cannot be seen.";
        }
        if (details.Endpoint is { } endpoint && !IsEndpoint(endpoint, type.Engine == LocationEngine.Azure))
            return $"'{endpoint}' is no endpoint: it must be http(s)://host or http(s)://host:port.";
        if (type.Engine == LocationEngine.Azure)
        {
            if (!AzureAccount().IsMatch(details.AccessKey!)) return "accessKey must be the name of the storage account: 3 to 24 lower case letters and digits.";
            if (!Convert.TryFromBase64String(secret!, new byte[secret!.Length], out _)) return "secretKey must be a key of the storage account, which is Base64.";
        }
        foreach (var bucket in new[] { details.BucketName, details.MpuBucketName })
            if (bucket is not null && !BucketName().IsMatch(bucket)) return $"'{bucket}' cannot be the name of a bucket or container.";
        if (details.Region is { } region && !Region().IsMatch(region)) return $"'{region}' cannot be the name of a region.";
        if (details.Path is { } path && !Path.IsPathFullyQualified(path)) return $"path must be absolute, not '{path}'.";
        return null;
    }

    private static string? WrongOptions(LocationType type, LocationConfig config) =>
        config.IsTransient && !type.MayBeTransient ? $"A location of the type {type.Name} cannot be transient: only {string.Join(", ", LocationTypes.All.Where(t => t.MayBeTransient).Select(t => t.Name))} can."
        : config.SizeLimitGb is < 1 or > 1_000_000_000 ? "sizeLimitGB must be 1 to 1,000,000,000."
        : config.BandwidthLimit is < 1024 ? "bandwidthLimit must be 1,024 bytes a second or more."
        : config.Concurrency is < 1 or > 64 ? "concurrency must be 1 to 64."
        : null;

    private static string Has(LocationType type) => $"It has {string.Join(", ", type.Required.Concat(type.Optional))}.";

    private static bool IsEndpoint(string text, bool mayHavePath) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Host.Length > 0
        && uri.UserInfo.Length == 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0 && (mayHavePath || uri.AbsolutePath == "/");

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,62}\\z")]
    private static partial Regex Name();

    [GeneratedRegex("^[a-z0-9]{3,24}\\z")]
    private static partial Regex AzureAccount();

    [GeneratedRegex("^[A-Za-z0-9$][A-Za-z0-9._-]{2,254}\\z")]
    private static partial Regex BucketName();

    [GeneratedRegex("^[A-Za-z0-9._-]{1,64}\\z")]
    private static partial Regex Region();
}
