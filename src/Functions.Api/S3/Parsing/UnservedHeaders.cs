using Microsoft.AspNetCore.Http;

namespace ZenkoFunctions.Api.S3.Parsing;

/// <summary>
/// Headers of capabilities that are not there yet. A write that carries one is refused with NotImplemented: an object that
/// was meant to be encrypted, locked or public must not be stored otherwise in silence.
/// </summary>
public static class UnservedHeaders
{
    private static readonly string[] Prefixes =
    [
        "x-amz-grant-", "x-amz-server-side-encryption", "x-amz-copy-source-server-side-encryption", "x-amz-object-lock-",
    ];

    private static readonly string[] CannedAcls =
    [
        "private", "public-read", "public-read-write", "authenticated-read", "aws-exec-read", "bucket-owner-read",
        "bucket-owner-full-control", "log-delivery-write",
    ];

    /// <summary>Refuses a write that asks for more than there is.</summary>
    public static void Refuse(IHeaderDictionary headers)
    {
        foreach (var (name, _) in headers)
        {
            foreach (var prefix in Prefixes)
                if (name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) throw Invalid.NotServed(name);
        }
        if (!string.IsNullOrEmpty(headers.Text("x-amz-tagging"))) throw Invalid.NotServed("x-amz-tagging");
        if (headers.Text("x-amz-write-offset-bytes") is not null) throw Invalid.NotServed("x-amz-write-offset-bytes");
        CheckAcl(headers.Text("x-amz-acl"));
    }

    /// <summary>Objects are private, and their bucket's owner controls them: these two change nothing.</summary>
    private static void CheckAcl(string? acl)
    {
        if (acl is null or "private" or "bucket-owner-full-control") return;
        throw CannedAcls.Contains(acl)
            ? Invalid.NotServed("x-amz-acl")
            : Invalid.Argument("x-amz-acl", acl, "There is no such canned ACL.");
    }
}
