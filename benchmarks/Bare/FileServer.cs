using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ZenkoFunctions.Benchmarks.Bare;

/// <summary>
/// Path-style names become files <c>root/bucket/key</c>. No signature, no policy, no metadata, no listing, no conditions:
/// a PUT reads the body, hashes MD5, writes the file, flushes it to the disk and answers with the ETag.
/// </summary>
internal sealed class FileServer(string root)
{
    private const int BufferBytes = 256 * 1024;

    /// <summary>Keys that were made of parts, and the directory that holds these.</summary>
    private readonly ConcurrentDictionary<string, string> multipart = new();

    public Task Answer(HttpContext context)
    {
        var request = context.Request;
        var (bucket, key) = Name(request.Path.Value!);
        var ct = context.RequestAborted;
        if (key.Length == 0)
        {
            if (HttpMethods.IsPut(request.Method)) Directory.CreateDirectory(Path.Combine(root, bucket));
            else context.Response.StatusCode = StatusCodes.Status501NotImplemented;
            return Task.CompletedTask;
        }
        var file = Path.Combine(root, bucket, key);
        return request.Method switch
        {
            "PUT" => Put(context, request.QueryString.HasValue ? PartFile(request) : file, ct),
            "GET" => Get(context, file, ct),
            "HEAD" => Head(context, file),
            "DELETE" => Delete(context, file),
            "POST" when request.Query.ContainsKey("uploads") => Create(context, key, ct),
            "POST" => Complete(context, key, file, ct),
            _ => Status(context, StatusCodes.Status501NotImplemented),
        };
    }

    private static (string Bucket, string Key) Name(string path)
    {
        var slash = path.IndexOf('/', 1);
        // '/' may not stand in the name of a file; one directory a bucket is the cheapest layout there is.
        return slash < 0 ? (path[1..], "") : (path[1..slash], path[(slash + 1)..].Replace('/', '+'));
    }

    private static async Task Put(HttpContext context, string file, CancellationToken ct)
    {
        var length = context.Request.ContentLength;
        using var handle = File.OpenHandle(file, FileMode.Create, FileAccess.Write, FileShare.None);
        var etag = length <= BufferBytes
            ? await Small(context.Request.Body, handle, (int)length, ct)
            : await Large(context.Request.Body, handle, ct);
        RandomAccess.FlushToDisk(handle);
        context.Response.Headers.ETag = etag;
        context.Response.ContentLength = 0;
    }

    private static async Task<string> Small(Stream body, SafeFileHandle handle, int length, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(length, 1));
        try
        {
            await body.ReadExactlyAsync(buffer.AsMemory(0, length), ct);
            RandomAccess.Write(handle, buffer.AsSpan(0, length), 0);
            return ETag(CryptographicOperations.HashData(HashAlgorithmName.MD5, buffer.AsSpan(0, length)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Two buffers: one is hashed and written while the other is filled from the socket.</summary>
    private static async Task<string> Large(Stream body, SafeFileHandle handle, CancellationToken ct)
    {
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        var filling = ArrayPool<byte>.Shared.Rent(BufferBytes);
        var writing = ArrayPool<byte>.Shared.Rent(BufferBytes);
        var pending = Task.CompletedTask;
        long offset = 0;
        try
        {
            while (true)
            {
                var read = await body.ReadAtLeastAsync(filling.AsMemory(0, BufferBytes), BufferBytes, false, ct);
                await pending;
                if (read == 0) break;
                (filling, writing) = (writing, filling);
                var (bytes, at) = (writing.AsMemory(0, read), offset);
                offset += read;
                pending = Task.Run(
                    () =>
                    {
                        md5.AppendData(bytes.Span);
                        RandomAccess.Write(handle, bytes.Span, at);
                    },
                    CancellationToken.None);
            }
            return ETag(md5.GetHashAndReset());
        }
        finally
        {
            await pending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ArrayPool<byte>.Shared.Return(filling);
            ArrayPool<byte>.Shared.Return(writing);
        }
    }

    private static async Task Get(HttpContext context, string file, CancellationToken ct)
    {
        if (!File.Exists(file))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        using var handle = File.OpenHandle(file);
        var length = RandomAccess.GetLength(handle);
        context.Response.ContentLength = length;
        var writer = context.Response.BodyWriter;
        for (long offset = 0; offset < length;)
        {
            var memory = writer.GetMemory((int)Math.Min(BufferBytes, length - offset));
            var read = RandomAccess.Read(handle, memory.Span, offset);
            if (read == 0) throw new IOException("the file became shorter");
            writer.Advance(read);
            offset += read;
            await writer.FlushAsync(ct);
        }
    }

    private static Task Head(HttpContext context, string file)
    {
        var info = new FileInfo(file);
        if (info.Exists) context.Response.ContentLength = info.Length;
        else context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private Task Delete(HttpContext context, string file)
    {
        File.Delete(file);
        if (multipart.TryRemove(file, out var parts)) Directory.Delete(parts, recursive: true);
        return Status(context, StatusCodes.Status204NoContent);
    }

    private Task Create(HttpContext context, string key, CancellationToken ct)
    {
        var id = Guid.NewGuid().ToString("N");
        Directory.CreateDirectory(PartDirectory(id));
        return Xml(context, $"<InitiateMultipartUploadResult><Key>{key}</Key><UploadId>{id}</UploadId></InitiateMultipartUploadResult>", ct);
    }

    /// <summary>The parts stay files of their own; the list of them, as the client sent it, is made durable.</summary>
    private async Task Complete(HttpContext context, string key, string file, CancellationToken ct)
    {
        var parts = PartDirectory(context.Request.Query["uploadId"]!);
        using (var handle = File.OpenHandle(Path.Combine(parts, "list"), FileMode.Create, FileAccess.Write))
        {
            await Large(context.Request.Body, handle, ct);
            RandomAccess.FlushToDisk(handle);
        }
        multipart[file] = parts;
        await Xml(context, $"<CompleteMultipartUploadResult><Key>{key}</Key></CompleteMultipartUploadResult>", ct);
    }

    private string PartDirectory(string id) => Path.Combine(root, ".uploads", Path.GetFileName(id));

    private string PartFile(HttpRequest request) =>
        Path.Combine(PartDirectory(request.Query["uploadId"]!), Path.GetFileName((string)request.Query["partNumber"]!));

    private static string ETag(byte[] md5) => string.Create(CultureInfo.InvariantCulture, $"\"{Convert.ToHexStringLower(md5)}\"");

    private static Task Status(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private static Task Xml(HttpContext context, string xml, CancellationToken ct)
    {
        context.Response.ContentType = "application/xml";
        context.Response.ContentLength = Encoding.UTF8.GetByteCount(xml);
        return context.Response.WriteAsync(xml, ct);
    }
}
