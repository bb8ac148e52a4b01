namespace ZenkoFunctions.Infra.Tests.Bicep;

/// <summary>A template that the reader does not understand, or that Azure would refuse.</summary>
public sealed class BicepException(string file, int line, string message) : Exception($"{Path.GetFileName(file)}({line}): {message}");
