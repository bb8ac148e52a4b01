namespace ZenkoFunctions.HostDouble;

/// <summary>
/// The host's way to the handler: ten tries in all, with 50 ms to 250 ms between them, after any <see cref="HttpRequestException"/>. A body
/// that has begun to flow cannot be sent again (YARP refuses); a request without one may so be executed more than once.
/// </summary>
internal sealed class RetryHandler(HttpMessageHandler inner, HostLog log) : DelegatingHandler(inner)
{
    private const int Tries = 10;
    private const int FirstDelay = 50;
    private const int LongestDelay = 250;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var delay = FirstDelay;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await base.SendAsync(request, cancellationToken);
            }
            catch (HttpRequestException e) when (attempt < Tries && !cancellationToken.IsCancellationRequested)
            {
                log.Warning("host", $"Failed to proxy request to the handler ({e.Message}). Retrying in {delay} ms. Attempt {attempt} of {Tries}.");
                await Task.Delay(delay, cancellationToken);
                delay = Math.Min(delay * 2, LongestDelay);
            }
        }
    }
}

/// <summary>Loses answers to requests without a body, where the faults ask for it: the layer above then sends them again.</summary>
internal sealed class LosingHandler(HttpMessageHandler inner, Faults faults) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await base.SendAsync(request, cancellationToken);
        // Where there are headers of a body, as Content-Length: 0, there is an empty content, which can be sent again, too.
        if (request.Content is { Headers.ContentLength: not 0 } || !faults.TakeLostAnswer()) return answer;
        await answer.Content.CopyToAsync(Stream.Null, cancellationToken);
        answer.Dispose();
        throw new HttpRequestException("injected: the answer was lost after the handler had given it");
    }
}
