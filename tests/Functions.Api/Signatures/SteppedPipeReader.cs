using System.Buffers;
using System.IO.Pipelines;

namespace ZenkoFunctions.Api.Tests.Signatures;

/// <summary>
/// Shows a body one given segment at a time, a further one only when all that was shown has been examined; and fails where it
/// is not read as a PipeReader must be.
/// </summary>
public sealed class SteppedPipeReader : PipeReader
{
    private readonly List<byte[]> segments = [];
    private int visible;
    private long consumed, examined, total;
    private ReadOnlySequence<byte> shown;
    private bool reading;

    /// <param name="body">The whole body.</param>
    /// <param name="sizes">Sizes of the segments, over and over; none for one segment.</param>
    public SteppedPipeReader(byte[] body, params int[] sizes)
    {
        for (int at = 0, i = 0; at < body.Length; i++)
        {
            var size = sizes.Length == 0 ? body.Length : Math.Min(Math.Max(1, sizes[i % sizes.Length]), body.Length - at);
            segments.Add(body[at..(at + size)]);
            at += size;
        }
    }

    /// <summary>Whether it was completed.</summary>
    public bool IsCompleted { get; private set; }

    public override bool TryRead(out ReadResult result)
    {
        Assert.False(reading, "A read before the last one was advanced.");
        Assert.False(IsCompleted, "A read after completion.");
        if (examined == total && visible < segments.Count) total += segments[visible++].Length;
        reading = true;
        shown = Sequence().Slice(consumed);
        result = new(shown, false, visible == segments.Count);
        return true;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TryRead(out var result);
        return new(result);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        Assert.True(reading, "An advance without a read.");
        reading = false;
        var seen = this.consumed + shown.Slice(0, examined).Length;
        this.consumed += shown.Slice(0, consumed).Length;
        Assert.True(seen >= this.examined, "Examined less than before.");
        Assert.True(seen >= this.consumed, "Consumed more than examined.");
        this.examined = seen;
    }

    public override void CancelPendingRead() => throw new NotSupportedException();

    public override void Complete(Exception? exception = null) => IsCompleted = true;

    private ReadOnlySequence<byte> Sequence()
    {
        if (visible == 0) return default;
        var first = new Segment(segments[0], null);
        var last = first;
        foreach (var bytes in segments.Take(visible).Skip(1)) last = new(bytes, last);
        return new(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte[] bytes, Segment? before)
        {
            Memory = bytes;
            if (before is null) return;
            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }
}
