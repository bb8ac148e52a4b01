using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Iam;

/// <summary>What the parameters of a role may be, where it is made and where it is changed.</summary>
internal static class RoleLimits
{
    // IAM's quotas: characters of a trust policy and of a description.
    private const int TrustCharacters = 2048, DescriptionCharacters = 1000;
    private const int Hour = 3600;

    /// <summary>The description; null where there is none. Throws ValidationError.</summary>
    public static string? Description(IamForm form) => form["Description"] is not { Length: > DescriptionCharacters } and var description
        ? description
        : throw IamForm.Invalid($"1 validation error detected: Value at 'description' failed to satisfy constraint: Member must have length less than or equal to {DescriptionCharacters}");

    /// <summary>The longest session; null where that is not said. Throws ValidationError.</summary>
    public static TimeSpan? LongestSession(IamForm form) =>
        form.Integer("MaxSessionDuration", Hour, 12 * Hour) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>What to answer to a trust policy that is too long; null where it is not.</summary>
    public static Reply? Refuse(IamCall call, string trustPolicy) =>
        trustPolicy.Length > TrustCharacters ? call.Refused(IamErrors.LimitExceeded, $"Cannot exceed quota for ACLSizePerRole: {TrustCharacters}") : null;
}
