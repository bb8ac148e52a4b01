using ZenkoFunctions.Core.BlobAccounts;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Blob;

/// <summary>Verifies the tokens of Bearer authentication.</summary>
public interface IBlobTokens
{
    /// <summary>
    /// Who a token was given to, with the policies that hold now; null where its signature, issuer, audience or time is wrong, or who
    /// it was given to is gone. Throws nothing for a malformed token. Whether the user may do anything in the storage account is asked
    /// later, as for every request.
    /// </summary>
    /// <param name="jwt">The token as it stood behind <c>Bearer</c>, at most 16 KiB.</param>
    /// <param name="account">The storage account that it is sent to; a token may be for this one alone.</param>
    /// <param name="ct">Ends the look-up.</param>
    ValueTask<Principal?> Verify(string jwt, BlobAccount account, CancellationToken ct);
}
