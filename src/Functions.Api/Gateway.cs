using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Logging;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Monitoring;
using ZenkoFunctions.Core.Settings;

namespace ZenkoFunctions.Api;

/// <summary>Where every request comes in: chooses the protocol, has it answered, writes the answer and the access log, and counts it.</summary>
public sealed class Gateway(
    S3Gateway s3, IReadOnlyList<IProtocol> others, TimeProvider clock, ILogger<Gateway> log, RequestsUnderWay requests, RequestCounts answered,
    AccessLog? accessLog = null, HostHop? hop = null, LiveSettings? settings = null, PathPrefix? prefix = null, CountedRequests? statistics = null,
    Func<WireRequest, bool>? isConsoles = null)
{
    /// <summary>Up to so many bytes of a refused request's body are left to the server to read over.</summary>
    private const int SmallRest = 64 * 1024;

    /// <summary>How long a refused client may go on sending, so that it comes to read its answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The same for a client that waits for "continue" and mostly sends nothing.</summary>
    private static readonly TimeSpan ShortPatience = TimeSpan.FromSeconds(2);

    // Made once: each request carries it.
    private Func<WireRequest, CancellationToken, ValueTask<Reply>>? within;

    /// <summary>Handles one request to its end. Throws nothing.</summary>
    public async Task Handle(HttpContext http)
    {
        var start = clock.GetTimestamp();
        var body = new RequestBody(http.Request.BodyReader);
        var wire = Wire(http, body);
        var exchange = new Exchange(Stripped(wire), Random.Shared.NextInt64().ToString("X16", CultureInfo.InvariantCulture)) { Readings = hop?.Readings(wire).Select(Stripped), Within = within ??= Within };
        var (id, verb, path) = (exchange.RequestId, exchange.Request.Verb, exchange.Request.RawPath);
        var ct = http.RequestAborted;
        var (status, elapsed) = (StatusCodes.Status500InternalServerError, (TimeSpan?)null);
        using var span = Telemetry.Activities.HasListeners() ? Span(exchange.Request) : null;
        requests.Begin();
        try
        {
            var reply = await Answer(exchange, ct);
            // One will do: what fails for one of many keys mostly fails for all.
            if (reply.Keys.Count > 0 && reply.Keys.FirstOrDefault(key => key.Failure is not null) is { Failure: { } failure }) Log.Failed(log, failure, id, verb, path);
            // A page among the objects is not to act as one of the console's.
            if (isConsoles is not null && exchange.Protocol is "s3" or "blob" && isConsoles(exchange.Request))
                reply.With("Content-Security-Policy", "sandbox").With("X-Content-Type-Options", "nosniff");
            var isLeft = MustDrain(http, body);
            await ReplyWriter.Write(http.Response, exchange, reply, isLast: isLeft || IsUntold(http, body) || IsDoubtful(http, reply), ct);
            status = reply.Status;
            elapsed = clock.GetElapsedTime(start);
            accessLog?.Add(exchange, reply, elapsed.Value);
            var took = elapsed.Value.TotalMilliseconds;
            Log.Answered(
                log, reply.Status is 500 or > 501 ? LogLevel.Warning : LogLevel.Debug, id, exchange.Request.Peer,
                exchange.Sender?.AccessKeyId, verb, path, exchange.Operation, reply.Status, reply.Error?.Code, took);
            if (isLeft) await Drain(http, body);
        }
        catch (Exception e) when (IsGone(e, ct))
        {
            status = OperationCounts.ClientGone;
            Log.Gone(log, id, verb, path);
        }
        catch (Exception e)
        {
            Log.Cut(log, id, verb, path, e.Message);
            http.Abort();
        }
        finally
        {
            End(span, exchange, status);
            answered.Of(exchange.Protocol, exchange.Operation ?? RequestCounts.Unknown).Add(status, body.Taken, exchange.Sent, elapsed ?? clock.GetElapsedTime(start));
            statistics?.Add(exchange, status, body.Taken);
            requests.End();
        }
    }

    // Part of the client's trace, where it tells of one (W3C Trace Context).
    private static Activity? Span(WireRequest request) => Telemetry.Activities.StartActivity(
        request.Verb, ActivityKind.Server,
        ActivityContext.TryParse(request.Headers.TraceParent, request.Headers.TraceState, isRemote: true, out var parent) ? parent : default);

    private static void End(Activity? span, Exchange exchange, int status)
    {
        if (span is null) return;
        span.DisplayName = exchange.Operation ?? RequestCounts.Unknown;
        span.SetTag("http.request.method", exchange.Request.Verb);
        span.SetTag("http.response.status_code", status);
        span.SetTag("zenkofn.protocol", exchange.Protocol);
        span.SetTag("zenkofn.request_id", exchange.RequestId);
        if (status >= StatusCodes.Status500InternalServerError) span.SetStatus(ActivityStatusCode.Error);
    }

    private async ValueTask<Reply> Within(WireRequest request, CancellationToken ct)
    {
        var start = clock.GetTimestamp();
        var exchange = new Exchange(request, Random.Shared.NextInt64().ToString("X16", CultureInfo.InvariantCulture));
        var reply = await Answer(exchange, ct);
        var elapsed = clock.GetElapsedTime(start);
        accessLog?.Add(exchange, reply, elapsed);
        answered.Of(exchange.Protocol, exchange.Operation ?? RequestCounts.Unknown).Add(reply.Status, request.ContentLength ?? 0, exchange.Sent, elapsed);
        statistics?.Add(exchange, reply.Status, request.ContentLength ?? 0);
        return reply;
    }

    private async ValueTask<Reply> Answer(Exchange exchange, CancellationToken ct)
    {
        var request = exchange.Request;
        try
        {
            CheckFraming(request.Headers);
            if (!request.RawPath.StartsWith('/')) throw new S3Exception(S3Errors.InvalidURI);
            if (hop is not null && Announced(request) > hop.BodyLimit)
            {
                return Reply.Refused(
                    S3Errors.EntityTooLarge, $"No request may carry more than {hop.BodyLimit} bytes here. Send the object in parts (a multipart upload).");
            }
            return await Route(exchange, ct);
        }
        catch (S3Exception e)
        {
            return Reply.Refused(e);
        }
        catch (BadHttpRequestException e)
        {
            return Reply.Refused(e.StatusCode == StatusCodes.Status408RequestTimeout ? S3Errors.RequestTimeout : S3Errors.IncompleteBody);
        }
        catch (Exception e) when (e is IStorageFull { IsFull: true })
        {
            Log.Full(log, exchange.RequestId, request.Verb, request.RawPath, e.Message);
            return Reply.Refused(S3Errors.ServiceUnavailable, "The server has no room left for this; try again later.");
        }
        catch (LocationUnavailableException e)
        {
            Log.Unavailable(log, exchange.RequestId, request.Verb, request.RawPath, e.Message);
            return Reply.Refused(S3Errors.ServiceUnavailable, $"The location {e.Location} cannot answer now; try again later.");
        }
        catch (Exception e) when (!IsGone(e, ct))
        {
            Log.Failed(log, e, exchange.RequestId, request.Verb, request.RawPath);
            return Reply.Refused(S3Errors.InternalError);
        }
    }

    private async ValueTask<Reply> Route(Exchange exchange, CancellationToken ct)
    {
        if (exchange.Readings is { } readings) exchange.Read(readings.First());
        foreach (var other in others)
        {
            if (!other.IsFor(exchange.Request)) continue;
            (exchange.Dialect, exchange.Protocol) = (other.Dialect, other.Name);
            return await Off(other.Name, ct) ?? await other.Answer(exchange, ct);
        }
        if (await Off(exchange.Protocol, ct) is { } off) return off;
        return await exchange.FirstThatMatches(() => s3.Answer(exchange, ct));
    }

    /// <summary>What is answered where the protocol is switched off; null where it is not.</summary>
    private async ValueTask<Reply?> Off(string protocol, CancellationToken ct) =>
        settings is null || !LiveSetting.Apis.TryGetValue(protocol, out var api) || await settings.IsOn(api, ct)
            ? null
            : Reply.Refused(S3Errors.ServiceUnavailable, $"This is switched off here: the setting {api.Name} is false. An administrator turns it on again by: zenkofn settings reset {api.Name}");

    private WireRequest Stripped(WireRequest request) => prefix?.Strip(request) ?? request;

    /// <summary>Bytes of the body, or of what chunks will make of it; null where nobody says.</summary>
    private static long? Announced(WireRequest request) =>
        request.ContentLength
        ?? (long.TryParse(request.Headers["x-amz-decoded-content-length"], NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : null);

    private static void CheckFraming(IHeaderDictionary headers)
    {
        if (headers.TransferEncoding.Count == 0) return;
        // The server reads "gzip, chunked" as chunked and hands out bytes that are still packed.
        if (!headers.TransferEncoding.ToString().Equals("chunked", StringComparison.OrdinalIgnoreCase))
            throw new S3Exception(S3Errors.NotImplemented, "No Transfer-Encoding but chunked is known; send the body as it is.");
        // Kestrel's name for a Content-Length that came beside it. A proxy may have gone by that one and taken the rest of the
        // body for another's request (RFC 9112 section 6.3).
        if (headers.ContainsKey("X-Content-Length"))
            throw new S3Exception(S3Errors.InvalidRequest, "Content-Length and Transfer-Encoding exclude each other; send one of them.");
    }

    private static bool IsGone(Exception e, CancellationToken ct) =>
        ct.IsCancellationRequested || e is ConnectionResetException or ConnectionAbortedException;

    private static WireRequest Wire(HttpContext http, RequestBody body)
    {
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        // The absolute form, as proxies get it: the path starts at the first slash of the authority's end.
        if (!target.StartsWith('/') && target.IndexOf("://", StringComparison.Ordinal) is > 0 and var scheme)
        {
            var end = target.AsSpan(scheme + 3).IndexOfAny('/', '?');
            target = end < 0 ? "/" : target[(scheme + 3 + end)..];
            if (target[0] == '?') target = "/" + target;
        }
        var query = target.IndexOf('?');
        return new(
            http.Request.Method, query < 0 ? target : target[..query], query < 0 ? "" : target[(query + 1)..], http.Request.Headers,
            body, http.Request.ContentLength, http.Connection.RemoteIpAddress, http.Request.IsHttps)
        {
            ClientCertificate = http.Connection.ClientCertificate is { } shown ? ClientCertificate.Of(shown) : null,
            IsOfConsole = http.Features.Get<ConsoleEndpoint>() is not null,
        };
    }

    private static bool MustDrain(HttpContext http, RequestBody body)
    {
        if (body.HasEnded() || http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false }) return false;
        return IsWaiting(http, body) || http.Request.ContentLength is null or > SmallRest;
    }

    private static bool IsWaiting(HttpContext http, RequestBody body) => !body.IsStarted && Expects(http);

    // Asked for "continue" and got none, be it that there is no body at all. boto3's connection takes its next answer for
    // more of this one then, and waits for ever.
    private static bool IsUntold(HttpContext http, RequestBody body) =>
        Expects(http) && (!body.IsStarted || http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false });

    // The body was not what its sender says it was. If it was the length that
    // is wrong, what is left of it would be taken for the next request.
    private static bool IsDoubtful(HttpContext http, Reply reply) => reply.Error is { } error && http.Request.ContentLength > 0
        && (error == S3Errors.BadDigest || error == S3Errors.XAmzContentSHA256Mismatch || error == S3Errors.IncompleteBody);

    private static bool Expects(HttpContext http) =>
        http.Request.Headers.Expect.ToString().Contains("100-continue", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Lets the client send on for a while behind its answer: many read the answer only when they have sent their body,
    /// and closing at once would reset the connection under them.
    /// </summary>
    private async Task Drain(HttpContext http, RequestBody body)
    {
        var patience = IsWaiting(http, body) ? ShortPatience : Patience;
        using var limit = new CancellationTokenSource(patience, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, http.RequestAborted);
        try
        {
            await body.Drain(both.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The answer is sent, and the connection ends either way.
        }
    }
}
