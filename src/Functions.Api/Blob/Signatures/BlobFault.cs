using System.Diagnostics.CodeAnalysis;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Blob.Signatures;

/// <summary>The errors of authentication with the element that Azure puts into them.</summary>
internal static class BlobFault
{
    private const string Detail = "AuthenticationErrorDetail";

    /// <summary>AuthenticationFailed, which tells why.</summary>
    public static S3Exception Failed(string detail) => new(BlobErrors.AuthenticationFailed) { Fields = [new(Detail, detail)] };

    /// <summary>AuthenticationFailed of a signature that another reading of the request may match.</summary>
    public static S3Exception Mismatch(string signature, string stringToSign) => new(BlobErrors.AuthenticationFailed)
    {
        Fields = [new(Detail, $"The signature '{signature}' is not that of any key of the account. The server signed this string: '{stringToSign}'.")],
        IsMismatch = true,
    };

    /// <summary>Throws InvalidAuthenticationInfo: what should authenticate has not the form that it must have.</summary>
    [DoesNotReturn]
    public static void Malformed(string detail) => throw new S3Exception(BlobErrors.InvalidAuthenticationInfo, detail);
}
