namespace ZenkoFunctions.Core.Locations.S3;

/// <summary>A bucket of AWS, or of anything else that speaks S3, and who we are to it.</summary>
public sealed record S3Place
{
    /// <summary>Where it is served, <c>http</c> or <c>https</c>; null for AWS's own endpoint of <see cref="Region"/>.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>The region that requests are signed for.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <summary>The bucket. It is never made: whoever owns it does that.</summary>
    public required string Bucket { get; init; }

    /// <summary>The id of the key.</summary>
    public required string AccessKey { get; init; }

    /// <summary>The key. It is in no message and no log.</summary>
    public required string SecretKey { get; init; }

    /// <summary>Whether the bucket's name goes into the path and not into the host name.</summary>
    public bool PathStyle { get; init; }

    /// <summary>Whether what is written asks for the service's own encryption (<c>AES256</c>).</summary>
    public bool Encrypts { get; init; }

    /// <inheritdoc cref="ReplicaTraits.WholeKey"/>
    public bool WholeKey { get; init; }

    /// <inheritdoc cref="ReplicaTraits.KeepsVersions"/>
    public bool KeepsVersions { get; init; } = true;

    /// <inheritdoc cref="ReplicaTraits.HasTags"/>
    public bool HasTags { get; init; } = true;

    /// <summary>The most parts of an upload: 10,000 in S3, fewer elsewhere.</summary>
    public int MaxParts { get; init; } = 10_000;

    /// <summary>What stands before the names of bytes of our own. No bucket's name begins so, and hence no replica's key.</summary>
    public string Prefix { get; init; } = ".zenkofn/";

    /// <summary>The bucket, in messages.</summary>
    public override string ToString() => $"{Endpoint?.GetLeftPart(UriPartial.Authority) ?? "AWS"}/{Bucket}";
}
