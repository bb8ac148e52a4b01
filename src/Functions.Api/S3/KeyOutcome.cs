using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>What became of one of the keys that a request is about.</summary>
/// <param name="Key">The key.</param>
/// <param name="VersionId">The version that was named, or null.</param>
public readonly record struct KeyOutcome(string Key, string? VersionId)
{
    /// <summary>Why nothing came of it; null on success.</summary>
    public S3Error? Error { get; init; }

    /// <summary>The delete marker that was made or removed; null for neither.</summary>
    public ObjectVersion? Marker { get; init; }

    /// <summary>The version that is gone for good; null for none.</summary>
    public ObjectVersion? Removed { get; init; }

    /// <summary>What failed here, for this server's own log; null where nothing did.</summary>
    public Exception? Failure { get; init; }
}
