using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;

namespace ZenkoFunctions.Api.Iam;

/// <summary>The errors of IAM and STS, one line each. Codes and statuses are AWS's; the messages say what to do next.</summary>
public static class IamErrors
{
#pragma warning disable format // a table
    /// <summary>A line of the table: its name is its code.</summary>
    public static readonly S3Error
        AccessDenied             = new("AccessDenied", 403, "No policy of the caller allows this."),
        DeleteConflict           = new("DeleteConflict", 409, "Something belongs to it still; delete that first."),
        EntityAlreadyExists      = new("EntityAlreadyExists", 409, "There is something of this name already."),
        ExpiredToken             = new("ExpiredToken", 403, "The security token included in the request is expired"),
        IncompleteSignature      = new("IncompleteSignature", 400, "The signature cannot be read; sign the request with AWS Signature Version 4."),
        InternalFailure          = new("InternalFailure", 500, "The server failed; try again, and if it stays so give its operator the request id."),
        InvalidAction            = new("InvalidAction", 400, "There is no such operation here."),
        InvalidClientTokenId     = new("InvalidClientTokenId", 403, "The security token included in the request is invalid."),
        InvalidInput             = new("InvalidInput", 400, "A parameter has a value that is not allowed here."),
        LimitExceeded            = new("LimitExceeded", 409, "This would be more than there may be."),
        MalformedPolicyDocument  = new("MalformedPolicyDocument", 400, "The policy is not a valid policy document."),
        MalformedQueryString     = new("MalformedQueryString", 400, "A parameter stands in the request twice."),
        NoSuchEntity             = new("NoSuchEntity", 404, "There is nothing of this name."),
        NotImplemented           = new("NotImplemented", 501, "This server does not implement what the request asks for."),
        PackedPolicyTooLarge     = new("PackedPolicyTooLarge", 400, "The session policy is too large."),
        RequestEntityTooLarge    = new("RequestEntityTooLarge", 413, "The request is larger than it may be."),
        ServiceUnavailable       = new("ServiceUnavailable", 503, "The server cannot answer now; try again later."),
        SignatureDoesNotMatch    = new("SignatureDoesNotMatch", 403, "The signature is not the one that the server calculated; check the secret key and the clock."),
        ValidationError          = new("ValidationError", 400, "A parameter is missing or malformed.");
#pragma warning restore format

    /// <summary>What the verifier of signatures and the reader of bodies throw, in the terms of these services.</summary>
    public static S3Error From(S3Error error) => error.Code switch
    {
        "InvalidAccessKeyId" or "InvalidToken" => InvalidClientTokenId,
        "ExpiredToken" => ExpiredToken,
        "SignatureDoesNotMatch" or "RequestTimeTooSkewed" => SignatureDoesNotMatch,
        "AuthorizationHeaderMalformed" or "AuthorizationQueryParametersError" or "InvalidArgument" => IncompleteSignature,
        "EntityTooLarge" => RequestEntityTooLarge,
        _ => error,
    };

    /// <summary>A refusal of the domain in the terms of these services.</summary>
    public static S3Error From(Refusal refusal) => refusal switch
    {
        Refusal.IdentityTaken => EntityAlreadyExists,
        Refusal.NoSuchIdentity => NoSuchEntity,
        Refusal.InvalidRequest => ValidationError,
        Refusal.MalformedPolicy => MalformedPolicyDocument,
        Refusal.TooLarge => LimitExceeded,
        Refusal.Unavailable => ServiceUnavailable,
        _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, "The refusal has no error of IAM."),
    };
}
