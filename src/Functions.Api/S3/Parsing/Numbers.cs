using System.Globalization;

namespace ZenkoFunctions.Api.S3.Parsing;

/// <summary>Numbers in parameters and headers.</summary>
public static class Numbers
{
    /// <summary>The largest part number.</summary>
    public const int MaxPart = 10_000;

    /// <summary>A part number from 1 to 10,000; InvalidArgument otherwise, and where there is none.</summary>
    public static int PartNumber(string? text) =>
        Parse(text) is { } number and >= 1 and <= MaxPart
            ? (int)number
            : throw Invalid.Argument("partNumber", text, "A part number is a whole number from 1 to 10000.");

    /// <summary>A parameter from 0 to 2,147,483,647; InvalidArgument otherwise; null where there is none or it is empty.</summary>
    public static int? Parameter(string name, string? text)
    {
        if (string.IsNullOrEmpty(text)) return null;
        return Parse(text) is { } number and <= int.MaxValue
            ? (int)number
            : throw Invalid.Argument(name, text, $"{name} must be a whole number from 0 to 2147483647.");
    }

    /// <summary>Digits only; null otherwise.</summary>
    public static long? Parse(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
