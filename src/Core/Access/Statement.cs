namespace ZenkoFunctions.Core.Access;

/// <summary>What a statement does where it matches.</summary>
internal enum Effect
{
    Allow,
    Deny,
}

/// <summary>How a statement matches a sender.</summary>
internal enum Match
{
    None,

    /// <summary>It names the sender's account, which in its turn decides about its users.</summary>
    Account,

    /// <summary>It names the sender itself, or everybody.</summary>
    Direct,
}

/// <summary>A statement of a policy. Lists that an identity's or a role's policy does not have are null and match everything.</summary>
internal sealed record Statement(
    Effect Effect, PrincipalList? Principals, PatternList Actions, PatternList? Resources, IReadOnlyList<ConditionLine> Conditions)
{
    public bool IsPublic =>
        Effect == Effect.Allow && Principals is { NamesEverybody: true } && !Conditions.Any(condition => condition.Narrows);

    public Match Matches(AccessRequest request)
    {
        if (!Actions.Matches(request.Action, request)) return Match.None;
        if (Resources is not null && !Resources.Matches(request.Resource, request)) return Match.None;
        var match = Principals?.Matches(request.Caller, Effect) ?? Match.Direct;
        if (match == Match.None) return Match.None;
        foreach (var condition in Conditions)
            if (!condition.Holds(request)) return Match.None;
        return match;
    }

    /// <summary>
    /// Whether it denies the action on anything whose name begins so, as far as can be told without looking at it: what it asks of the
    /// object itself is taken to hold.
    /// </summary>
    public bool DeniesBelow(string prefix, AccessRequest request) =>
        Effect == Effect.Deny && Actions.Matches(request.Action, request) && (Resources?.MatchesBelow(prefix, request) ?? true)
        && (Principals?.Matches(request.Caller, Effect) ?? Match.Direct) != Match.None
        && Conditions.All(condition => condition.Key.StartsWith("s3:", StringComparison.OrdinalIgnoreCase) || condition.Holds(request));
}

/// <summary>Action, NotAction, Resource or NotResource.</summary>
internal sealed record PatternList(IReadOnlyList<Pattern> Patterns, bool IsNegated, bool IgnoreCase)
{
    public bool Matches(string text, AccessRequest request)
    {
        foreach (var pattern in Patterns)
            if (pattern.Matches(text, request, IgnoreCase)) return !IsNegated;
        return IsNegated;
    }

    /// <summary>Whether it may match something whose name begins so.</summary>
    public bool MatchesBelow(string prefix, AccessRequest request) => IsNegated || Patterns.Any(pattern => pattern.MatchesBelow(prefix, request));
}

/// <summary>Principal or NotPrincipal.</summary>
internal sealed record PrincipalList(
    bool Everybody, IReadOnlyList<string> Accounts, IReadOnlyList<string> Names, IReadOnlyList<string> CanonicalIds, bool IsNegated)
{
    /// <summary>Whether people who prove nothing are among those it names. NotPrincipal leaves out a few only.</summary>
    public bool NamesEverybody => IsNegated ? !Everybody : Everybody;

    public Match Matches(Caller caller, Effect effect)
    {
        var named = Named(caller);
        if (!IsNegated) return named;
        // A user whose account is exempt from a denial is exempt itself only where it is named too (AWS: NotPrincipal with Deny).
        if (named == Match.Account && effect == Effect.Deny && caller.Policies is not null) return Match.Direct;
        return named == Match.None ? Match.Direct : Match.None;
    }

    private Match Named(Caller caller)
    {
        if (Everybody) return Match.Direct;
        if (caller.IsAnonymous) return Match.None;
        if (Has(Names, caller.Arn) || Has(Names, caller.RoleArn) || Has(Names, caller.UserId)) return Match.Direct;
        return Has(Accounts, caller.AccountId) || Has(CanonicalIds, caller.CanonicalId)
            ? caller.Policies is null ? Match.Direct : Match.Account
            : Match.None;
    }

    private static bool Has(IReadOnlyList<string> names, string? name)
    {
        if (name is null) return false;
        foreach (var candidate in names)
            if (candidate == name) return true;
        return false;
    }
}
