using Microsoft.AspNetCore.Http;

namespace ZenkoFunctions.Api.S3.Parsing;

/// <summary>The text of headers. The server decodes them as UTF-8, both ways.</summary>
public static class HeaderText
{
    /// <summary>A header's value, or null where there is none; several are joined by commas.</summary>
    public static string? Text(this IHeaderDictionary headers, string name) =>
        headers.TryGetValue(name, out var values) && values.Count > 0 ? values.ToString() : null;
}
