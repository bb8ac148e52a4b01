namespace ZenkoFunctions.Api.S3;

/// <summary>A protocol beside S3: the gateway asks each in turn whether a request is its own; what is nobody's is S3's.</summary>
public interface IProtocol
{
    /// <summary>What its requests are counted under: one word, lower case.</summary>
    string Name { get; }

    /// <summary>How it tells its answers, those of requests that fail before it has seen them, too.</summary>
    Dialect Dialect { get; }

    /// <summary>
    /// Whether a request is its own: by its host, path and parameters alone. A request that AWS's clients signed for S3 never is,
    /// except under a path that no bucket can have.
    /// </summary>
    bool IsFor(WireRequest request);

    /// <summary>Answers a request; throws <see cref="S3Exception"/> for malformed input.</summary>
    ValueTask<Reply> Answer(Exchange exchange, CancellationToken ct);
}
