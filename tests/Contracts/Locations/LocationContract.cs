using System.Buffers;
using System.IO.Pipelines;
using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Contracts.Locations;

/// <summary>What every kind of location must do. A subclass a kind.</summary>
public abstract class LocationContract : IAsyncLifetime
{
    private const int MiB = 1024 * 1024;

    private int names;

    /// <summary>An empty location, or one whose names were never used by this run.</summary>
    protected abstract ValueTask<ILocation> Create();

    /// <summary>How large a body is streamed to see that memory stays bounded; at least 64 MiB.</summary>
    protected virtual long LargeBody => 256L * MiB;

    /// <summary>The location under test.</summary>
    protected ILocation Location { get; private set; } = null!;

    public virtual async Task InitializeAsync() => Location = await Create();

    public virtual Task DisposeAsync() => Task.CompletedTask;

    public static TheoryData<int> Sizes =>
        [0, 1, 2, 4095, 4096, 4097, 65_535, 65_536, 131_072, 131_073, 262_144, 262_145, MiB, MiB + 1, 9 * MiB + 7];

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task A_body_of_known_length_comes_back_as_it_was(int size)
    {
        var bytes = Bytes(size);
        var stored = await Put(bytes, announced: size);
        Assert.Equal(size, stored.Length);
        Assert.Equal(bytes, await Read(stored));
        Assert.Equal(bytes, await Read(stored)); // and again
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task A_body_of_unknown_length_comes_back_as_it_was(int size)
    {
        var bytes = Bytes(size);
        var stored = await Put(bytes, announced: null);
        Assert.Equal(size, stored.Length);
        Assert.Equal(bytes, await Read(stored));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 1)]
    [InlineData(0, 700_000)]
    [InlineData(1, 699_999)]
    [InlineData(262_143, 2)]
    [InlineData(262_144, 262_144)]
    [InlineData(699_999, 1)]
    [InlineData(700_000, 0)]
    public async Task A_range_gives_those_bytes_and_no_others(int offset, int length)
    {
        var bytes = Bytes(700_000);
        var stored = await Put(bytes, announced: bytes.Length);
        Assert.Equal(bytes[offset..(offset + length)], await Read(stored, new ByteRange(offset, length)));
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 11)]
    [InlineData(10, 1)]
    [InlineData(5, -1)]
    public async Task A_range_outside_the_body_is_the_callers_error(int offset, int length)
    {
        var stored = await Put(Bytes(10), announced: 10);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            async () => await Location.Open(stored, new ByteRange(offset, length), CancellationToken.None));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("a/b/c")]
    [InlineData("a.b/..c/-_.")]
    public async Task Names_keep_apart_what_differs_in_any_character(string name)
    {
        var prefix = NewName();
        string[] all = [$"{prefix}/{name}", $"{prefix}/{name}x", $"{prefix}/{name}/x", $"{prefix}-{name}", $"{prefix}.{name}"];
        var stored = new List<Stored>();
        foreach (var each in all)
            stored.Add(await Location.Put(
                new PutPlan(each, null), PipeReader.Create(new ReadOnlySequence<byte>(Name(each))), CancellationToken.None));
        Assert.Equal(all, stored.Select(one => one.Name));
        foreach (var one in stored) Assert.Equal(Name(one.Name), await Read(one));

        static byte[] Name(string name) => System.Text.Encoding.ASCII.GetBytes(name);
    }

    [Fact]
    public async Task A_name_of_the_greatest_length_can_be_used()
    {
        var name = NewName();
        var bytes = Bytes(5);
        var stored = await Location.Put(
            new PutPlan(name + "/" + new string('x', 199 - name.Length), 5), Whole(bytes), CancellationToken.None);
        Assert.Equal(bytes, await Read(stored));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a//b")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("../a")]
    [InlineData("a/../../b")]
    [InlineData("a/./b")]
    [InlineData("A")]
    [InlineData("a\\b")]
    [InlineData("a~b")]
    [InlineData("a\0")]
    [InlineData("é")]
    public async Task A_name_that_breaks_the_rule_is_refused(string name)
    {
        await Assert.ThrowsAsync<ArgumentException>(
            async () => await Location.Put(new PutPlan(name, 1), Whole(Bytes(1)), CancellationToken.None));
        await Assert.ThrowsAsync<ArgumentException>(
            async () => await Location.Open(Missing(name), ByteRange.All(1), CancellationToken.None));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Location.Delete(Missing(name), CancellationToken.None));
    }

    [Fact]
    public async Task A_name_that_is_too_long_is_refused() => await Assert.ThrowsAsync<ArgumentException>(
        async () => await Location.Put(new PutPlan(new string('x', 201), 1), Whole(Bytes(1)), CancellationToken.None));

    [Fact]
    public async Task Bytes_that_are_not_there_open_as_null() =>
        Assert.Null(await Location.Open(Missing(NewName()), ByteRange.All(1), CancellationToken.None));

    [Fact]
    public async Task Deleted_bytes_are_gone_and_may_be_deleted_again()
    {
        var stored = await Put(Bytes(100), announced: 100);
        await Location.Delete(stored, CancellationToken.None);
        Assert.Null(await Location.Open(stored, ByteRange.All(100), CancellationToken.None));
        await Location.Delete(stored, CancellationToken.None);
        await Location.Delete(Missing(NewName()), CancellationToken.None);
    }

    [Theory]
    [InlineData(99)]
    [InlineData(0)]
    [InlineData(3 * MiB - 1)]
    public async Task A_body_that_ends_too_early_leaves_nothing(int size)
    {
        var name = NewName();
        var e = await Assert.ThrowsAsync<BodyLengthException>(async () => await Location.Put(
            new PutPlan(name, size + 1), Whole(Bytes(size)), CancellationToken.None));
        Assert.Equal((size + 1, size), (e.Expected, e.Seen));
        await AssertNothingAt(name);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(3 * MiB)]
    public async Task A_body_that_is_too_long_leaves_nothing(int size)
    {
        var name = NewName();
        await Assert.ThrowsAsync<BodyLengthException>(async () => await Location.Put(
            new PutPlan(name, size - 1), Whole(Bytes(size)), CancellationToken.None));
        await AssertNothingAt(name);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(3 * MiB)]
    public async Task A_body_whose_reading_fails_leaves_nothing(int size)
    {
        var name = NewName();
        var pipe = new Pipe();
        var put = Location.Put(new PutPlan(name, size + 1), pipe.Reader, CancellationToken.None).AsTask();
        await pipe.Writer.WriteAsync(Bytes(size));
        await pipe.Writer.CompleteAsync(new FormatException("cut off"));
        await Assert.ThrowsAsync<FormatException>(() => put);
        await AssertNothingAt(name);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(3 * MiB)]
    public async Task A_cancelled_put_leaves_nothing(int size)
    {
        var name = NewName();
        var pipe = new Pipe();
        using var cancellation = new CancellationTokenSource();
        var put = Location.Put(new PutPlan(name, size + 1), pipe.Reader, cancellation.Token).AsTask();
        await pipe.Writer.WriteAsync(Bytes(size));
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => put);
        await AssertNothingAt(name);
    }

    [Fact]
    public async Task A_read_that_is_cancelled_ends_the_put()
    {
        var name = NewName();
        var pipe = new Pipe();
        var put = Location.Put(new PutPlan(name, null), pipe.Reader, CancellationToken.None).AsTask();
        await pipe.Writer.WriteAsync(Bytes(10));
        pipe.Reader.CancelPendingRead();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => put);
        await AssertNothingAt(name);
    }

    [Fact]
    public async Task A_cancelled_read_stops()
    {
        var stored = await Put(Bytes(4 * MiB), announced: 4 * MiB);
        await using var body = await Location.Open(stored, ByteRange.All(stored.Length), CancellationToken.None);
        var pipe = new Pipe(); // pauses its writer after 64 KiB
        using var cancellation = new CancellationTokenSource();
        var copy = body!.CopyTo(pipe.Writer, cancellation.Token).AsTask();
        await pipe.Reader.ReadAsync(CancellationToken.None);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => copy);
    }

    [Fact]
    public async Task A_reader_that_goes_away_stops_the_copy()
    {
        var stored = await Put(Bytes(4 * MiB), announced: 4 * MiB);
        await using var body = await Location.Open(stored, ByteRange.All(stored.Length), CancellationToken.None);
        var pipe = new Pipe();
        var copy = body!.CopyTo(pipe.Writer, CancellationToken.None).AsTask();
        await pipe.Reader.ReadAsync(CancellationToken.None);
        await pipe.Reader.CompleteAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => copy);
    }

    [Fact]
    public async Task Many_bodies_at_once_do_not_mix()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 64), new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (i, _) =>
        {
            var bytes = Bytes(i * 20_011, seed: i);
            var stored = await Put(bytes, announced: i % 2 == 0 ? bytes.Length : null);
            Assert.Equal(bytes, await Read(stored));
            if (i % 3 != 0) return;
            await Location.Delete(stored, CancellationToken.None);
            Assert.Null(await Location.Open(stored, ByteRange.All(stored.Length), CancellationToken.None));
        });
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task A_large_body_passes_both_ways_in_bounded_memory()
    {
        // What tests beside this one allocate is counted, too, so the least of some tries is looked at.
        var least = long.MaxValue;
        for (var i = 0; i < 5 && least >= LargeBody / 4; i++) least = Math.Min(least, await AllocatedByALargeBody());
        Assert.True(least < LargeBody / 4, $"{least} bytes were allocated for a body of {LargeBody}.");
    }

    private async Task<long> AllocatedByALargeBody()
    {
        var source = new EndlessBytes(LargeBody);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var stored = await Location.Put(new PutPlan(NewName(), LargeBody), PipeReader.Create(source,
            new StreamPipeReaderOptions(bufferSize: 65_536, minimumReadSize: 32_768)), CancellationToken.None);
        await using var body = await Location.Open(stored, ByteRange.All(LargeBody), CancellationToken.None);
        var check = new EndlessBytes(LargeBody);
        await body!.CopyTo(PipeWriter.Create(check, new StreamPipeWriterOptions(leaveOpen: true)), CancellationToken.None);
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;

        Assert.Equal(LargeBody, check.Position);
        await Location.Delete(stored, CancellationToken.None);
        return allocated;
    }

    /// <summary>A name that was not used before.</summary>
    protected string NewName() => $"t{Environment.ProcessId:x}-{GetHashCode():x}/{Interlocked.Increment(ref names)}-{DateTime.UtcNow.Ticks:x}";

    /// <summary>Bytes that look like none at another place.</summary>
    protected static byte[] Bytes(int size, int seed = 1)
    {
        var bytes = new byte[size];
        new Random(seed * 31 + size).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Stores the bytes in uneven pieces.</summary>
    [Fact]
    public async Task What_it_has_is_told_with_its_date_from_anywhere_on()
    {
        var place = Assert.IsAssignableFrom<IInventory>(Location);
        HashSet<Stored> put = [];
        foreach (var size in new[] { 1, 1000, 300_000 }) put.Add(await Put(Bytes(size), announced: size));
        var all = await place.Inventory(null, CancellationToken.None).Where(entry => put.Contains(entry.At)).ToListAsync();
        Assert.Equal(put, all.Select(entry => entry.At).ToHashSet());
        Assert.Equal(3, all.Count);
        Assert.All(all, entry => Assert.InRange(entry.Modified, DateTimeOffset.UtcNow.AddMinutes(-10), DateTimeOffset.UtcNow.AddMinutes(10)));
        for (var i = 0; i < all.Count; i++)
        {
            var rest = await place.Inventory(all[i].Position, CancellationToken.None).Select(entry => entry.At).ToHashSetAsync();
            Assert.Empty(all.Skip(i + 1).Select(entry => entry.At).Except(rest));
        }
        await Location.Delete(all[1].At, CancellationToken.None);
        Assert.DoesNotContain(all[1].At, await place.Inventory(null, CancellationToken.None).Select(entry => entry.At).ToListAsync());
        // Nothing of anybody's is that old.
        Assert.Equal(0, await place.EndUploads(DateTimeOffset.UtcNow.AddYears(-1), CancellationToken.None));
    }

    protected async Task<Stored> Put(byte[] bytes, long? announced)
    {
        var pipe = new Pipe();
        var feed = Feed();
        var stored = await Location.Put(new PutPlan(NewName(), announced), pipe.Reader, CancellationToken.None);
        await feed;
        return stored;

        async Task Feed()
        {
            for (int at = 0, size = 1; at < bytes.Length; at += size, size = size * 3 % 50_021 + 1)
            {
                size = Math.Min(size, bytes.Length - at);
                await pipe.Writer.WriteAsync(bytes.AsMemory(at, size));
            }
            await pipe.Writer.CompleteAsync();
        }
    }

    /// <summary>All of the bytes that were stored.</summary>
    protected Task<byte[]> Read(Stored stored) => Read(stored, ByteRange.All(stored.Length));

    /// <summary>The bytes of a range.</summary>
    protected async Task<byte[]> Read(Stored stored, ByteRange range)
    {
        await using var body = await Location.Open(stored, range, CancellationToken.None);
        Assert.NotNull(body);
        Assert.Equal(range.Length, body.Length);
        using var all = new MemoryStream();
        await body.CopyTo(PipeWriter.Create(all), CancellationToken.None);
        return all.ToArray();
    }

    /// <summary>A reader of bytes in memory.</summary>
    protected static PipeReader Whole(byte[] bytes) => PipeReader.Create(new ReadOnlySequence<byte>(bytes));

    /// <summary>What a row would hold whose bytes are gone.</summary>
    protected static Stored Missing(string name, long length = 1) => new("test", name, length);

    /// <summary>That nothing can be read under the name.</summary>
    protected async Task AssertNothingAt(string name) =>
        Assert.Null(await Location.Open(Missing(name), ByteRange.All(1), CancellationToken.None));

    /// <summary>A stream of so many bytes that follow from their place; written to, it checks them.</summary>
    private sealed class EndlessBytes(long length) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => length;
        public override long Position { get; set; }

        public override int Read(Span<byte> buffer)
        {
            var count = (int)Math.Min(buffer.Length, length - Position);
            for (var i = 0; i < count; i++) buffer[i] = At(Position + i);
            Position += count;
            return count;
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            for (var i = 0; i < buffer.Length; i++)
                if (buffer[i] != At(Position + i)) throw new InvalidDataException($"Byte {Position + i} is wrong.");
            Position += buffer.Length;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            new(Read(buffer.Span));

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));
        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();

        private static byte At(long place) => (byte)(place ^ (place >> 8) ^ (place >> 16) ^ (place >> 24));
    }
}
