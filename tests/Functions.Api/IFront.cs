namespace ZenkoFunctions.Api.Tests;

/// <summary>What clients of a server under test connect to.</summary>
internal interface IFront : IAsyncDisposable
{
    /// <summary>Its address.</summary>
    Uri Address { get; }
}
