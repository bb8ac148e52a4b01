using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;

namespace ZenkoFunctions.Api.S3.Signatures;

/// <summary>
/// A body whose SHA-256 was signed. Bytes pass as they come; the read that would show the last of them fails where the hash
/// is another, so that nobody takes the body for complete before.
/// </summary>
internal sealed class HashedBody(PipeReader inner, byte[] expected, long? length) : PipeReader
{
    // Made when it is needed: most requests have no body.
    private IncrementalHash? sha;
    private ReadOnlySequence<byte> buffer;
    private long hashed, consumed;
    private bool verified;
    private S3Exception? failure;

    public static S3Exception Mismatch(byte[] announced, byte[] computed) => new(S3Errors.XAmzContentSHA256Mismatch)
    {
        Fields =
        [
            new("ClientComputedContentSHA256", Convert.ToHexStringLower(announced)),
            new("S3ComputedContentSHA256", Convert.ToHexStringLower(computed)),
        ],
    };

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (failure is not null) throw failure;
        return Take(await inner.ReadAsync(cancellationToken));
    }

    public override bool TryRead(out ReadResult result)
    {
        if (failure is not null) throw failure;
        if (!inner.TryRead(out result)) return false;
        result = Take(result);
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        this.consumed += buffer.Slice(0, consumed).Length;
        buffer = default;
        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null)
    {
        sha?.Dispose();
        inner.Complete(exception);
    }

    private ReadResult Take(ReadResult result)
    {
        buffer = result.Buffer;
        if (verified) return result;
        sha ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var memory in buffer.Slice(hashed - consumed)) sha.AppendData(memory.Span);
        hashed = consumed + buffer.Length;
        if (!result.IsCompleted && hashed != length) return result;
        verified = true;
        if (length is { } whole && hashed != whole) failure = new(S3Errors.IncompleteBody);
        else if (sha.GetCurrentHash() is var computed && !CryptographicOperations.FixedTimeEquals(computed, expected)) failure = Mismatch(expected, computed);
        if (failure is null) return result;
        inner.AdvanceTo(buffer.Start, buffer.End);
        buffer = default;
        throw failure;
    }
}
