namespace ZenkoFunctions.Api.S3.Parsing;

/// <summary>ETags in headers and messages.</summary>
public static class ETags
{
    /// <summary>
    /// The list of a conditional header, without quotes; null where there is none. Weak marks are dropped, since S3 compares
    /// strongly and never gives a weak one, and unquoted tags are taken as they are: many clients send them so.
    /// </summary>
    public static IReadOnlyList<string>? Parse(string? header)
    {
        if (header is null) return null;
        List<string> tags = [];
        for (var rest = header.AsSpan(); !rest.IsEmpty;)
        {
            var end = EndOfItem(rest);
            // An empty tag in quotes is one, which no object has; nothing at all between two commas is none.
            if (rest[..end].Trim() is { IsEmpty: false } tag) tags.Add(Unquote(tag));
            rest = rest[Math.Min(end + 1, rest.Length)..];
        }
        return tags.Count == 0 ? null : tags;
    }

    /// <summary>
    /// The same for a write or a delete, where a condition that says nothing must not pass for none: InvalidArgument.
    /// </summary>
    public static IReadOnlyList<string>? ParseForWrite(string name, string? value) =>
        Parse(value) ?? (value is null ? null : throw Invalid.Argument(name, value, $"{name} names no ETag; give one, or leave it out."));

    /// <summary>One ETag without quotes and weak mark.</summary>
    public static string Unquote(ReadOnlySpan<char> tag)
    {
        if (tag.StartsWith("W/")) tag = tag[2..];
        return (tag.Length >= 2 && tag[0] == '"' && tag[^1] == '"' ? tag[1..^1] : tag).ToString();
    }

    /// <summary>As it goes over the wire.</summary>
    public static string Quote(string tag) => $"\"{tag}\"";

    private static int EndOfItem(ReadOnlySpan<char> list)
    {
        var isQuoted = false;
        for (var i = 0; i < list.Length; i++)
        {
            if (list[i] == '"') isQuoted = !isQuoted;
            else if (list[i] == ',' && !isQuoted) return i;
        }
        return list.Length;
    }
}
