namespace ZenkoFunctions.Cli.Probing;

/// <summary>What a check came to.</summary>
internal enum Verdict
{
    /// <summary>As S3 has it.</summary>
    Ok,

    /// <summary>Something does not work, with which most can live once they know.</summary>
    Limited,

    /// <summary>Clients will fail, or somebody can do what they must not.</summary>
    Broken,
}

/// <summary>A check's result.</summary>
/// <param name="Verdict">How bad it is.</param>
/// <param name="Saw">What was seen, in a few words.</param>
/// <param name="Means">What that means to those who use the endpoint; empty where all is well.</param>
/// <param name="Advice">What its operator can do.</param>
internal sealed record Finding(Verdict Verdict, string Saw, string Means = "", string Advice = "")
{
    public static Finding Ok(string saw) => new(Verdict.Ok, saw);

    public static Finding Limited(string saw, string means, string advice) => new(Verdict.Limited, saw, means, advice);

    public static Finding Broken(string saw, string means, string advice) => new(Verdict.Broken, saw, means, advice);
}

/// <summary>Something to find out.</summary>
/// <param name="Name">What it is about; the same in every report, so that reports can be compared.</param>
/// <param name="Run">Finds it out. What it throws for a connection that fails is a finding too.</param>
internal sealed record Check(string Name, Func<Session, CancellationToken, Task<Finding>> Run);

/// <summary>A check with its result.</summary>
internal sealed record Probed(string Check, Finding Finding);
