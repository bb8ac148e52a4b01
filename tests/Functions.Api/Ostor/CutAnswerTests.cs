using System.Net.Sockets;
using System.Text;
using ZenkoFunctions.Api.Tests.Signatures;
using ZenkoFunctions.Core.Statistics;

namespace ZenkoFunctions.Api.Tests.Ostor;

/// <summary>What is counted of an answer whose client does not want all of it.</summary>
public sealed class CutAnswerTests(OstorServer server) : IClassFixture<OstorServer>
{
    [Fact]
    public async Task Of_an_answer_that_its_client_cut_off_the_bytes_are_counted_that_were_sent()
    {
        const int Size = 64 << 20;
        var traffic = new CountedTraffic(server);
        await traffic.Begin();
        var (from, key) = (server.Clock.GetUtcNow(), (await server.NewUser("cut@example.com")).Key);
        Assert.Equal(200, (await server.SendAs(key, "PUT", "/cut")).Status);
        Assert.Equal(200, (await server.SendAs(key, "PUT", "/cut/large", new('x', Size))).Status);
        var request = new Signer(key.Id, key.Secret, "us-east-1", DateTimeOffset.UtcNow).Sign(server.Request("GET", "/cut/large"));
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(server.Address.Host, server.Address.Port);
            var head = $"GET /cut/large HTTP/1.1\r\n{string.Concat(request.Headers.Select(header => $"{header.Key}: {header.Value}\r\n"))}\r\n";
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head));
            await socket.GetStream().ReadExactlyAsync(new byte[100_000]);
            socket.LingerState = new(true, 0);
        }
        var limit = DateTime.UtcNow.AddSeconds(60);
        while (server.Installation.Requests.Count > 0 && DateTime.UtcNow < limit) await Task.Delay(20);
        await server.Installation.Statistics.Flush(default);
        var bucket = (await server.Installation.Buckets.Find("cut", default))!;
        var metric = Assert.Single(await server.Installation.Statistics.Metrics.Read(MetricsLevel.Buckets, [bucket.Id], from.AddMinutes(-1), server.Clock.GetUtcNow(), default));
        Assert.Equal((Size, 1, 0), (metric.Incoming, metric.Operations["s3:PutObject"], metric.Operations.GetValueOrDefault("s3:GetObject")));
        Assert.InRange(metric.Outgoing, 99_000, Size - 1);
    }
}
