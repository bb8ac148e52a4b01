using System.Buffers;
using System.IO.Pipelines;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core.Replication;

namespace ZenkoFunctions.Core.Tests.Replication;

public sealed class MeteredPipeReaderTests
{
    private readonly ManualClock clock = new();

    [Fact]
    public async Task Bytes_come_no_faster_than_the_limit_lets_them()
    {
        // The clock of this test runs ahead of who reads.
        using var watch = new CopyWatch(TimeSpan.FromDays(1), clock, default);
        var reader = new MeteredPipeReader(PipeReader.Create(new(new byte[1_000_000])), new(100_000, clock), watch, clock);
        var began = clock.Now;
        var reading = Task.Run(() => Read(reader, watch.Token));
        while (!reading.IsCompleted)
        {
            clock.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }
        Assert.Equal(1_000_000, await reading);
        // A second's bytes are there at once.
        Assert.InRange((clock.Now - began).TotalSeconds, 8.3, 10_000);
    }

    [Fact]
    public async Task Without_a_limit_all_comes_as_it_is_read()
    {
        using var watch = new CopyWatch(TimeSpan.FromSeconds(5), clock, default);
        var reader = new MeteredPipeReader(PipeReader.Create(new(new byte[1_000_000])), null, watch, clock);
        Assert.Equal(1_000_000, await Read(reader, default));
    }

    [Fact]
    public async Task Who_wants_to_see_more_before_taking_any_does()
    {
        using var watch = new CopyWatch(TimeSpan.FromSeconds(5), clock, default);
        var reader = new MeteredPipeReader(PipeReader.Create(new(new byte[500_000])), new(1_000_000_000, clock), watch, clock);
        ReadResult read;
        while ((read = await reader.ReadAsync()).Buffer.Length < 500_000) reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        Assert.True(read.IsCompleted);
    }

    [Fact]
    public async Task A_copy_whose_bytes_do_not_move_is_ended()
    {
        using var watch = new CopyWatch(TimeSpan.FromSeconds(5), clock, default);
        var pipe = new Pipe();
        var reader = new MeteredPipeReader(pipe.Reader, null, watch, clock);
        await pipe.Writer.WriteAsync(new byte[10]);
        var first = await reader.ReadAsync(watch.Token);
        reader.AdvanceTo(first.Buffer.End);
        clock.Advance(TimeSpan.FromSeconds(4));
        var waiting = reader.ReadAsync(watch.Token).AsTask();
        clock.Advance(TimeSpan.FromSeconds(4));
        Assert.False(waiting.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.True(watch.IsLate);
    }

    private static async Task<long> Read(PipeReader reader, CancellationToken ct)
    {
        var length = 0L;
        while (true)
        {
            var read = await reader.ReadAsync(ct);
            length += read.Buffer.Length;
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) return length;
        }
    }
}
