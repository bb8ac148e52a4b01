using System.Text;
using ZenkoFunctions.Api.S3.Parsing;

namespace ZenkoFunctions.Api.S3.Listing;

/// <summary>The parameters that all listings of a bucket have. Each is echoed in the reply.</summary>
/// <param name="Prefix">Empty for all.</param>
/// <param name="Delimiter">Null for none; an empty one counts as none.</param>
/// <param name="Limit">What the client asked for, 1,000 at most.</param>
/// <param name="IsEncoded">Whether names are to be percent-encoded (<c>encoding-type=url</c>).</param>
public sealed record ListParameters(string Prefix, string? Delimiter, int Limit, bool IsEncoded)
{
    /// <summary>The most keys, uploads or common prefixes on a page.</summary>
    public const int MaxLimit = 1000;

    /// <summary>Reads them; throws InvalidArgument.</summary>
    /// <param name="call">The request.</param>
    /// <param name="limit">What the limit is called: max-keys, max-uploads.</param>
    public static ListParameters Read(S3Call call, string limit)
    {
        var delimiter = Name(call, "delimiter");
        return new(
            Name(call, "prefix") ?? "",
            string.IsNullOrEmpty(delimiter) ? null : delimiter,
            Math.Min(Numbers.Parameter(limit, call.Query(limit)) ?? MaxLimit, MaxLimit),
            IsUrlEncoded(call));
    }

    /// <summary>Whether names are to be percent-encoded; throws InvalidArgument where the parameter says anything but <c>url</c>.</summary>
    public static bool IsUrlEncoded(S3Call call) => call.Query("encoding-type") switch
    {
        null => false,
        "url" => true,
        var other => throw Invalid.Argument("encoding-type", other, "encoding-type may only be url."),
    };

    /// <summary>A parameter that is a key or a piece of one: at most 1,024 bytes; null where it is absent.</summary>
    public static string? Name(S3Call call, string parameter)
    {
        var name = call.Query(parameter);
        if (name is not null && Encoding.UTF8.GetByteCount(name) > Address.MaxKeyBytes)
            throw Invalid.Argument(parameter, null, $"{parameter} may have at most 1,024 bytes, as keys do.");
        return name;
    }
}
