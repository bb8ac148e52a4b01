using System.Net;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>A body that trickles until it is told to end: a request that is under way for as long as a test wants.</summary>
/// <param name="end">When the rest is sent.</param>
internal sealed class SlowBody(Task end) : HttpContent
{
    /// <summary>Its length; of zeros.</summary>
    public const int Length = 1 << 20;

    // Servers cut off what is slower than 240 bytes a second.
    private const int Drop = 1024;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when its first bytes have been sent.</summary>
    public Task Begun => begun.Task;

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        var left = Length;
        while (!end.IsCompleted && left > Drop)
        {
            await stream.WriteAsync(new byte[Drop]);
            await stream.FlushAsync();
            begun.TrySetResult();
            left -= Drop;
            await Task.WhenAny(end, Task.Delay(Pause));
        }
        await stream.WriteAsync(new byte[left]);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = Length;
        return true;
    }
}
