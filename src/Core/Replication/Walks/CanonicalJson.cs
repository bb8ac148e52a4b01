using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ZenkoFunctions.Core.Replication.Walks;

/// <summary>
/// The one form of a JSON document, so that it can be signed however it is written (RFC 8785): members by name, no space, strings
/// escaped where they must be. Numbers are whole numbers that a double holds exactly; others are refused.
/// </summary>
public static class CanonicalJson
{
    private const long MostExact = 1L << 53;

    /// <summary>The bytes of that form, without one member of the document where it is named.</summary>
    /// <exception cref="FormatException">It has a number that is no whole one, or a name twice.</exception>
    public static byte[] Bytes(JsonElement document, string? without = null)
    {
        var text = new StringBuilder();
        Write(text, document, without);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void Write(StringBuilder text, JsonElement element, string? without)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                text.Append('{');
                string? last = null;
                foreach (var member in element.EnumerateObject().Where(member => member.Name != without).OrderBy(member => member.Name, StringComparer.Ordinal))
                {
                    if (member.Name == last) throw new FormatException($"The member '{last}' is there twice.");
                    if (last is not null) text.Append(',');
                    Write(text, last = member.Name);
                    text.Append(':');
                    Write(text, member.Value, null);
                }
                text.Append('}');
                break;
            case JsonValueKind.Array:
                text.Append('[');
                var isFirst = true;
                foreach (var item in element.EnumerateArray())
                {
                    if (!isFirst) text.Append(',');
                    isFirst = false;
                    Write(text, item, null);
                }
                text.Append(']');
                break;
            case JsonValueKind.String:
                Write(text, element.GetString()!);
                break;
            case JsonValueKind.Number:
                if (!element.TryGetInt64(out var number) || number is > MostExact or < -MostExact) throw new FormatException($"{element.GetRawText()} is no whole number.");
                text.Append(number.ToString(CultureInfo.InvariantCulture));
                break;
            default:
                text.Append(element.ValueKind switch { JsonValueKind.True => "true", JsonValueKind.False => "false", _ => "null" });
                break;
        }
    }

    private static void Write(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var unit in value)
        {
            _ = unit switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\b' => text.Append("\\b"),
                '\t' => text.Append("\\t"),
                '\n' => text.Append("\\n"),
                '\f' => text.Append("\\f"),
                '\r' => text.Append("\\r"),
                < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}"),
                _ => text.Append(unit),
            };
        }
        text.Append('"');
    }
}
