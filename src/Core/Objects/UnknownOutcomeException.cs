namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// A commit's answer was lost and could not be read back: it may have taken place. The client is told to try again; bytes
/// that the commit refers to stay.
/// </summary>
public sealed class UnknownOutcomeException() : IOException("The state could not be reached; whether the change was made is unknown.");
