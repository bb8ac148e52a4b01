using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Usage;

namespace ZenkoFunctions.Core.Objects;

/// <summary>A bucket as its row tells.</summary>
public sealed record Bucket
{
    /// <summary>The format of the row; it only grows.</summary>
    public int Format { get; init; } = 1;

    /// <summary>The name, unique in the installation.</summary>
    public required string Name { get; init; }

    /// <summary>16 characters of a-z and 2-7, new at every creation: rows of an earlier bucket of the name are never seen.</summary>
    public required string Id { get; init; }

    /// <summary>The account that owns it.</summary>
    public required string OwnerId { get; init; }

    /// <summary>The owner's canonical id, for replies.</summary>
    public required string OwnerCanonicalId { get; init; }

    /// <summary>The owner's display name, for replies.</summary>
    public required string OwnerName { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The LocationConstraint it was made with; empty for the default location.</summary>
    public string LocationConstraint { get; init; } = "";

    /// <summary>When a deletion marked it; commits are refused from then on.</summary>
    public DateTimeOffset? Deleting { get; init; }

    /// <summary>
    /// Since when it is being removed with all that is in it: to clients it is gone, but its name is not free before a job has emptied it.
    /// </summary>
    public DateTimeOffset? Emptying { get; init; }

    /// <summary>The token of the request that made it; null where no request is sent again.</summary>
    public string? Request { get; init; }

    /// <summary>
    /// In the hands of a request: whether that is still permitted in the bucket as it is given, asked right before a commit.
    /// Null: it is.
    /// </summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public Func<Bucket, CancellationToken, ValueTask<bool>>? Permit { get; init; }

    /// <summary>What it was told, each a row of its own. Names are those in <see cref="BucketSettings"/>.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public BucketSettings Settings { get; init; } = BucketSettings.None;

    /// <summary>By what its usage is counted.</summary>
    internal CountedBucket Counted => new(Id, Name, OwnerId);

    /// <summary>A setting's value, or null where it was not made.</summary>
    public T? Get<T>(BucketSetting<T> setting) where T : class => Settings.Get(setting);
}

/// <summary>A page of an account's buckets.</summary>
/// <param name="Buckets">In order of name.</param>
/// <param name="Next">Where the next page starts (exclusive), or null at the end.</param>
public sealed record BucketPage(IReadOnlyList<Bucket> Buckets, string? Next);
