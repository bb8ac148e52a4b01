using System.Net;

namespace ZenkoFunctions.HostDouble.Tests;

public sealed class LimitTests
{
    private const int Default = 104_857_600;

    [Fact]
    public async Task A_hundred_MiB_pass_and_a_byte_more_does_not()
    {
        using var app = new EchoApp();
        await using var host = await app.Start();
        using var http = new HttpClient();

        using var all = await http.PutAsync(new Uri(host.Address, "/b/k"), new ByteArrayContent(new byte[Default]));
        Assert.Contains($"\"length\":{Default}", await all.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        Assert.Equal(413, (await Wire.Send(host, $"PUT /b/k HTTP/1.1\nHost: x\nContent-Length: {Default + 1}")).Status);
    }

    [Theory]
    [InlineData("Content-Length: 1001")]
    [InlineData("Transfer-Encoding: chunked")]
    public async Task The_setting_moves_the_limit(string framing)
    {
        using var app = new EchoApp();
        await using var host = await app.Start(("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", "1000"));
        var (fits, toMuch) = framing[0] == 'C' ? (new string('x', 1000), new string('x', 1001)) : (Chunk(900), Chunk(1001));

        Assert.Equal(200, (await Wire.Send(host, $"PUT /b/k HTTP/1.1\nHost: x\n{framing.Replace("1001", "1000", StringComparison.Ordinal)}", fits)).Status);
        Assert.Equal(413, (await Wire.Send(host, $"PUT /b/k HTTP/1.1\nHost: x\n{framing}", toMuch)).Status);

        static string Chunk(int size) => $"{size:x}\r\n{new string('x', size)}\r\n0\r\n\r\n";
    }

    [Fact]
    public async Task The_option_wins_over_the_setting()
    {
        using var app = new EchoApp();
        await using var host = await FunctionsHost.Start(app.Options(("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", "1000")) with { BodyLimit = 10 });

        Assert.Equal(413, (await Wire.Send(host, "PUT /b/k HTTP/1.1\nHost: x\nContent-Length: 11", new string('x', 11))).Status);
    }

    [Fact]
    public async Task A_handler_with_Kestrels_own_limit_refuses_what_the_host_lets_pass()
    {
        using var app = new EchoApp();
        await using var host = await app.Start(("ECHO_SMALL", "1"));
        using var http = new HttpClient();

        using var small = await http.PutAsync(new Uri(host.Address, "/b/k"), new ByteArrayContent(new byte[30_000_000]));
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(host.Address, "/b/k")) { Content = new ByteArrayContent(new byte[40_000_000]) };
        request.Headers.ExpectContinue = true;
        using var large = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, small.StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
    }

    [Fact]
    public async Task Silence_longer_than_the_proxys_time_out_is_500()
    {
        using var app = new EchoApp();
        await using var host = await FunctionsHost.Start(app.Options() with { ActivityTimeout = TimeSpan.FromSeconds(0.3) });

        Assert.Equal(500, (await Wire.Get(host, "/b", "x-echo: hold:never")).Status);
    }
}
