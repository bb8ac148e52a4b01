using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Core.Tests.Encryption;

/// <summary>The contract of the encrypted form: whatever was written is read again, by any range; whatever was tampered with is not.</summary>
public sealed class FramesTests
{
    private static readonly byte[] DataKey = RandomNumberGenerator.GetBytes(32);

    /// <summary>Sizes around the borders of frames, where mistakes live, and any others.</summary>
    private static readonly Arbitrary<int> Sizes = Gen.OneOf(
        Gen.Choose(1, 200),
        Gen.Choose(-2, 2).SelectMany(off => Gen.Choose(1, 5).Select(frames => frames * Frames.Plain + off)),
        Gen.Choose(1, 400_000)).ToArbitrary();

    [Fact]
    public void Any_body_is_read_again_by_any_range() => Prop.ForAll(Sizes, ArbMap.Default.ArbFor<uint>(), ArbMap.Default.ArbFor<uint>(), (size, a, b) =>
    {
        var plain = Random(size);
        var stored = Encrypt(plain, size, a);
        Assert.Equal(Frames.SealedLength(size), stored.Length);
        Assert.Equal(size, Frames.PlainLength(stored.Length));
        var offset = (int)(a % size);
        var length = (int)(b % (size - offset)) + 1;
        Assert.Equal(plain[offset..(offset + length)], Read(stored, size, new(offset, length)).Plain);
        Assert.Equal(plain, Read(stored, size, new(0, size)).Plain);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void One_bit_anywhere_makes_its_frame_unreadable_and_no_other() => Prop.ForAll(Sizes, ArbMap.Default.ArbFor<uint>(), (size, at) =>
    {
        var plain = Random(size);
        var stored = Encrypt(plain, null, at);
        var where = (int)(at % stored.Length);
        stored[where] ^= (byte)(1 << (int)(at % 8));
        var (read, failure) = Read(stored, size, new(0, size));
        Assert.IsType<IOException>(failure);
        var frame = where / Frames.Sealed;
        Assert.True(read.Length <= frame * Frames.Plain, "Something of the damaged frame was written.");
        Assert.Equal(plain[..read.Length], read);
        if (frame > 0) Assert.Equal(plain[..Frames.Plain], Read(stored, size, new(0, Frames.Plain)).Plain);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_is_left_of_a_body_is_not_passed_off_as_a_shorter_one() => Prop.ForAll(Sizes, ArbMap.Default.ArbFor<uint>(), (size, cut) =>
    {
        var stored = Encrypt(Random(size), size, cut);
        var left = (int)(cut % stored.Length);
        // Whoever can shorten the bytes can shorten what the row says of them, too.
        var size2 = Frames.PlainLength(left);
        if (size2 <= 0) return;
        Assert.IsType<IOException>(Read(stored[..left], size2, new(0, size2)).Failure);
        Assert.IsType<IOException>(Read(stored[..left], size, new(0, size)).Failure);
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 3)]
    public void Frames_that_changed_places_are_not_read(int one, int other)
    {
        const int Size = 4 * Frames.Plain;
        var stored = Encrypt(Random(Size), Size, 1);
        var swapped = stored.ToArray();
        stored.AsSpan(one * Frames.Sealed, Frames.Sealed).CopyTo(swapped.AsSpan(other * Frames.Sealed));
        stored.AsSpan(other * Frames.Sealed, Frames.Sealed).CopyTo(swapped.AsSpan(one * Frames.Sealed));
        var (read, failure) = Read(swapped, Size, new(0, Size));
        Assert.IsType<IOException>(failure);
        Assert.True(read.Length <= one * Frames.Plain);
    }

    [Fact]
    public void A_frame_of_another_body_is_not_read()
    {
        var stored = Encrypt(Random(100), 100, 1);
        using var other = new AesGcm(RandomNumberGenerator.GetBytes(32), Frames.Tag);
        Assert.IsType<IOException>(Read(Frames.SealAll(other, Random(100)), 100, new(0, 100)).Failure);
        Assert.Null(Read(stored, 100, new(0, 100)).Failure);
    }

    [Fact]
    public void The_same_body_never_looks_the_same_twice_under_another_key()
    {
        var plain = Random(1000);
        using var one = new AesGcm(RandomNumberGenerator.GetBytes(32), Frames.Tag);
        using var other = new AesGcm(RandomNumberGenerator.GetBytes(32), Frames.Tag);
        Assert.NotEqual(Frames.SealAll(one, plain), Frames.SealAll(other, plain));
    }

    [Fact]
    public void A_small_body_is_encrypted_as_a_large_one_is() => Prop.ForAll(Sizes, size =>
    {
        var plain = Random(size);
        using var aes = new AesGcm(DataKey, Frames.Tag);
        Assert.Equal(Encrypt(plain, size, 7), Frames.SealAll(aes, plain));
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(10, 11)]
    [InlineData(11, 10)]
    [InlineData(3 * Frames.Plain, Frames.Plain)]
    public void A_body_of_another_length_than_announced_is_refused(int size, int announced) =>
        Assert.Throws<BodyLengthException>(() => Encrypt(Random(size), announced, 1));

    [Fact]
    public async Task What_reading_the_body_throws_is_thrown()
    {
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync(new byte[100]);
        await pipe.Writer.CompleteAsync(new FormatException("The signature is wrong."));
        using var aes = new AesGcm(DataKey, Frames.Tag);
        await Assert.ThrowsAsync<FormatException>(async () => await EncryptingPipe.Through(pipe.Reader, 200, aes, ReadAll, default));
    }

    [Fact]
    public async Task Who_gives_up_reading_leaves_the_body_s_reader_usable()
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        await pipe.Writer.WriteAsync(new byte[Frames.Plain / 2]);
        using var aes = new AesGcm(DataKey, Frames.Tag);
        await Assert.ThrowsAsync<InvalidTimeZoneException>(async () => await EncryptingPipe.Through<int>(
            pipe.Reader, null, aes, _ => throw new InvalidTimeZoneException(), default));
        await pipe.Writer.WriteAsync(new byte[7]);
        Assert.Equal(Frames.Plain / 2 + 7, (await pipe.Reader.ReadAtLeastAsync(Frames.Plain / 2 + 1)).Buffer.Length);
    }

    [Fact]
    public async Task A_reader_that_goes_away_ends_the_reading_of_the_frames()
    {
        var stored = Encrypt(Random(40 * Frames.Plain), null, 1);
        var pipe = new Pipe();
        await pipe.Reader.CompleteAsync();
        await using var body = Body(stored, 40 * Frames.Plain, new(0, 40 * Frames.Plain));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await body.CopyTo(pipe.Writer, default));
    }

    private static byte[] Random(int size)
    {
        var bytes = new byte[size];
        System.Random.Shared.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Encrypts a body that comes in uneven pieces.</summary>
    private static byte[] Encrypt(byte[] plain, long? announced, uint seed)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0, minimumSegmentSize: 1 + (int)(seed % 5000)));
        var pieces = new Random((int)(seed & int.MaxValue));
        for (var at = 0; at < plain.Length;)
        {
            var piece = Math.Min(pieces.Next(1, 100_000), plain.Length - at);
            pipe.Writer.Write(plain.AsSpan(at, piece));
            at += piece;
        }
        pipe.Writer.Complete();
        using var aes = new AesGcm(DataKey, Frames.Tag);
        return EncryptingPipe.Through(pipe.Reader, announced, aes, ReadAll, default).AsTask().GetAwaiter().GetResult();
    }

    private static async ValueTask<byte[]> ReadAll(PipeReader reader)
    {
        using var bytes = new MemoryStream();
        await reader.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    private static DecryptingBody Body(byte[] stored, long size, ByteRange range)
    {
        var covering = DecryptingBody.Covering(range, size);
        var from = (int)Math.Min(covering.Offset, stored.Length);
        var frames = new MemoryBody(stored.AsMemory(from, (int)Math.Min(covering.Length, stored.Length - from)));
        return new(frames, new AesGcm(DataKey, Frames.Tag), range, size);
    }

    /// <summary>What was written before it failed, if it did.</summary>
    private static (byte[] Plain, Exception? Failure) Read(byte[] stored, long size, ByteRange range)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var body = Body(stored, size, range);
        Assert.Equal(range.Length, body.Length);
        Exception? failure = null;
        try
        {
            body.CopyTo(pipe.Writer, default).AsTask().GetAwaiter().GetResult();
        }
        catch (IOException e)
        {
            failure = e;
        }
        body.DisposeAsync().AsTask().GetAwaiter().GetResult();
        pipe.Writer.Complete();
        return (ReadAll(pipe.Reader).AsTask().GetAwaiter().GetResult(), failure);
    }
}
