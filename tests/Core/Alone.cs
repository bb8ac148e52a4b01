namespace ZenkoFunctions.Core.Tests;

/// <summary>Tests that look at the whole process (what it allocates) run while no others do.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
