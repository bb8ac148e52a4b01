using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Xml.Linq;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Api.Tests;

/// <summary>The gateway over real HTTP, with operations of its own: what becomes of requests and replies on the wire.</summary>
public sealed class GatewayTests : IAsyncLifetime
{
    private static readonly Account Account = new("000000000001", new string('a', 64), "someone", "someone@example.com");

    private Func<S3Call, CancellationToken, ValueTask<Reply>> answer = (_, _) => new(Reply.Empty());
    private TestServer server = null!;

    public async Task InitializeAsync() => server = await TestServer.Start(
        new(null!, null!, null!, "us-east-1", TimeProvider.System) { Accounts = null!, Search = null!, RemoveMirror = null! },
        (request, _, _) => request.Headers.Authorization.ToString() switch
        {
            "wrong" => throw new S3Exception(S3Errors.SignatureDoesNotMatch) { Fields = [new("StringToSign", "a\n<b>")] },
            "" => new(new Authenticated(Principal.Anonymous, request.Body, request.ContentLength, _ => null)),
            _ => new(new Authenticated(new(Account, null, "KEY"), request.Body, request.ContentLength, _ => null)),
        },
        new Service(this, "ListBuckets", "GET"), new Service(this, "HeadService", "HEAD"), new Service(this, "PutService", "PUT"));

    public async Task DisposeAsync() => await server.DisposeAsync();

    private sealed class Service(GatewayTests tests, string name, string verb) : Operation
    {
        public override OperationSpec Spec { get; } =
            new(name, verb, Target.Service, "s3:ListAllMyBuckets") { NeedsLength = verb == "PUT" };

        public override ValueTask<Reply> Run(S3Call call, CancellationToken ct) => tests.answer(call, ct);
    }

    private async Task<HttpResponseMessage> Send(HttpMethod verb, string path, string? key = "right", HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(verb, path) { Content = content };
        if (key is not null) request.Headers.TryAddWithoutValidation("Authorization", key);
        return await server.Client.SendAsync(request);
    }

    private static async Task<XElement> Error(HttpResponseMessage response) => XElement.Parse(await response.Content.ReadAsStringAsync());

    private static string? Element(XElement error, string name) => error.Element(name)?.Value;

