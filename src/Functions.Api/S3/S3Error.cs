namespace ZenkoFunctions.Api.S3;

/// <summary>An error of the S3 protocol: a line of the table in <see cref="S3Errors"/>.</summary>
/// <param name="Code">The code that clients switch on.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Message">What went wrong and what to do next.</param>
public sealed record S3Error(string Code, int Status, string Message);

/// <summary>Malformed input. Caught by the gateway, answered with the error.</summary>
public sealed class S3Exception(S3Error error, string? detail = null) : Exception(detail ?? error.Message)
{
    /// <summary>The line of the table.</summary>
    public S3Error Error => error;

    /// <summary>Replaces the table's message where it says more.</summary>
    public string? Detail => detail;

    /// <summary>Further elements of the error document (CanonicalRequest, StringToSign …), in order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Fields { get; init; } = [];

    /// <summary>Whether it is a signature that does not match the request as it was read: another reading may.</summary>
    public bool IsMismatch { get; init; } = error == S3Errors.SignatureDoesNotMatch;
}
