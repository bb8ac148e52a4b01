using System.Collections.Frozen;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Utapi;

/// <summary>The errors that only Utapi has, one line each. Answered as <c>{"code":…,"message":…}</c>.</summary>
public static class UtapiErrors
{
#pragma warning disable format // a table
    /// <summary>A line of the table: its name is its code.</summary>
    public static readonly S3Error
        IncompleteSignature         = new("IncompleteSignature", 403, "The signature lacks something, or is not of the form that version 4 has."),
        InvalidAction               = new("InvalidAction", 400, "There is no such action."),
        InvalidParameterCombination = new("InvalidParameterCombination", 400, "Parameters were sent together that exclude each other."),
        InvalidParameterValue       = new("InvalidParameterValue", 400, "A parameter has a value that it cannot have."),
        InvalidQueryParameter       = new("InvalidQueryParameter", 400, "There is no such parameter of the query."),
        MalformedQueryString        = new("MalformedQueryString", 404, "The query cannot be read."),
        MissingAction               = new("MissingAction", 400, "The query names no action."),
        MissingAuthenticationToken  = new("MissingAuthenticationToken", 403, "Sign the request, with version 4."),
        MissingParameter            = new("MissingParameter", 400, "A parameter is missing."),
        RequestExpired              = new("RequestExpired", 400, "The request was signed too long ago, or too far ahead; set the clock."),
        ValidationError             = new("ValidationError", 400, "The body is not the JSON document that is expected here.");
#pragma warning restore format

    private static readonly FrozenDictionary<S3Error, S3Error> OfS3 = new Dictionary<S3Error, S3Error>
    {
        [S3Errors.AuthorizationHeaderMalformed] = IncompleteSignature,
        [S3Errors.AuthorizationQueryParametersError] = IncompleteSignature,
        [S3Errors.InvalidArgument] = IncompleteSignature,
        [S3Errors.RequestTimeTooSkewed] = RequestExpired,
    }.ToFrozenDictionary();

    /// <summary>What is wrong with a signature, in Utapi's terms.</summary>
    public static S3Error OfSignature(S3Error error) => OfS3.GetValueOrDefault(error, error);
}
