namespace ZenkoFunctions.Contracts.Faults;

/// <summary>What a <see cref="FaultProxy"/> does to a request. Bytes count from the begin of the body.</summary>
public abstract record Fault
{
    /// <summary>The connection is reset before anything is answered.</summary>
    public sealed record Reset : Fault;

    /// <summary>Nothing is answered until the client gives up.</summary>
    public sealed record Hang : Fault;

    /// <summary>Answered by the proxy; the service hears nothing of it. Headers end with CRLF, each.</summary>
    public sealed record Answer(int Status, string Body = "", string Headers = "") : Fault
    {
        /// <summary>An error the way S3 says it.</summary>
        public static Answer S3(int status, string code) =>
            new(status, $"<Error><Code>{code}</Code><Message>as told</Message></Error>", "Content-Type: application/xml\r\n");

        /// <summary>Whether it comes before the body was read.</summary>
        public bool IsEarly { get; init; }
    }

    /// <summary>The service gets another head.</summary>
    public sealed record Rewrite(string Head) : Fault;

    /// <summary>Both connections are reset when so much of the request went over.</summary>
    public sealed record CutRequest(long After) : Fault;

    /// <summary>The request is made shorter on the way, and says so: but by a digest the service cannot notice.</summary>
    public sealed record ShortenRequest(long To) : Fault;

    /// <summary>A byte of the request is changed on the way.</summary>
    public sealed record CorruptRequest(long At) : Fault;

    /// <summary>The service does its work, but the answer does not arrive.</summary>
    public sealed record LoseAnswer : Fault;

    /// <summary>The connection is cut when so much of the answer went over.</summary>
    public sealed record CutAnswer(long After) : Fault;

    /// <summary>A byte of the answer is changed on the way.</summary>
    public sealed record CorruptAnswer(long At) : Fault;
}
