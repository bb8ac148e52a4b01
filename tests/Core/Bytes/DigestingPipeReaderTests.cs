using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using ZenkoFunctions.Core.Bytes;

namespace ZenkoFunctions.Core.Tests.Bytes;

public sealed class DigestingPipeReaderTests
{
    [Fact]
    public void Every_byte_is_digested_once_however_it_is_sent_consumed_and_examined() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(150),
        Prop.ForAll(
            Gen.Choose(0, 80_000).ListOf().Where(sizes => sizes.Count < 12).ToArbitrary(),
            Gen.Choose(0, int.MaxValue - 1).ToArbitrary(),
            (sizes, seed) => PassThrough([.. sizes], seed).GetAwaiter().GetResult()));

    [Fact]
    public async Task Digests_go_on_while_the_consumer_works()
    {
        var digest = new GatedDigest();
        var reader = new DigestingPipeReader(PipeReader.Create(new ReadOnlySequence<byte>(new byte[100_000])), [digest]);
        var result = await reader.ReadAsync();
        Assert.Equal(100_000, result.Buffer.Length); // although the digest has not begun
        reader.AdvanceTo(result.Buffer.End);

        var next = reader.ReadAsync().AsTask();
        var completed = reader.TryRead(out _);
        Assert.False(completed);
        Assert.False(next.IsCompleted);
        digest.Open();
        Assert.True((await next).IsCompleted);
        Assert.Equal(100_000, digest.Seen);
    }

    [Fact]
    public async Task The_tail_is_waited_for()
    {
        var digest = new GatedDigest();
        var reader = new DigestingPipeReader(PipeReader.Create(new ReadOnlySequence<byte>(new byte[50_000])), [digest]);
        var result = await reader.ReadAsync();
        reader.AdvanceTo(result.Buffer.End);
        var completed = reader.Completed().AsTask();
        Assert.False(completed.IsCompleted);
        digest.Open();
        await completed;
        Assert.Equal((50_000, 50_000), (digest.Seen, reader.BytesRead));
        await reader.Completed(); // and again
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_inner_reader_is_not_completed_under_a_running_digest(bool asynchronously)
    {
        var digest = new GatedDigest();
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        await pipe.Writer.WriteAsync(new byte[50_000]);
        var inner = new ErasingReader(pipe.Reader);
        var reader = new DigestingPipeReader(inner, [digest]);
        var result = await reader.ReadAsync();
        reader.AdvanceTo(result.Buffer.GetPosition(10));

        var complete = asynchronously
            ? reader.CompleteAsync().AsTask()
            : Task.Factory.StartNew(() => reader.Complete(), TaskCreationOptions.LongRunning);
        Assert.False(inner.IsCompleted);
        digest.Open();
        await complete;
        Assert.True(inner.IsCompleted);
        Assert.Equal(50_000, digest.Seen);
    }

    [Fact]
    public async Task What_a_digest_throws_is_thrown_to_the_reader_every_time()
    {
        var reader = new DigestingPipeReader(
            PipeReader.Create(new ReadOnlySequence<byte>(new byte[50_000])), [new FailingDigest(), Checksums.Start(ChecksumAlgorithm.Md5)]);
        var result = await reader.ReadAsync();
        reader.AdvanceTo(result.Buffer.End);
        await Assert.ThrowsAsync<NotFiniteNumberException>(async () => await reader.ReadAsync());
        await Assert.ThrowsAsync<NotFiniteNumberException>(async () => await reader.Completed());
        await reader.CompleteAsync();
    }

    [Fact]
    public async Task What_the_inner_reader_throws_passes_through()
    {
        var pipe = new Pipe();
        var reader = new DigestingPipeReader(pipe.Reader, [Checksums.Start(ChecksumAlgorithm.Md5)]);
        await pipe.Writer.WriteAsync(new byte[20_000]);
        var result = await reader.ReadAsync();
        reader.AdvanceTo(result.Buffer.End);
        await pipe.Writer.CompleteAsync(new FormatException("cut off"));
        await Assert.ThrowsAsync<FormatException>(async () => await reader.ReadAsync());
        await reader.Completed();
        Assert.Equal(20_000, reader.BytesRead);
    }

    [Fact]
    public async Task A_cancelled_token_ends_the_read_and_the_next_one_goes_on()
    {
        var pipe = new Pipe();
        using var digest = Checksums.Start(ChecksumAlgorithm.Md5);
        var reader = new DigestingPipeReader(pipe.Reader, [digest]);
        using var cancellation = new CancellationTokenSource();
        var read = reader.ReadAsync(cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);

        await pipe.Writer.WriteAsync(new byte[] { 1, 2 });
        await pipe.Writer.CompleteAsync();
        var result = await reader.ReadAsync();
        reader.AdvanceTo(result.Buffer.End);
        await reader.Completed();
        Assert.Equal(CryptographicOperations.HashData(HashAlgorithmName.MD5, (byte[])[1, 2]), digest.Finish());
    }

    [Fact]
    public async Task A_pending_read_can_be_cancelled_and_its_bytes_count_once()
    {
        var pipe = new Pipe();
        using var digest = Checksums.Start(ChecksumAlgorithm.Md5);
        var reader = new DigestingPipeReader(pipe.Reader, [digest]);
        await pipe.Writer.WriteAsync(new byte[] { 1, 2, 3 });
        var result = await reader.ReadAsync();
        reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        var read = reader.ReadAsync().AsTask();
        reader.CancelPendingRead();
        result = await read;
        Assert.True(result.IsCanceled);
        Assert.Equal(3, result.Buffer.Length);
        reader.AdvanceTo(result.Buffer.Start);

        await pipe.Writer.WriteAsync(new byte[] { 4 });
        await pipe.Writer.CompleteAsync();
        result = await reader.ReadAtLeastAsync(4);
        Assert.Equal([1, 2, 3, 4], result.Buffer.ToArray());
        reader.AdvanceTo(result.Buffer.End);
        await reader.Completed();
        Assert.Equal(CryptographicOperations.HashData(HashAlgorithmName.MD5, (byte[])[1, 2, 3, 4]), digest.Finish());
        Assert.Equal(4, reader.BytesRead);
    }

    [Fact]
    public async Task Without_digests_it_only_counts()
    {
        var reader = new DigestingPipeReader(PipeReader.Create(new ReadOnlySequence<byte>(new byte[30_000])), []);
        var copy = new MemoryStream();
        await reader.CopyToAsync(copy);
        await reader.Completed();
        Assert.Equal((30_000, 30_000), (copy.Length, reader.BytesRead));
    }

    private static async Task PassThrough(int[] sizes, int seed)
    {
        var random = new Random(seed);
        var bytes = new byte[sizes.Sum()];
        random.NextBytes(bytes);
        Digest[] digests =
        [
            Checksums.Start(ChecksumAlgorithm.Md5), Checksums.Start(ChecksumAlgorithm.Crc64Nvme),
            Checksums.Start(ChecksumAlgorithm.Sha256), Checksums.Start(ChecksumAlgorithm.XxHash3),
        ];
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0, minimumSegmentSize: random.Next(16, 20_000)));
        var reader = new DigestingPipeReader(new ErasingReader(pipe.Reader), digests);
        var send = Send();
        var received = new MemoryStream();
        while (true)
        {
            if (random.Next(3) > 0 || !reader.TryRead(out var result)) result = await reader.ReadAsync();
            var buffer = result.Buffer;
            if (result.IsCompleted && random.Next(2) == 0)
            {
                Consume(buffer.End, buffer.End);
                break;
            }
            var consumed = random.NextInt64(buffer.Length + 1);
            var examined = result.IsCompleted ? consumed : random.NextInt64(consumed, buffer.Length + 1);
            Consume(buffer.GetPosition(consumed), buffer.GetPosition(examined));

            void Consume(SequencePosition to, SequencePosition seen)
            {
                foreach (var segment in buffer.Slice(buffer.Start, to)) received.Write(segment.Span);
                reader.AdvanceTo(to, seen);
            }
        }
        await send;
        await reader.Completed();
        Assert.Equal(bytes, received.ToArray());
        Assert.Equal(bytes.Length, reader.BytesRead);
        Assert.Equal(CryptographicOperations.HashData(HashAlgorithmName.MD5, bytes), digests[0].Finish());
        Assert.Equal(Crc.Crc64Nvme.Of(bytes), System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(digests[1].Finish()));
        Assert.Equal(SHA256.HashData(bytes), digests[2].Finish());
        Assert.Equal(System.IO.Hashing.XxHash3.Hash(bytes), digests[3].Finish());
        await reader.CompleteAsync();
        foreach (var digest in digests) digest.Dispose();

        async Task Send()
        {
            await Task.Yield();
            var at = 0;
            foreach (var size in sizes)
            {
                await pipe.Writer.WriteAsync(bytes.AsMemory(at, size));
                at += size;
                if (size % 3 == 0) await Task.Yield();
            }
            await pipe.Writer.CompleteAsync();
        }
    }

    /// <summary>Overwrites what was consumed, as the owner of the memory may: a digest that comes later is wrong.</summary>
    private sealed class ErasingReader(PipeReader inner) : PipeReader
    {
        private ReadOnlySequence<byte> current;

        public bool IsCompleted { get; private set; }

        public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
            foreach (var segment in current.Slice(current.Start, consumed))
                MemoryMarshal.AsMemory(segment).Span.Fill(0xEE);
            inner.AdvanceTo(consumed, examined);
        }

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null)
        {
            IsCompleted = true;
            inner.Complete(exception);
        }

        public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            var result = await inner.ReadAsync(cancellationToken);
            current = result.Buffer;
            return result;
        }

        public override bool TryRead(out ReadResult result)
        {
            if (!inner.TryRead(out result)) return false;
            current = result.Buffer;
            return true;
        }
    }

    /// <summary>Takes in bytes only once it is opened.</summary>
    private sealed class GatedDigest : Digest
    {
        private readonly ManualResetEventSlim gate = new();

        public long Seen { get; private set; }

        public void Open() => gate.Set();

        public override void Append(ReadOnlySpan<byte> bytes)
        {
            gate.Wait();
            Seen += bytes.Length;
        }

        public override byte[] Finish() => [];
    }

    private sealed class FailingDigest : Digest
    {
        public override void Append(ReadOnlySpan<byte> bytes) => throw new NotFiniteNumberException();

        public override byte[] Finish() => [];
    }
}
