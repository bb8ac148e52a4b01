namespace ZenkoFunctions.Api.S3.Parsing;

/// <summary>Version ids in parameters. While buckets are unversioned, every version is the one called <c>null</c>.</summary>
public static class VersionIds
{
    /// <summary>
    /// Whether the id names the current version: there is none, or it is <c>null</c>. False for another that could be one
    /// (no such version); InvalidArgument for what cannot.
    /// </summary>
    public static bool IsCurrent(string? versionId)
    {
        if (versionId is null or "null") return true;
        if (versionId.Length is 0 or > 1024 || versionId.AsSpan().ContainsAnyExcept(Letters))
            throw Invalid.Argument("versionId", versionId, "This cannot be the id of a version.");
        return false;
    }

    private static readonly System.Buffers.SearchValues<char> Letters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
}
