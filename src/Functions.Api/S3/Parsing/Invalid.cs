namespace ZenkoFunctions.Api.S3.Parsing;

/// <summary>Ways to say what is wrong with a header or parameter.</summary>
internal static class Invalid
{
    /// <summary>InvalidArgument with the argument's name and value in the document, as AWS gives them.</summary>
    public static S3Exception Argument(string name, string? value, string detail) =>
        new(S3Errors.InvalidArgument, detail) { Fields = [new("ArgumentName", name), new("ArgumentValue", value ?? "")] };

    /// <summary>InvalidRequest.</summary>
    public static S3Exception Request(string detail) => new(S3Errors.InvalidRequest, detail);

    /// <summary>A header that asks for something that is not there: refused, because dropping it would be a lie.</summary>
    public static S3Exception NotServed(string header) =>
        new(S3Errors.NotImplemented, "A header asks for something that this server does not implement.")
        {
            Fields = [new("Header", header)],
        };
}
