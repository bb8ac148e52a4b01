using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;

namespace ZenkoFunctions.Core.Locations;

/// <summary>
/// A body that is held whole before it is sent, so that its MD5 can go before it and it can be sent again: in memory where it is
/// small, else in a file that nobody else sees.
/// </summary>
internal sealed class HeldBody : IAsyncDisposable
{
    private const int MostInMemory = 32 << 20;

    private readonly byte[] memory;

    private HeldBody(Stream content, byte[] memory, byte[] md5) => (Content, this.memory, Md5) = (content, memory, md5);

    /// <summary>The bytes; can be read again.</summary>
    public Stream Content { get; }

    /// <summary>Their MD5.</summary>
    public byte[] Md5 { get; }

    /// <summary>Reads the body to its end.</summary>
    /// <param name="body">The body.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="known">Its MD5 where it is known: then it is not taken again, and whoever gets the body compares.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="BodyLengthException">It has another length.</exception>
    public static async ValueTask<HeldBody> Take(PipeReader body, long length, byte[]? known, CancellationToken ct)
    {
        var memory = length <= MostInMemory ? ArrayPool<byte>.Shared.Rent((int)length) : [];
        var content = length <= MostInMemory
            ? (Stream)new MemoryStream(memory, 0, (int)length)
            : new FileStream(
                Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 64 << 10,
                FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        var held = false;
        try
        {
#pragma warning disable CA5351 // the MD5 that services check
            using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
            for (var seen = 0L; ;)
            {
                var result = await body.ReadAsync(ct);
                if (result.IsCanceled)
                {
                    body.AdvanceTo(result.Buffer.Start);
                    throw new OperationCanceledException("Reading the body was cancelled.");
                }
                seen += result.Buffer.Length;
                try
                {
                    if (seen <= length)
                        foreach (var piece in result.Buffer)
                        {
                            if (known is null) md5.AppendData(piece.Span);
                            await content.WriteAsync(piece, ct);
                        }
                }
                finally
                {
                    body.AdvanceTo(result.Buffer.End);
                }
                if (seen > length || (result.IsCompleted && seen < length)) throw new BodyLengthException(length, seen);
                if (result.IsCompleted) break;
            }
            await content.FlushAsync(ct);
            content.Position = 0;
            held = true;
            return new(content, memory, known ?? md5.GetHashAndReset());
        }
        finally
        {
            if (!held) await Release(content, memory);
        }
    }

    public ValueTask DisposeAsync() => Release(Content, memory);

    private static async ValueTask Release(Stream content, byte[] memory)
    {
        await content.DisposeAsync();
        if (memory.Length > 0) ArrayPool<byte>.Shared.Return(memory);
    }
}
