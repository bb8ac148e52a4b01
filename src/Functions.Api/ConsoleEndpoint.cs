namespace ZenkoFunctions.Api;

/// <summary>A mark on the connections of a port that is the console's alone.</summary>
internal sealed class ConsoleEndpoint
{
    /// <summary>The only one.</summary>
    public static readonly ConsoleEndpoint Mark = new();

    private ConsoleEndpoint() { }
}
