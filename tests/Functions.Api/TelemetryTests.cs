using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ZenkoFunctions.Api.Tests.Operations;
using ZenkoFunctions.Hosting;

namespace ZenkoFunctions.Api.Tests;

public sealed class TelemetryTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT", Protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";

    [Fact]
    public async Task A_collector_gets_metrics_and_spans_which_are_part_of_the_clients_trace()
    {
        Assert.Null(TelemetryExport.Start("zenkofn"));
        var got = new ConcurrentDictionary<string, byte[]>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        await using var collector = builder.Build();
        collector.Run(async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            got.AddOrUpdate(http.Request.Path, body.ToArray(), (_, before) => [.. before, .. body.ToArray()]);
        });
        await collector.StartAsync();
        Environment.SetEnvironmentVariable(Endpoint, collector.Urls.First());
        Environment.SetEnvironmentVariable(Protocol, "http/protobuf");
        const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736", Parent = "00f067aa0ba902b7";
        try
        {
            using (TelemetryExport.Start("zenkofn"))
            {
                Assert.Equal(200, (await server.Send("PUT", "/bkt/traced", "x", $"traceparent: 00-{Trace}-{Parent}-01")).Status);
                // The span ends when the answer has been sent, and this one comes behind it on its connection.
                await Clients.Tests.Harness.Eventually.Holds(() => server.Installation.Answered.Of("s3", "PutObject").ByStatus().Any(each => each.Status == 200), "the request's end");
            }
        }
        finally
        {
            Environment.SetEnvironmentVariable(Endpoint, null);
            Environment.SetEnvironmentVariable(Protocol, null);
        }

        Assert.True(Has("/v1/traces", Convert.FromHexString(Trace)));
        Assert.True(Has("/v1/traces", Convert.FromHexString(Parent)));
        Assert.True(Has("/v1/traces", "PutObject"u8));
        Assert.True(Has("/v1/metrics", "http.server.request.duration"u8));
        Assert.True(Has("/v1/metrics", "PutObject"u8));
        Assert.True(Has("/v1/metrics", "zenkofn"u8));

        bool Has(string path, ReadOnlySpan<byte> what) => got.TryGetValue(path, out var body) && body.AsSpan().IndexOf(what) >= 0;
    }
}
