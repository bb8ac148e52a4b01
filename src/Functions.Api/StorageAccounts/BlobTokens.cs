using ZenkoFunctions.Api.Blob;
using ZenkoFunctions.Core.BlobAccounts;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.StorageAccounts;

/// <summary>Tokens of our own for the data of storage accounts, as <c>az storage … --auth-mode login</c> sends them.</summary>
/// <param name="tokens">Verify them.</param>
public sealed class BlobTokens(Tokens tokens) : IBlobTokens
{
    /// <inheritdoc/>
    public async ValueTask<Principal?> Verify(string jwt, BlobAccount account, CancellationToken ct) =>
        await tokens.Verify(jwt, ct) is { } token && Audience.IsStorage(token.Audience, account.Name) ? token.Key.Principal : null;
}
