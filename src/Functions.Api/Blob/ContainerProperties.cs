using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>A container as it is told to clients.</summary>
/// <param name="Name">Its name in the storage account.</param>
/// <param name="Bucket">The bucket that it is.</param>
/// <param name="Now">When it is told: leases end.</param>
public readonly record struct ContainerView(string Name, Bucket Bucket, DateTimeOffset Now)
{
    /// <summary>Whether a listing was asked to tell metadata.</summary>
    public bool WithMetadata { get; init; }

    /// <summary>What Azure's protocol knows of it.</summary>
    public ContainerSetting Setting => Bucket.Get(BucketSettings.Container) ?? Nothing;

    /// <summary>When it was last changed.</summary>
    public DateTimeOffset Modified => Setting.Modified ?? Bucket.Created;

    /// <summary>Its ETag, without quotes.</summary>
    public string ETag => $"0x8{(Modified - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond:X14}";

    private static readonly ContainerSetting Nothing = new();
}

/// <summary>A property of a container: how it is called in headers and in listings, and its value.</summary>
/// <param name="Header">The header.</param>
/// <param name="Element">The element in a listing.</param>
/// <param name="Value">As text; null where the container does not have it.</param>
public sealed record ContainerProperty(string Header, string Element, Func<ContainerView, string?> Value)
{
    /// <summary>Whether every answer about the container has the header.</summary>
    public bool IsValidator { get; init; }
}

/// <summary>The properties of containers: one table, by which headers and listings tell them.</summary>
public static class ContainerProperties
{
#pragma warning disable format // a table
    /// <summary>One line each, in the order of Azure's listings.</summary>
    public static IReadOnlyList<ContainerProperty> All { get; } =
    [
        new("Last-Modified",                       "Last-Modified",                          c => BlobProperties.Date(c.Modified)) { IsValidator = true },
        new("ETag",                                "Etag",                                   c => $"\"{c.ETag}\"") { IsValidator = true },
        new("x-ms-lease-status",                   "LeaseStatus",                            c => BlobProperties.LeaseStatus(c.Setting.Lease, c.Now)),
        new("x-ms-lease-state",                    "LeaseState",                             c => BlobProperties.LeaseState(c.Setting.Lease, c.Now)),
        new("x-ms-lease-duration",                 "LeaseDuration",                          c => BlobProperties.LeaseDuration(c.Setting.Lease, c.Now)),
        new(PublicAccess,                          "PublicAccess",                           c => Text(c.Setting.Access)),
        new("x-ms-default-encryption-scope",       "DefaultEncryptionScope",                 _ => "$account-encryption-key"),
        new("x-ms-deny-encryption-scope-override", "DenyEncryptionScopeOverride",            _ => "false"),
        new("x-ms-has-immutability-policy",        "HasImmutabilityPolicy",                  c => c.Bucket.Get(BucketSettings.ObjectLock)?.Default is null ? "false" : "true"),
        new("x-ms-has-legal-hold",                 "HasLegalHold",                           _ => "false"),
        new("x-ms-immutable-storage-with-versioning-enabled", "ImmutableStorageWithVersioningEnabled", c => c.Bucket.Get(BucketSettings.ObjectLock) is null ? "false" : "true"),
    ];
#pragma warning restore format

    /// <summary>The header of what those may read who do not sign.</summary>
    public const string PublicAccess = "x-ms-blob-public-access";

    /// <summary>The element Properties of a listing.</summary>
    public static XmlShape<ContainerView> Shape { get; } =
        All.Aggregate(new XmlShape<ContainerView>("Properties", xmlns: null), (shape, property) => shape.Text(property.Element, property.Value));

    /// <summary>Adds ETag and Last-Modified.</summary>
    public static Reply WithValidators(this Reply reply, ContainerView view)
    {
        foreach (var property in All)
            if (property.IsValidator) reply.With(property.Header, property.Value(view));
        return reply;
    }

    /// <summary>Adds all headers that tell of a container, its metadata among them.</summary>
    public static Reply WithProperties(this Reply reply, ContainerView view)
    {
        foreach (var property in All) reply.With(property.Header, property.Value(view));
        return reply.WithMetadata(view);
    }

    /// <summary>Adds the headers of its metadata.</summary>
    public static Reply WithMetadata(this Reply reply, ContainerView view)
    {
        foreach (var (name, value) in view.Setting.Metadata) reply.With(BlobHeaders.MetadataPrefix + name, value);
        return reply;
    }

    /// <summary>As headers and listings have it; null for nothing.</summary>
    public static string? Text(ContainerAccess access) => access switch { ContainerAccess.Blob => "blob", ContainerAccess.Container => "container", _ => null };
}
