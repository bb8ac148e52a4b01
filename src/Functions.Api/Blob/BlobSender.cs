using ZenkoFunctions.Core.BlobAccounts;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Blob;

/// <summary>Who sends a request of Azure's protocol, once it has been verified.</summary>
/// <param name="Principal">The storage account's owner for its keys and their SAS; the user for a token and its SAS; nobody.</param>
public sealed record BlobSender(Principal Principal)
{
    /// <summary>What a SAS allows, which bounds what the principal may; null where there is none.</summary>
    public Grant? Grant { get; init; }

    /// <summary>Whether a Bearer token tells it.</summary>
    public bool IsToken { get; init; }

    /// <summary>Who the sender is by now; null where it may not ask any more.</summary>
    public Func<CancellationToken, ValueTask<Principal?>>? Renew { get; init; }
}

/// <summary>What a SAS allows: verified, within its time, from its addresses, over its protocol.</summary>
/// <param name="Permissions">Letters.</param>
public sealed record Grant(string Permissions)
{
    /// <summary>The targets that an account SAS is for, of s, c, o; null for a service SAS.</summary>
    public string? ResourceTypes { get; init; }

    /// <summary>The container that a service SAS is for; null for an account SAS.</summary>
    public string? Container { get; init; }

    /// <summary>The blob that a service SAS is for; null for all of the container.</summary>
    public string? Blob { get; init; }

    /// <summary>The snapshot or version that it is for; null for any.</summary>
    public string? Snapshot { get; init; }

    /// <summary>Headers that it sets on the answer of a read, by name.</summary>
    public IReadOnlyDictionary<string, string> Overrides { get; init; } = new Dictionary<string, string>();
}

/// <summary>Verifies who sends a request; throws <see cref="S3.S3Exception"/> with a line of <see cref="BlobErrors"/>.</summary>
/// <param name="request">As it came.</param>
/// <param name="address">What it is about.</param>
/// <param name="account">The storage account.</param>
/// <param name="ct">Ends the look-up of keys.</param>
public delegate ValueTask<BlobSender> BlobAuthenticate(S3.WireRequest request, BlobAddress address, BlobAccount account, CancellationToken ct);
