using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ZenkoFunctions.Benchmarks.Load;

namespace ZenkoFunctions.Benchmarks.Startup;

/// <summary>From the start of a process to its answers, as the Functions host and then a client see them.</summary>
internal static class Measurement
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Milliseconds of one start.</summary>
    /// <param name="Ready">To the answer to the host's own <c>GET /</c>.</param>
    /// <param name="First">To the answer to a client's first request, sent right after.</param>
    /// <param name="Second">How long the next one takes.</param>
    private readonly record struct Start(double Ready, double First, double Second);

    public static int Run(int rounds, string handler)
    {
        var access = Environment.GetEnvironmentVariable("ZENKOFN_ROOT_ACCESS_KEY")!;
        var secret = Environment.GetEnvironmentVariable("ZENKOFN_ROOT_SECRET_KEY")!;
        // The first start makes the root account; the bucket and the object are made by it, too.
        Once(handler, [], port =>
        {
            var client = new Client(port, access, secret);
            client.Status("PUT", "/startup", 0);
            return client.Status("PUT", "/startup/object", 100) == 200;
        });
        (string Name, string Program, string[] Arguments, Func<int, bool> Request)[] rows =
        [
            ("minimal Kestrel, GET /", Environment.ProcessPath!, ["serve"], port => new Client(port, access, secret).Status("GET", "/plain", null) == 200),
            ("handler, ListBuckets", handler, [], port => new Client(port, access, secret).Status("GET", "/", null) == 200),
            ("handler, GetObject of 100 bytes", handler, [], port => new Client(port, access, secret).Status("GET", "/startup/object", null) == 200),
        ];
        var starts = rows.Select(_ => new List<Start>()).ToArray();
        for (var round = 0; round <= rounds; round++)
            for (var i = 0; i < rows.Length; i++)
            {
                var row = rows[(i + round) % rows.Length];
                var start = Once(row.Program, row.Arguments, row.Request);
                if (round > 0) starts[(i + round) % rows.Length].Add(start); // the first round reads the files into memory
            }
        Console.WriteLine("| first request | host's GET / answered | first request answered | second request takes |");
        Console.WriteLine("|---|---:|---:|---:|");
        for (var i = 0; i < rows.Length; i++)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {rows[i].Name} | {Median(starts[i], s => s.Ready):0} ms | {Median(starts[i], s => s.First):0} ms | {Median(starts[i], s => s.Second):0.0} ms |"));
        return 0;
    }

    private static double Median(List<Start> starts, Func<Start, double> value)
    {
        var sorted = starts.Select(value).Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    private static Start Once(string program, string[] arguments, Func<int, bool> request)
    {
        var port = FreePort();
        var info = new ProcessStartInfo(program, arguments) { WorkingDirectory = Path.GetDirectoryName(program), RedirectStandardOutput = true, RedirectStandardError = true };
        info.Environment["FUNCTIONS_CUSTOMHANDLER_PORT"] = port.ToString(CultureInfo.InvariantCulture);
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(info)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, line) => { if (line.Data is not null) Console.Error.WriteLine(line.Data); };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            while (!IsReady(port))
            {
                if (watch.Elapsed > Patience || process.HasExited) throw new InvalidOperationException($"{program} does not answer.");
                Thread.Sleep(1);
            }
            var ready = watch.Elapsed.TotalMilliseconds;
            if (!request(port)) throw new InvalidOperationException($"{program} answers wrongly.");
            var first = watch.Elapsed.TotalMilliseconds;
            request(port);
            return new(ready, first, watch.Elapsed.TotalMilliseconds - first);
        }
        finally
        {
            process.Kill();
            process.WaitForExit();
        }
    }

    private static bool IsReady(int port)
    {
        try
        {
            return Client.Exchange(port, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"u8, []) == 200;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>A client behind the host: each request on a connection of its own, as the host's first ones are.</summary>
    private sealed class Client(int port, string access, string secret)
    {
        private readonly SigV4Signer signer = new(new("handler", port, access, secret, 0));

        public int Status(string method, string path, int? length)
        {
            Span<byte> head = stackalloc byte[2048];
            var written = signer.Write(head, Encoding.ASCII.GetBytes(method), Encoding.ASCII.GetBytes(path), [], length);
            var marks = Encoding.ASCII.GetBytes($"X-Forwarded-Host: 127.0.0.1:{port}\r\nX-Forwarded-For: 127.0.0.1\r\nx-ms-invocation-id: {Guid.NewGuid()}\r\n\r\n");
            return Exchange(port, [.. head[..(written - 2)], .. marks], new byte[length ?? 0]);
        }

        public static int Exchange(int port, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.Connect(IPAddress.Loopback, port);
            socket.Send(head);
            if (body.Length > 0) socket.Send(body);
            Span<byte> answer = stackalloc byte[4096];
            var read = 0;
            while (read < 12 && socket.Receive(answer[read..]) is > 0 and var more) read += more;
            return read >= 12 ? int.Parse(Encoding.ASCII.GetString(answer[9..12]), CultureInfo.InvariantCulture) : 0;
        }
    }
}
