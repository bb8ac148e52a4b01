namespace ZenkoFunctions.Api.S3.Parsing;

/// <summary>Version ids in parameters, opaque to clients: <c>null</c>, or letters and digits that a reply has named.</summary>
public static class VersionIds
{
    /// <summary>The id, or null for none; InvalidArgument for what cannot be one.</summary>
    public static string? Parse(string? versionId)
    {
        if (versionId is null) return null;
        if (versionId.Length is 0 or > 1024 || versionId.AsSpan().ContainsAnyExcept(Letters))
            throw Invalid.Argument("versionId", versionId, "Invalid version id specified: this cannot be the id of a version.");
        return versionId;
    }

    private static readonly System.Buffers.SearchValues<char> Letters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
}
