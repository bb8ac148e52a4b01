using System.IO.Pipelines;
using System.Security.Cryptography;
using ZenkoFunctions.Core.Bytes;

namespace ZenkoFunctions.Api.S3.Signatures;

/// <summary>
/// A body whose SHA-256 was signed. Bytes pass as they come while another thread hashes them; the read that would show the last
/// of them waits for the hash and fails where it is another, so that nobody takes the body for complete before.
/// </summary>
/// <param name="body">The body as it came.</param>
/// <param name="expected">The SHA-256 that was signed.</param>
/// <param name="length">The body's length, where it was announced.</param>
internal sealed class HashedBody(PipeReader body, byte[] expected, long? length) : PipeReader
{
    // Made when it is needed: most requests have no body, or one that nobody reads.
    private Digest? sha;
    private DigestingPipeReader? hashing;
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
        var result = await Hashing().ReadAsync(cancellationToken);
        if (IsLast(result))
        {
            await hashing!.Completed();
            Verify(result);
        }
        return result;
    }

    public override bool TryRead(out ReadResult result)
    {
        if (!Hashing().TryRead(out result)) return false;
        if (IsLast(result))
        {
            hashing!.Completed().AsTask().GetAwaiter().GetResult();
            Verify(result);
        }
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => hashing!.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => hashing!.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => body.CancelPendingRead();

    public override void Complete(Exception? exception = null)
    {
        if (hashing is null) body.Complete(exception);
        else hashing.Complete(exception);
        sha?.Dispose();
    }

    private DigestingPipeReader Hashing()
    {
        if (failure is not null) throw failure;
        return hashing ??= new DigestingPipeReader(body, [sha = Checksums.Start(ChecksumAlgorithm.Sha256)]);
    }

    private bool IsLast(in ReadResult result) => !verified && (result.IsCompleted || hashing!.BytesRead == length);

    private void Verify(in ReadResult result)
    {
        verified = true;
        var computed = sha!.Finish();
        sha.Dispose();
        if (length is { } whole && hashing!.BytesRead != whole) failure = new(S3Errors.IncompleteBody);
        else if (!CryptographicOperations.FixedTimeEquals(computed, expected)) failure = Mismatch(expected, computed);
        if (failure is null) return;
        hashing!.AdvanceTo(result.Buffer.End);
        throw failure;
    }
}
