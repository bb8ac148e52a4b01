using Azure.Core;
using Azure.Core.Pipeline;

namespace ZenkoFunctions.Core.Tests;

/// <summary>Carries an SDK's requests for real, except where a test says otherwise.</summary>
internal sealed class FaultyTransport : HttpPipelineTransport
{
    private readonly HttpClientTransport inner = new();
    private int answered;

    /// <summary>Whether the request never arrives.</summary>
    public Func<Request, bool> IsLost { get; set; } = _ => false;

    /// <summary>Whether the request is carried out but its answer never arrives.</summary>
    public Func<Request, bool> IsAnswerLost { get; set; } = _ => false;

    /// <summary>After how many bytes the answer's body breaks off; null where it arrives whole.</summary>
    public Func<Request, int?> BreaksOff { get; set; } = _ => null;

    /// <summary>The method, path and query of what was tried.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<string> Seen { get; } = [];

    /// <summary>How many of them were answered.</summary>
    public int Answered => Volatile.Read(ref answered);

    public override Request CreateRequest() => inner.CreateRequest();

    public override void Process(HttpMessage message) => throw new NotSupportedException();

    public override async ValueTask ProcessAsync(HttpMessage message)
    {
        Seen.Enqueue($"{message.Request.Method} {message.Request.Uri.ToUri().PathAndQuery}");
        if (IsLost(message.Request)) throw new IOException("The request was lost.");
        await inner.ProcessAsync(message);
        Interlocked.Increment(ref answered);
        if (IsAnswerLost(message.Request)) throw new IOException("The answer was lost.");
        if (BreaksOff(message.Request) is { } after) message.Response.ContentStream = new BreakingStream(message.Response.ContentStream!, after);
    }

    private sealed class BreakingStream(Stream inner, int left) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (left == 0) throw new IOException("The connection broke.");
            var read = await inner.ReadAsync(buffer[..Math.Min(left, buffer.Length)], cancellationToken);
            left -= read;
            return read;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
