using System.Text.Json.Serialization;

namespace ZenkoFunctions.Core.Access;

/// <summary>What a policy is attached to: that decides which elements its statements must and may have.</summary>
public enum PolicyKind
{
    /// <summary>To a user or session: says what it may do, so it names no principal.</summary>
    Identity,

    /// <summary>To a bucket: says who may do what in that bucket alone.</summary>
    Bucket,

    /// <summary>To a role: says who may assume it, so it names no resource.</summary>
    Trust,
}

/// <summary>A policy document in AWS's grammar, read and immutable. Stored and shown as the text it came as.</summary>
[JsonConverter(typeof(PolicyJson))]
public sealed class Policy
{
    /// <summary>The most bytes that a document may have.</summary>
    public const int MaxBytes = 20 * 1024;

    internal Policy(string text, IReadOnlyList<Statement> statements)
    {
        (Text, Statements) = (text, statements);
        foreach (var statement in statements)
        {
            foreach (var condition in statement.Conditions)
            {
                UsesObjectTags |= condition.Key.StartsWith(ConditionKeys.ExistingObjectTag, StringComparison.OrdinalIgnoreCase);
            }
        }
    }

    /// <summary>The document as it came.</summary>
    public string Text { get; }

    /// <summary>Whether it asks for tags of the object itself, so that its row has to be read first.</summary>
    public bool UsesObjectTags { get; }

    /// <summary>Its statements, in order.</summary>
    internal IReadOnlyList<Statement> Statements { get; }

    /// <summary>
    /// Whether it opens something to anybody whatever they prove, by AWS's rule: an Allow for everybody that no condition
    /// narrows to known networks, accounts or principals.
    /// </summary>
    public bool IsPublic => Statements.Any(statement => statement.IsPublic);

    /// <summary>Reads a document.</summary>
    /// <param name="json">The text.</param>
    /// <param name="kind">What it is attached to.</param>
    /// <param name="bucket">The only bucket that a bucket's policy may name; null leaves that open.</param>
    /// <returns>The policy, or <see cref="Refusal.MalformedPolicy"/> and what is wrong.</returns>
    public static Result<Policy> Parse(string json, PolicyKind kind, string? bucket = null) => PolicyReader.Read(json, kind, bucket);

    /// <summary>What it says of a request; explicit denials win.</summary>
    public Verdict Judge(AccessRequest request)
    {
        var verdict = Verdict.None;
        foreach (var statement in Statements)
        {
            if (statement.Matches(request) is not (not Match.None and var match)) continue;
            if (statement.Effect == Effect.Deny) return Verdict.Denied;
            if (match == Match.Direct) verdict = Verdict.Allowed;
            else if (verdict == Verdict.None) verdict = Verdict.Delegated;
        }
        return verdict;
    }
}

/// <summary>What one policy says of a request.</summary>
public enum Verdict
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It leaves the decision to the sender's account: its root may, its users where their own policies say so.</summary>
    Delegated,

    /// <summary>It allows it.</summary>
    Allowed,

    /// <summary>It denies it, whatever else allows it.</summary>
    Denied,
}

/// <summary>A request as policies see it.</summary>
/// <param name="Caller">Who sends it.</param>
/// <param name="Action">The action: <c>s3:GetObject</c>.</param>
/// <param name="Resource">What it is done to: <c>arn:aws:s3:::bucket/key</c>.</param>
/// <param name="Keys">The values of a condition key, by its name in any case; null where the request has no such key.</param>
public sealed record AccessRequest(Caller Caller, string Action, string Resource, Func<string, IReadOnlyList<string>?> Keys)
{
    /// <summary>
    /// Steps of comparing characters that a decision may take: some 10 ms. Policies that people write take thousands; but one
    /// that is full of wildcards and variables could take minutes for headers that fit it.
    /// </summary>
    private const int Steps = 4_000_000;

    private int left = Steps;

    /// <summary>Whether the steps were used up. What was not judged could have been a denial, so then it is denied.</summary>
    internal bool IsExhausted => left < 0;

    /// <summary>Takes steps; false where there are none left.</summary>
    internal bool Spend(int steps) => left >= 0 && (left -= Math.Min(steps, Steps + 1)) >= 0;
}

/// <summary>Who sends a request, in terms of policies.</summary>
public sealed record Caller
{
    /// <summary>Nobody in particular.</summary>
    public static readonly Caller Anonymous = new();

    /// <summary>The account's id; null for an unsigned request.</summary>
    public string? AccountId { get; init; }

    /// <summary>The account's canonical id; null for an unsigned request.</summary>
    public string? CanonicalId { get; init; }

    /// <summary>The ARN of the user, session or account root that acts.</summary>
    public string? Arn { get; init; }

    /// <summary>The role of a session, by its ARN; null for others.</summary>
    public string? RoleArn { get; init; }

    /// <summary>A user's unique id; null for others.</summary>
    public string? UserId { get; init; }

    /// <summary>The policies that a user or session needs an Allow of; null for an account's root, which none restricts.</summary>
    public IReadOnlyList<Policy>? Policies { get; init; }

    /// <summary>What a session restricted itself to: it must allow as well. Null where there is none.</summary>
    public Policy? SessionPolicy { get; init; }

    /// <summary>Whether the request was unsigned.</summary>
    public bool IsAnonymous => AccountId is null;
}
