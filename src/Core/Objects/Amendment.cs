using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>A version as it is to be, and what else changes in the commit that makes it so.</summary>
internal readonly record struct Amendment(ObjectVersion Version)
{
    /// <summary>Changes of other rows of its partition.</summary>
    public IReadOnlyList<Change> Rows { get; init; } = [];

    /// <summary>What is nobody's after the commit; null for nothing. Since when is filled in.</summary>
    public Garbage? Loses { get; init; }

    /// <summary>When bytes were begun to be written that no row named before; null where there are none.</summary>
    public DateTimeOffset? Begun { get; init; }

    /// <summary>Of what is mirrored: whether the source says so already, and is not told.</summary>
    public bool IsAtSource { get; init; }

    /// <summary>A change of the version alone.</summary>
    public static Result<Amendment> Of(Result<ObjectVersion> next) => next.Refusal is null ? new Amendment(next.Value) : next.As<Amendment>();
}
