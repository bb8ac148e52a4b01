namespace ZenkoFunctions.Core;

/// <summary>An exception of an engine that may mean: no room left. What was stored before is as it was.</summary>
public interface IStorageFull
{
    /// <summary>Whether it means that; then the same request can succeed once room is made.</summary>
    bool IsFull { get; }
}
