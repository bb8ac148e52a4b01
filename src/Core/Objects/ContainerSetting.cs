namespace ZenkoFunctions.Core.Objects;

/// <summary>The bucket as a container of Azure's protocol. Absent in a bucket that only S3 clients had a hand in.</summary>
public sealed record ContainerSetting
{
    /// <summary>The storage account whose container it is, lower case; null: a bucket made by S3, which all accounts of its owner show.</summary>
    public string? Account { get; init; }

    /// <summary>Its name there; null for the bucket's.</summary>
    public string? Name { get; init; }

    /// <summary>What those may read who do not sign.</summary>
    public ContainerAccess Access { get; init; }

    /// <summary>Metadata by name, as the client wrote it.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Policies that signatures can refer to, at most five, by id.</summary>
    public IReadOnlyList<StoredAccessPolicy> Policies { get; init; } = [];

    /// <summary>Who may delete it alone; null where nobody ever did.</summary>
    public Lease? Lease { get; init; }

    /// <summary>When it was last changed; null for when the bucket was made. Its ETag, too.</summary>
    public DateTimeOffset? Modified { get; init; }
}

/// <summary>What those may read who do not sign.</summary>
public enum ContainerAccess
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Blobs whose names they know.</summary>
    Blob,

    /// <summary>Blobs, and the list of them.</summary>
    Container,
}

/// <summary>A policy that signatures can refer to.</summary>
/// <param name="Id">1 to 64 characters.</param>
/// <param name="Permissions">Letters, those of a service SAS; null where the signature says them.</param>
/// <param name="Start">From when on; null where the signature says it, or at once.</param>
/// <param name="Expiry">Until when; null where the signature says it.</param>
public sealed record StoredAccessPolicy(string Id, string? Permissions, DateTimeOffset? Start, DateTimeOffset? Expiry);
