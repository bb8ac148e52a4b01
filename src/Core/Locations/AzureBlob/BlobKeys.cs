namespace ZenkoFunctions.Core.Locations.AzureBlob;

/// <summary>Keys of S3 as names of blobs. Azure takes some to be others, and those it must not be given.</summary>
internal static class BlobKeys
{
    private const int MostCharacters = 1024;

    /// <summary>Why there can be no blob of that name; null where there can.</summary>
    public static string? Problem(string key)
    {
        if (key.Length > MostCharacters) return "its name has more than 1,024 characters";
        if (key.Contains('\\', StringComparison.Ordinal)) return "it takes a backslash for a slash";
        foreach (var segment in key.AsSpan().Split('/'))
            if (key.AsSpan(segment).EndsWith(".", StringComparison.Ordinal)) return "it takes no notice of dots at the end of a name or before a slash";
        foreach (var c in key)
            if (char.IsControl(c)) return "its name has control characters";
        return null;
    }

    /// <summary>The key in a URL.</summary>
    public static string Escape(string key) => string.Join('/', key.Split('/').Select(Uri.EscapeDataString));
}
