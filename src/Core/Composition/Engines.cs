using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Composition;

/// <summary>What an installation stands on: the files of one machine, or a storage account.</summary>
public sealed record Engines
{
    /// <summary>The table of that name (see <see cref="TableLimits.CheckTable"/>); the same object for the same name.</summary>
    public required Func<string, ITable> Table { get; init; }

    /// <summary>Takes messages of jobs.</summary>
    public required IQueue Queue { get; init; }

    /// <summary>Where bytes go.</summary>
    public required LocationCatalog Locations { get; init; }

    /// <summary>What is owed to other processes that share the tables.</summary>
    public Consistency Consistency { get; init; } = Consistency.OneMachine;
}
