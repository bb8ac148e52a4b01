using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Locations.Configured;

namespace ZenkoFunctions.Api.Management;

/// <summary>The operations on locations: documents are Zenko's, <c>details.secretKey</c> only ever comes in.</summary>
internal static class Locations
{
    /// <summary>Buckets that one answer lists.</summary>
    private const int MostBuckets = 1000;

    /// <summary>All of them.</summary>
    public static async ValueTask<Reply> List(ManagementCall call, CancellationToken ct) =>
        Reply.Json(LocationsJson.Default.LocationList, new(await call.Installation.Locations.All(ct)));

    /// <summary>One.</summary>
    public static async ValueTask<Reply> Get(ManagementCall call, CancellationToken ct) =>
        await call.Installation.Locations.Get(call.Path["name"], ct) is { } found ? Told(found) : Unknown(call);

    /// <summary>Adds one.</summary>
    public static async ValueTask<Reply> Add(ManagementCall call, CancellationToken ct)
    {
        var (config, secret) = Read(call);
        var added = await call.Installation.Locations.Add(config, secret, ct);
        return added.Refusal is null ? Told(added.Value, 201) : Refused(added, call, ManagementErrors.LocationExists);
    }

    /// <summary>Puts another configuration in place of one's.</summary>
    public static async ValueTask<Reply> Change(ManagementCall call, CancellationToken ct)
    {
        var (config, secret) = Read(call);
        var name = call.Path["name"];
        if (config.Name.Length > 0 && config.Name != name) return Reply.Refused(ManagementErrors.InvalidLocation, "The name of a location stays.");
        var changed = await call.Installation.Locations.Change(config with { Name = name }, secret, ct);
        return changed.Refusal is null ? Told(changed.Value) : Refused(changed, call, ManagementErrors.OperationAborted);
    }

    /// <summary>Removes one that nothing needs.</summary>
    public static async ValueTask<Reply> Remove(ManagementCall call, CancellationToken ct)
    {
        var name = call.Path["name"];
        var removed = await call.Installation.Locations.Remove(name, (mayHoldBytes, stop) => call.Installation.LocationUse.Of(name, mayHoldBytes, stop), ct);
        return removed.Refusal is null ? Reply.Empty(204) : Refused(removed, call, ManagementErrors.LocationInUse);
    }

    /// <summary>Tries one out.</summary>
    public static async ValueTask<Reply> Check(ManagementCall call, CancellationToken ct)
    {
        var report = await Examine(call, call.Path["name"], ct);
        return report is null ? Unknown(call) : Reply.Json(LocationCheckJson.Default.LocationCheckReport, report);
    }

    /// <summary>Tries a location out; null where there is none of that name.</summary>
    internal static async ValueTask<LocationCheckReport?> Examine(ManagementCall call, string name, CancellationToken ct)
    {
        var domain = call.Installation;
        return domain.Buckets.Locations.BuiltIn.TryGetValue(name, out var place)
            ? await LocationCheck.Run((await domain.Locations.Get(name, ct))!, place, domain.Clock, ct)
            : await domain.Locations.Check(name, ct);
    }

    /// <summary>Tries settings out that are not kept.</summary>
    public static async ValueTask<Reply> Try(ManagementCall call, CancellationToken ct)
    {
        var (config, secret) = Read(call);
        var tried = await call.Installation.Locations.Try(config, secret, ct);
        return tried.Refusal is null ? Reply.Json(LocationCheckJson.Default.LocationCheckReport, tried.Value) : Reply.Refused(ManagementErrors.InvalidLocation, tried.Detail);
    }

    /// <summary>Which buckets have to do with one.</summary>
    public static async ValueTask<Reply> Use(ManagementCall call, CancellationToken ct)
    {
        var name = call.Path["name"];
        if (await call.Installation.Locations.Get(name, ct) is null) return Unknown(call);
        List<BucketAtLocation> buckets = [];
        await foreach (var need in call.Installation.LocationUse.Needs(name, call.Query["marker"] is { Length: > 0 } marker ? marker : null, ct))
        {
            if (buckets.Count == MostBuckets) return Told(buckets, buckets[^1].Bucket);
            buckets.Add(new(need.Bucket, need.Owner, need.IsMadeIn, need.Mirrors, need.Replicates, need.Moves));
        }
        return Told(buckets, null);

        static Reply Told(IReadOnlyList<BucketAtLocation> buckets, string? next) => Reply.Json(LocationsJson.Default.LocationUsers, new(buckets, next));
    }

