namespace ZenkoFunctions.Core.Limits;

/// <summary>What limits tell apart: each operation is of one kind.</summary>
public enum RequestKind
{
    /// <summary>Reads something, or asks about it.</summary>
    Get,

    /// <summary>Makes or changes something.</summary>
    Put,

    /// <summary>Lists.</summary>
    List,

    /// <summary>Removes something.</summary>
    Delete,
}
