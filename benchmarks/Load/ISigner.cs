namespace ZenkoFunctions.Benchmarks.Load;

/// <summary>Writes and signs heads of requests. One a connection, not shared.</summary>
internal interface ISigner
{
    /// <summary>
    /// The head of a request. <paramref name="path"/> and <paramref name="query"/> are sent and signed as they are: both
    /// must be in canonical form already (unreserved characters, or in S3's protocol percent-encoded; parameters sorted, each with '=').
    /// </summary>
    int Write(Span<byte> head, ReadOnlySpan<byte> method, ReadOnlySpan<byte> path, ReadOnlySpan<byte> query, long? length);
}