    [Fact]
    public async Task The_path_of_the_probe_is_a_key_where_the_host_names_a_bucket()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/_/healthcheck") { Headers = { Host = "bucket.s3.localhost" } };
        var error = await Error(await server.Client.SendAsync(request));
        Assert.Equal("/bucket/_/healthcheck", Element(error, "Resource"));
    }

    [Fact]
    public async Task Every_answer_carries_its_ids()
    {
        var response = await Send(HttpMethod.Get, "/");
        Assert.Matches("^[0-9A-F]{16}$", response.Headers.GetValues("x-amz-request-id").Single());
        Assert.NotEmpty(response.Headers.GetValues("x-amz-id-2").Single());
        Assert.NotNull(response.Headers.Date);
        Assert.Equal("ZenkoFunctions", response.Headers.Server.ToString());
    }

    [Fact]
    public async Task An_error_is_an_XML_document_with_all_its_fields()
    {
        answer = (_, _) => new(Reply.Refused(S3Errors.InvalidArgument, "what is <wrong>").About("ArgumentName", "a").About("None", null));
        var response = await Send(HttpMethod.Get, "/");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/xml", response.Content.Headers.ContentType!.MediaType);
        var error = await Error(response);
        Assert.Equal(["Code", "Message", "ArgumentName", "Resource", "RequestId", "HostId"], error.Elements().Select(e => e.Name.LocalName));
        Assert.Equal("InvalidArgument", Element(error, "Code"));
        Assert.Equal("what is <wrong>", Element(error, "Message"));
        Assert.Equal(response.Headers.GetValues("x-amz-request-id").Single(), Element(error, "RequestId"));
        Assert.Equal(response.Headers.GetValues("x-amz-id-2").Single(), Element(error, "HostId"));
    }

    [Fact]
    public async Task Malformed_input_is_answered_with_its_error()
    {
        var response = await Send(HttpMethod.Get, "/", "wrong");
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        var error = await Error(response);
        Assert.Equal("SignatureDoesNotMatch", Element(error, "Code"));
        Assert.Equal("a\n<b>", Element(error, "StringToSign"));
    }

    [Fact]
    public async Task An_unsigned_request_is_refused_before_it_reaches_the_operation()
    {
        answer = (_, _) => throw new InvalidOperationException("must not run");
        var response = await Send(HttpMethod.Get, "/", key: null);
        Assert.Equal("AccessDenied", Element(await Error(response), "Code"));
    }

    [Fact]
    public async Task A_failure_is_an_InternalError_that_tells_nothing_of_itself()
    {
        answer = (_, _) => throw new InvalidOperationException("secret");
        var response = await Send(HttpMethod.Get, "/");
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        var text = await response.Content.ReadAsStringAsync();
        Assert.Contains("InternalError", text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_error_of_a_HEAD_has_no_body()
    {
        answer = (_, _) => new(Reply.Refused(S3Errors.NoSuchKey));
        var response = await Send(HttpMethod.Head, "/");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Not_modified_has_no_body()
    {
        answer = (_, _) => new(Reply.Refused(S3Errors.NotModified).With("ETag", "\"1\""));
        var response = await Send(HttpMethod.Get, "/");
        Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
        Assert.Equal("\"1\"", response.Headers.ETag!.Tag);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_HEAD_tells_the_length_that_a_GET_would_have()
    {
        answer = (_, _) => new(Reply.LengthOnly(1L << 40, 200));
        var response = await Send(HttpMethod.Head, "/");
        Assert.Equal(1L << 40, response.Content.Headers.ContentLength);
        Assert.Equal("bytes", response.Headers.AcceptRanges.Single());
    }

    [Fact]
    public async Task The_wrong_verb_is_told_the_right_ones()
    {
        var response = await Send(HttpMethod.Delete, "/");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal("GET, HEAD, PUT", string.Join(", ", response.Content.Headers.Allow));
        Assert.Equal("DELETE", Element(await Error(response), "Method"));
    }

    [Fact]
    public async Task What_is_not_implemented_is_named()
    {
        var response = await Send(HttpMethod.Put, "/bucket?accelerate");
        Assert.Equal(HttpStatusCode.NotImplemented, response.StatusCode);
        Assert.Contains("PutBucketAccelerateConfiguration", Element(await Error(response), "Message")!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_header_that_no_header_can_hold_does_not_split_the_answer()
    {
        answer = (_, _) => new(Reply.Empty().With("Content-Disposition", "a\r\nSet-Cookie: b\0ä"));
        var response = await Send(HttpMethod.Get, "/");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.False(response.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task A_body_is_streamed_with_its_length_and_disposed()
    {
        var body = new Body(3 << 20, breakAt: long.MaxValue);
        answer = (_, _) => new(Reply.Bytes(body, 206).With("Content-Type", "text/x"));
        var response = await Send(HttpMethod.Get, "/");
        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal("text/x", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(3 << 20, (await response.Content.ReadAsByteArrayAsync()).Length);
        Assert.True(body.IsDisposed);
    }

    [Fact]
    public async Task A_body_that_fails_midway_cuts_the_connection()
    {
        var body = new Body(3 << 20, breakAt: 1 << 20);
        answer = (_, _) => new(Reply.Bytes(body, 200));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => Send(HttpMethod.Get, "/"));
        Assert.True(body.IsDisposed);
    }

    [Fact]
    public async Task A_body_without_any_length_is_refused()
    {
        var reply = await Raw("PUT / HTTP/1.1\r\nHost: localhost\r\nAuthorization: right\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 411 ", reply, StringComparison.Ordinal);
        Assert.Contains("<Code>MissingContentLength</Code>", reply, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chunked_body_needs_no_length()
    {
        answer = async (call, ct) => Reply.Empty().With("x-read", $"{(await call.ReadAll(100, ct)).Length}");
        var reply = await Raw(
            "PUT / HTTP/1.1\r\nHost: localhost\r\nAuthorization: right\r\nConnection: close\r\n" +
            "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
        Assert.Contains("x-read: 3\r\n", reply, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_is_too_large_is_refused()
    {
        answer = async (call, ct) => Reply.Empty().With("x-read", $"{(await call.ReadAll(10, ct)).Length}");
        Assert.Equal(HttpStatusCode.OK, (await Send(HttpMethod.Put, "/", content: new ByteArrayContent(new byte[10]))).StatusCode);
        var response = await Send(HttpMethod.Put, "/", content: new ByteArrayContent(new byte[11]));
        Assert.Equal("EntityTooLarge", Element(await Error(response), "Code"));
    }

    [Fact]
    public async Task The_absolute_form_of_a_target_is_understood()
    {
        answer = (call, _) => new(Reply.Empty().With("x-path", call.Request.RawPath).With("x-query", call.Request.RawQuery));
        var reply = await Raw("GET http://localhost?a=%2F HTTP/1.1\r\nHost: localhost\r\nAuthorization: right\r\nConnection: close\r\n\r\n");
        Assert.Contains("x-path: /\r\nx-query: a=%2F\r\n", reply, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_waits_to_continue_gets_its_refusal_without_having_sent_the_body()
    {
        var reply = await Raw(
            "PUT / HTTP/1.1\r\nHost: localhost\r\nAuthorization: wrong\r\nExpect: 100-continue\r\nContent-Length: 1000000\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 403 ", reply, StringComparison.Ordinal);
        Assert.Contains("Connection: close\r\n", reply, StringComparison.Ordinal);
        Assert.DoesNotContain("100 Continue", reply, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_waits_to_continue_is_told_so_once_it_is_known()
    {
        answer = async (call, ct) => Reply.Empty().With("x-read", $"{(await call.ReadAll(100, ct)).Length}");
        using var client = await Connect();
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            "PUT / HTTP/1.1\r\nHost: localhost\r\nAuthorization: right\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"));
        var first = new byte["HTTP/1.1 100 Continue\r\n\r\n".Length];
        await stream.ReadExactlyAsync(first);
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", Encoding.ASCII.GetString(first));
        await stream.WriteAsync("abc"u8.ToArray());
        Assert.Contains("x-read: 3\r\n", await new StreamReader(stream).ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_sends_a_huge_body_to_a_refused_request_reads_its_error()
    {
        using var client = await Connect();
        var stream = client.GetStream();
        const int Size = 256 << 20;
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"PUT / HTTP/1.1\r\nHost: localhost\r\nAuthorization: wrong\r\nContent-Length: {Size}\r\n\r\n"));
        // A plain blocking client: all of the body first, and only then the answer.
        var block = new byte[1 << 20];
        for (var sent = 0; sent < Size; sent += block.Length) await stream.WriteAsync(block);
        var reply = await new StreamReader(stream).ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 403 ", reply, StringComparison.Ordinal);
        Assert.Contains("<Code>SignatureDoesNotMatch</Code>", reply, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_behind_a_body_that_was_not_what_it_was_announced_to_be_is_taken_for_a_request()
    {
        answer = async (call, ct) =>
        {
            call.Sender.Body.AdvanceTo((await call.Sender.Body.ReadAtLeastAsync(3, ct)).Buffer.End);
            throw new S3Exception(S3Errors.BadDigest);
        };
        using var client = await Connect();
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            "PUT / HTTP/1.1\r\nHost: localhost\r\nAuthorization: right\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        var replies = await new StreamReader(stream).ReadToEndAsync();
        Assert.Equal(["400 "], replies.Split("HTTP/1.1 ").Skip(1).Select(r => r[..4]));
    }

    [Fact]
    public async Task The_connection_survives_a_reader_that_stops_before_the_end_of_a_small_chunked_body()
    {
        answer = async (call, ct) =>
        {
            var read = await call.Sender.Body.ReadAtLeastAsync(3, ct);
            if (call.Query("fail") is not null) throw new S3Exception(S3Errors.BadDigest);
            call.Sender.Body.AdvanceTo(read.Buffer.GetPosition(3));
            return Reply.Empty();
        };
        using var client = await Connect();
        var stream = client.GetStream();
        const string Put = "PUT /?{0} HTTP/1.1\r\nHost: localhost\r\nAuthorization: right\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
        const string Last = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            Put.Replace("{0}", "fail", StringComparison.Ordinal) + Put.Replace("{0}", "", StringComparison.Ordinal) + Last));
        var replies = await new StreamReader(stream).ReadToEndAsync();
        Assert.Equal(["400 ", "200 ", "403 "], replies.Split("HTTP/1.1 ").Skip(1).Select(r => r[..4]));
    }

    [Fact]
    public async Task The_connection_survives_a_refusal_with_a_small_body()
    {
        using var client = await Connect();
        var stream = client.GetStream();
        var put = "PUT / HTTP/1.1\r\nHost: localhost\r\nAuthorization: wrong\r\nContent-Length: 3\r\n{0}\r\nabc";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            put.Replace("{0}", "", StringComparison.Ordinal) + put.Replace("{0}", "Connection: close\r\n", StringComparison.Ordinal)));
        var replies = await new StreamReader(stream).ReadToEndAsync();
        Assert.Equal(3, replies.Split("HTTP/1.1 403 ").Length);
    }

    [Fact]
    public async Task A_line_with_the_longest_key_encoded_is_taken()
    {
        var response = await Send(HttpMethod.Get, "/?prefix=" + string.Concat(Enumerable.Repeat("%C3%A4", 512)) + "&marker=" + new string('a', 9000));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private async Task<TcpClient> Connect()
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Address.Port);
        return client;
    }

    private async Task<string> Raw(string request)
    {
        using var client = await Connect();
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        return await new StreamReader(stream).ReadToEndAsync();
    }

    private sealed class Body(long length, long breakAt) : IObjectBody
    {
        public long Length => length;

        public bool IsDisposed { get; private set; }

        public async ValueTask CopyTo(PipeWriter destination, CancellationToken ct)
        {
            for (var at = 0L; at < length; at += 1 << 16)
            {
                if (at >= breakAt) throw new IOException("gone");
                destination.Write(new byte[1 << 16]);
                await destination.FlushAsync(ct);
            }
        }

        public ValueTask DisposeAsync()
        {
            IsDisposed = true;
            return ValueTask.CompletedTask;
        }
    }
}
