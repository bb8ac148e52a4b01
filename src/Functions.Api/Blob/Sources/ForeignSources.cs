using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Api.Blob;

/// <summary>
/// Sources of copies that are not on this server, fetched over HTTP. Who asks for the copy names the URL: so that nobody reaches what
/// only this machine can, addresses that are not public are refused unless <see cref="Core.Composition.Installation.CopiesFromAnywhere"/>. The check is
/// of the address that is connected to; redirects are not followed.
/// </summary>
internal static class ForeignSources
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly HttpClient Public = Client(isAny: false), Any = Client(isAny: true);

    private static HttpClient Client(bool isAny) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        MaxResponseHeadersLength = 64,
        ConnectCallback = (context, ct) => Connect(context, isAny, ct),
    })
    { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>The answer once its headers have come; throws <see cref="S3Exception"/> where there is none.</summary>
    /// <param name="source">Its URL.</param>
    /// <param name="headers">What is sent with it.</param>
    /// <param name="isAny">Whether its address need not be public.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async ValueTask<HttpResponseMessage> Get(Uri source, IEnumerable<KeyValuePair<string, string>> headers, bool isAny, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, source);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        try
        {
            return await (isAny ? Any : Public).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
        }
        catch (HttpRequestException e) when (e.InnerException is S3Exception refused)
        {
            throw refused;
        }
        catch (HttpRequestException)
        {
            throw new S3Exception(BlobErrors.CannotVerifyCopySource, "The server of the copy source cannot be reached.");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new S3Exception(BlobErrors.CannotVerifyCopySource, "The server of the copy source did not answer in time.");
        }
    }

    /// <summary>Whether anybody may have this server connect to that address.</summary>
    internal static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)) return false;
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            // What embeds an IPv4 address (64:ff9b::/96, 2002::/16, 2001::/32) leads to where that does.
            var six = address.GetAddressBytes();
            return (six[0] & 0xe0) == 0x20 && !(six[0] == 0x20 && six[1] == 0x02) && !(six[0] == 0x20 && six[1] == 0x01 && six[2] == 0 && six[3] == 0);
        }
        var b = address.GetAddressBytes();
        return b[0] switch
        {
            0 or 10 or 127 => false,
            100 => (b[1] & 0xc0) != 64, // shared by carriers
            169 => b[1] != 254,
            172 => (b[1] & 0xf0) != 16,
            192 => !(b[1] == 168 || (b[1] == 0 && b[2] is 0 or 2) || (b[1] == 88 && b[2] == 99)),
            198 => (b[1] & 0xfe) != 18 && !(b[1] == 51 && b[2] == 100),
            203 => !(b[1] == 0 && b[2] == 113),
            >= 224 => false,
            168 => !(b[1] == 63 && b[2] == 129 && b[3] == 16), // Azure's own, inside of each machine
            _ => true,
        };
    }

    private static async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, bool isAny, CancellationToken ct)
    {
        var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, ct);
        if (!isAny) addresses = [.. addresses.Where(IsPublic)];
        if (addresses.Length == 0)
            throw new S3Exception(BlobErrors.CannotVerifyCopySource, "The copy source is at an address that is not public, which this server does not fetch from (see --copy-sources).");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>The bytes of an answer under way.</summary>
internal sealed class ForeignBody(HttpResponseMessage answer, Stream stream, long length) : IObjectBody
{
    private const int Piece = 128 * 1024;

    /// <summary>A server that sends nothing for so long is given up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public long Length => length;

    public async ValueTask CopyTo(PipeWriter destination, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        for (var left = length; left > 0;)
        {
            var into = destination.GetMemory((int)Math.Min(Piece, left));
            patience.CancelAfter(Patience);
            int read;
            try
            {
                read = await stream.ReadAsync(into.Length > left ? into[..(int)left] : into, patience.Token);
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                throw new IOException("The copy source sent nothing for a minute.");
            }
            if (read == 0) throw new IOException($"The copy source ended {left} bytes too early.");
            destination.Advance(read);
            left -= read;
            if ((await destination.FlushAsync(ct)).IsCompleted) return;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        answer.Dispose();
    }
}
