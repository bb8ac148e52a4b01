using Microsoft.AspNetCore.Http;

namespace ZenkoFunctions.Api.S3.Parsing;

/// <summary>
/// Headers of capabilities that are not there yet. A request that carries one is refused with NotImplemented: an object that
/// was meant to be encrypted must not be stored otherwise in silence. The gateway asks for every operation.
/// </summary>
/// <remarks>
/// Not among them are x-amz-mfa and x-amz-request-payer: they only say what the sender
/// grants where there is a protection or a fee, and there is none.
/// Not among them are x-amz-mfa and x-amz-bypass-governance-retention: they only say what the sender
/// grants where there is a protection.
/// </remarks>
public static class UnservedHeaders
{
    private static readonly string[] Prefixes =
    [
        "x-amz-server-side-encryption", "x-amz-copy-source-server-side-encryption",
    ];

    private static readonly string[] Names = ["x-amz-write-offset-bytes", "x-amz-object-annotation-directive"];

    /// <summary>Refuses a request that asks for more than there is.</summary>
    public static void Refuse(IHeaderDictionary headers)
    {
        foreach (var (name, _) in headers)
        {
            if (!name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase)) continue;
            foreach (var prefix in Prefixes)
                if (name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && !IsServed(name)) throw Invalid.NotServed(name);
            if (Names.Contains(name, StringComparer.OrdinalIgnoreCase)) throw Invalid.NotServed(name);
        }
    }

    // A misspelt header of a served capability is refused like one of a capability that is not there.
    private static bool IsServed(string name) => EncryptionHeaders.Served.Contains(name, StringComparer.OrdinalIgnoreCase);
}
