using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Search;

namespace ZenkoFunctions.Api.S3.Listing;

/// <summary>Zenko's parameter <c>search</c>: of a listing, only what an expression is true of.</summary>
internal static class SearchParameter
{
    private const string Name = "search";

    /// <summary>The expression; null for a listing of everything. Throws InvalidArgument.</summary>
    public static SearchExpression? Read(S3Call call)
    {
        if (call.Query(Name) is not { } text) return null;
        if (call.Query("list-type") is { } type and not "2") throw Invalid.Argument("list-type", type, "Invalid List Type specified in Request");
        return Found(SearchExpression.Parse(text));
    }

    /// <summary>What was found; throws InvalidArgument where the expression was refused.</summary>
    public static T Found<T>(Result<T> found) =>
        found.Refusal is null ? found.Value : throw Invalid.Argument(Name, null, found.Detail ?? "The search was refused.");
}
