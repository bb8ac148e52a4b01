using ZenkoFunctions.Core.Usage;

namespace ZenkoFunctions.Core.Objects;

/// <summary>What is to become the current version of a key, once its bytes are durable.</summary>
/// <param name="Version">
/// The version; its sequence, whether it is the null version, and the place of an inline body are filled in by the commit.
/// </param>
internal sealed record Proposal(ObjectVersion Version)
{
    /// <summary>When its bytes were begun to be written, where no row named them before.</summary>
    public DateTimeOffset? Begun { get; init; }

    /// <summary>A small body, to be stored beside the version.</summary>
    public ReadOnlyMemory<byte>? Inline { get; init; }

    /// <summary>
    /// The version whose bytes this one takes over: the commit is refused with <see cref="Refusal.Conflict"/> unless that
    /// is still the current one, and is replaced rather than kept.
    /// </summary>
    public ObjectVersion? Heir { get; init; }

    /// <summary>
    /// Whose blocks it takes over: the commit is refused with <see cref="Refusal.Conflict"/> unless that version is still the current
    /// one, of the same parts, and is replaced rather than kept.
    /// </summary>
    public Inheritance? Inherits { get; init; }

    /// <summary>
    /// The upload it comes from: the version is then committed once only, however often and by whomever that is tried.
    /// </summary>
    public string? Upload { get; init; }

    /// <summary>The bytes that the upload loses by it, where that is not the version's size.</summary>
    public long? Taken { get; init; }

    /// <summary>
    /// Whether its encryption was left to the bucket's default: the commit is refused with <see cref="Refusal.Unavailable"/>
    /// where the default has become one that the bytes, stored by then, do not meet.
    /// </summary>
    public bool IsByDefault { get; init; }

    /// <summary>The location that the upload asked for; null for the bucket's.</summary>
    public string? TakenFrom { get; init; }

    /// <summary>A change that is to be part of the commit, given the version as it is committed; null for none.</summary>
    public Func<ObjectVersion, State.Change>? Follow { get; init; }

    /// <summary>What a snapshot and its blob say of themselves, given the blob and the snapshot's time, where it ends a copy; null for what the blob says.</summary>
    public Func<ObjectVersion, DateTimeOffset, BlobState>? Ends { get; init; }

    /// <summary>Whether its bytes are still to come: nobody is told of it, and no site gets it, until they have.</summary>
    public bool IsPending { get; init; }

    /// <summary>The request it comes from, for those who are told of it.</summary>
    public Cause? Cause { get; init; }

    /// <summary>What is set aside for it in the bucket's quota; null where there was none.</summary>
    public Reservation? Room { get; init; }
}
