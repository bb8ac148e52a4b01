namespace ZenkoFunctions.Api.Console.Parts;

/// <summary>An amount.</summary>
/// <param name="Name">Of what.</param>
/// <param name="Amount">How much.</param>
/// <param name="Told">How much, for people.</param>
/// <param name="Href">More about it; null for nothing.</param>
public sealed record Bar(string Name, double Amount, string Told, string? Href = null);