    /// <summary>The types that there are.</summary>
    public static ValueTask<Reply> Types(ManagementCall call, CancellationToken ct) => new(Reply.Json(LocationsJson.Default.LocationTypeList, new([.. LocationTypes.All.Select(type => new LocationTypeTold(
        type.Name, type.ShortName, type.Title, type.NeedsEndpoint ? [.. type.Required, "endpoint"] : type.Required,
        [.. type.Optional.Where(each => !(type.NeedsEndpoint && each == "endpoint"))], type.MayBeTransient))])));

    private static Reply Told(LocationConfig config, int status = 200) => Reply.Json(LocationJson.Default.LocationConfig, config, status);

    private static Reply Unknown(ManagementCall call) => Reply.Refused(ManagementErrors.NoSuchLocation, $"There is no location '{call.Path["name"]}'.");

    private static Reply Refused(Result<LocationConfig> result, ManagementCall call, S3Error conflict) => result.Refusal switch
    {
        Refusal.NoSuchLocation => Unknown(call),
        Refusal.Conflict => Reply.Refused(conflict, result.Detail),
        _ => Reply.Refused(ManagementErrors.InvalidLocation, result.Detail),
    };

    /// <summary>The document of a request, its secret taken out; what it has and nobody knows is refused by its name.</summary>
    private static (LocationConfig Config, string? Secret) Read(ManagementCall call)
    {
        try
        {
            if (JsonNode.Parse(call.Body.Span, documentOptions: new() { AllowDuplicateProperties = false, MaxDepth = 8 }) is not JsonObject document)
                throw new S3Exception(ManagementErrors.MalformedBody);
            string? secret = null;
            if (document["details"] is JsonObject details)
            {
                secret = details["secretKey"]?.GetValue<string>();
                details.Remove("secretKey");
                RefuseUnknown(details, LocationJson.Default.LocationDetails, "details.");
            }
            RefuseUnknown(document, LocationJson.Default.LocationConfig, "");
            return (document.Deserialize(LocationJson.Default.LocationConfig)!, secret is "" ? null : secret);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // What is told of a value could be the secret.
            var where = e is JsonException { Path: { Length: > 1 } path } ? $" See {path[2..]}." : "";
            throw new S3Exception(ManagementErrors.MalformedBody, $"The body is no JSON document of a location.{where}");
        }
    }

    private static void RefuseUnknown<T>(JsonObject document, JsonTypeInfo<T> type, string path)
    {
        foreach (var (name, _) in document)
        {
            if (type.Properties.All(property => property.Name != name))
                throw new S3Exception(ManagementErrors.InvalidLocation, $"There is no option '{path}{name}' of a location.");
        }
    }
}

/// <summary>An answer with all locations.</summary>
internal sealed record LocationList(IReadOnlyList<LocationConfig> Locations);

/// <summary>An answer with all types of locations.</summary>
internal sealed record LocationTypeList(IReadOnlyList<LocationTypeTold> Types);

/// <summary>A type of location.</summary>
/// <param name="Name">Zenko's name of it.</param>
/// <param name="ShortName">The same without what all have in common.</param>
/// <param name="Title">What people call it.</param>
/// <param name="Required">The details that it must have.</param>
/// <param name="Optional">Those that it may have besides.</param>
/// <param name="MayBeTransient">Whether objects may leave it once they are replicated.</param>
internal sealed record LocationTypeTold(string Name, string ShortName, string Title, IReadOnlyList<string> Required, IReadOnlyList<string> Optional, bool MayBeTransient);

/// <summary>The buckets that have to do with a location.</summary>
/// <param name="Buckets">In order of name; at most a thousand.</param>
/// <param name="Next">Where there are more: the <c>marker</c> of the request that tells them.</param>
internal sealed record LocationUsers(IReadOnlyList<BucketAtLocation> Buckets, string? Next);

/// <summary>What a bucket has to do with a location.</summary>
/// <param name="Bucket">Its name.</param>
/// <param name="Owner">The name of its owner.</param>
/// <param name="Made">Whether the bytes of its objects go there.</param>
/// <param name="Mirror">Whether it shows what is there.</param>
/// <param name="Replication">Whether its rules send copies there.</param>
/// <param name="Lifecycle">Whether its rules move objects there.</param>
internal sealed record BucketAtLocation(string Bucket, string Owner, bool Made, bool Mirror, bool Replication, bool Lifecycle);

/// <summary>Answers about locations as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LocationList))]
[JsonSerializable(typeof(LocationTypeList))]
[JsonSerializable(typeof(LocationUsers))]
internal sealed partial class LocationsJson : JsonSerializerContext;
