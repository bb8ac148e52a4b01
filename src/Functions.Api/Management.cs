using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api;

/// <summary>What lives under <c>/_/</c>, a path that no bucket name can start. Nothing here is secret or changes anything.</summary>
internal static class Management
{
    /// <summary>Answers a probe; null where there is nothing of that path.</summary>
    public static Reply? Answer(WireRequest request) =>
        request is { RawPath: "/_/healthcheck", Verb: "GET" or "HEAD" } ? Reply.Document("{}"u8.ToArray(), "application/json") : null;
}
