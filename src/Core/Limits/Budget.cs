namespace ZenkoFunctions.Core.Limits;

/// <summary>The buckets of tokens of one that is limited: one for each kind of request, and one for the bytes that are sent.</summary>
internal sealed class Budget(Limited of)
{
    private static readonly RequestKind[] Kinds = Enum.GetValues<RequestKind>();

    private readonly TokenBucket[] requests = [.. Kinds.Select(_ => new TokenBucket())];
    private readonly TokenBucket bytes = new();

    /// <summary>What it is of, with the limits as they were seen last.</summary>
    public Limited Of { get; set; } = of;

    /// <summary>One at a time reads and writes its row; held until the row has been read for the first time.</summary>
    public SemaphoreSlim Row { get; } = new(1);

    /// <summary>Whether its row has been looked at.</summary>
    public bool IsRead;

    /// <summary>What a request of a kind is paid from.</summary>
    public (TokenBucket Tokens, Allowance Allowance) For(RequestKind kind) => (requests[(int)kind], Of.Limits?.Of(kind) ?? default);

    /// <summary>What bytes are paid from.</summary>
    public (TokenBucket Tokens, Allowance Allowance) ForBytes => (bytes, Of.Limits?.OfBytes() ?? default);

    /// <summary>All that are limited, by the names that their levels are stored under.</summary>
    public IEnumerable<(string Name, TokenBucket Tokens, Allowance Allowance)> All() =>
        Kinds.Select(kind => (kind.ToString().ToLowerInvariant(), For(kind)))
            .Append(("out", ForBytes))
            .Where(each => each.Item2.Allowance.IsLimit)
            .Select(each => (each.Item1, each.Item2.Tokens, each.Item2.Allowance));

    /// <summary>Whether others know all that was taken.</summary>
    public bool IsTold => IsRead && All().All(each => each.Tokens.Untold == 0);

    /// <summary>Whether nothing of it is missing.</summary>
    public bool IsFull(double now) => All().All(each => each.Tokens.Level(each.Allowance, now) >= each.Allowance.Burst);
}
