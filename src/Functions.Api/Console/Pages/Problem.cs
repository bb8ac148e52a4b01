namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>What stands in the way.</summary>
/// <param name="Title">In a few words.</param>
/// <param name="Advice">What to do.</param>
/// <param name="Detail">What the server said; null for nothing.</param>
public sealed record Problem(string Title, string Advice, string? Detail);
