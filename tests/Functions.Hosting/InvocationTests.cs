using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace ZenkoFunctions.Hosting.Tests;

public sealed class InvocationTests
{
    private const string Content = """{"Format":1,"Key":"a \"quoted\" key","Id":"not the queue's"}""";

    [Fact]
    public async Task A_message_is_read_from_every_envelope_that_hosts_send()
    {
        var once = System.Text.Json.JsonSerializer.Serialize(Content);
        var twice = System.Text.Json.JsonSerializer.Serialize(once);
        foreach (var message in new[] { Content, once, twice })
        {
            var envelope = """{"Data":{"msg":MESSAGE},"Metadata":{"DequeueCount":"1","Id":"\"8a6d\"","sys":{"MethodName":"Fx_Garbage"}}}"""
                .Replace("MESSAGE", message, StringComparison.Ordinal);
            Assert.Equal(Content, Encoding.UTF8.GetString((await Read(envelope)).Span));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"Data":{}}""")]
    [InlineData("""{"Data":[1]}""")]
    [InlineData("""{"Metadata":{"msg":"forged"}}""")]
    public async Task An_envelope_without_a_message_is_refused(string envelope) =>
        await Assert.ThrowsAsync<InvalidDataException>(() => Read(envelope));

    [Fact]
    public async Task An_envelope_is_bounded() =>
        await Assert.ThrowsAsync<InvalidDataException>(() => Read("{\"Data\":{\"msg\":\"" + new string('x', 1024 * 1024) + "\"}}"));

    [Theory]
    [InlineData("X-Forwarded-Host")]
    [InlineData("X-Forwarded-For")]
    [InlineData("x-ms-invocation-id")]
    [InlineData(null)]
    public void What_came_through_the_host_is_never_the_hosts_own_call(string? mark)
    {
        var http = Call(IPAddress.Loopback);
        if (mark is not null) http.Request.Headers[mark] = "";
        Assert.Equal(mark is null, Invocation.IsFromHost(http));
    }

    [Fact]
    public void Nobody_on_another_machine_is_the_host() => Assert.False(Invocation.IsFromHost(Call(IPAddress.Parse("203.0.113.5"))));

    [Theory]
    [InlineData("POST", "application/json; charset=utf-8", "", true)]
    [InlineData("GET", "application/json", "", false)]
    [InlineData("POST", "text/plain", "", false)]
    [InlineData("POST", "application/json", "?x=1", false)]
    public void A_call_is_a_post_of_json_without_a_query(string verb, string type, string query, bool isCall)
    {
        var request = Call(IPAddress.Loopback).Request;
        (request.Method, request.ContentType, request.QueryString) = (verb, type, new(query));
        Assert.Equal(isCall, Invocation.IsCall(request));
    }

    private static DefaultHttpContext Call(IPAddress from)
    {
        var http = new DefaultHttpContext();
        http.Connection.RemoteIpAddress = from;
        return http;
    }

    private static async Task<ReadOnlyMemory<byte>> Read(string envelope)
    {
        var http = Call(IPAddress.Loopback);
        http.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(envelope));
        return await Invocation.Message(http.Request, default);
    }
}
