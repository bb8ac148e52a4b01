namespace ZenkoFunctions.Api.Tests;

internal sealed partial class Way
{
    /// <summary>The scheme that clients use.</summary>
    public const string Scheme = "http";

    /// <summary>Whether headers may come in UTF-8.</summary>
    public const bool TakesUtf8Headers = true;

    /// <summary>What stands between clients and the server; null for nothing.</summary>
    public static HostHop? Hop => null;

    /// <summary>Where clients reach a server that listens at that address.</summary>
    public static Task<IFront> Front(Uri address) => Task.FromResult<IFront>(new Straight(address));

    private sealed record Straight(Uri Address) : IFront
    {
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
