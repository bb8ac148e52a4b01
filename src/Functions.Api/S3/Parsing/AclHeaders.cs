using Microsoft.AspNetCore.Http;
using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3.Parsing;

/// <summary>Reads x-amz-acl and x-amz-grant-….</summary>
internal static class AclHeaders
{
    /// <summary>The header of the canned lists.</summary>
    public const string Canned = "x-amz-acl";

    /// <summary>The most grants that a list may have.</summary>
    public const int MaxGrants = 100;

    private static readonly (string Header, Permission Permission)[] Grants =
    [
        ("x-amz-grant-read", Permission.Read), ("x-amz-grant-write", Permission.Write),
        ("x-amz-grant-read-acp", Permission.ReadAcp), ("x-amz-grant-write-acp", Permission.WriteAcp),
        ("x-amz-grant-full-control", Permission.FullControl),
    ];

    /// <summary>Whether any of them is there.</summary>
    public static bool Any(IHeaderDictionary headers)
    {
        if (headers.ContainsKey(Canned)) return true;
        foreach (var (header, _) in Grants)
            if (headers.ContainsKey(header)) return true;
        return false;
    }

    /// <summary>The list that the headers say; null where they say none. Throws where they contradict each other or name nobody.</summary>
    /// <param name="call">The request.</param>
    /// <param name="owner">Whose the bucket or object is.</param>
    /// <param name="bucketOwner">Whose the bucket is that an object is in; null for a bucket's own list.</param>
    /// <param name="ct">Ends the look-up of accounts.</param>
    public static async ValueTask<Acl?> Read(S3Call call, Party owner, Party? bucketOwner, CancellationToken ct)
    {
        var canned = call.Header(Canned);
        var grants = await ReadGrants(call, ct);
        if (canned is null) return grants is null ? null : new(grants);
        if (grants is not null) throw Invalid.Request("Specifying both Canned ACLs and Header Grants is not allowed");
        return CannedAcls.Find(canned, owner, bucketOwner)
            ?? throw Invalid.Argument(Canned, canned, "There is no such canned ACL here.");
    }

    private static async ValueTask<List<Grant>?> ReadGrants(S3Call call, CancellationToken ct)
    {
        List<Grant>? grants = null;
        foreach (var (header, permission) in Grants)
        {
            if (call.Header(header) is not { } value) continue;
            grants ??= [];
            foreach (var item in value.Split(',', StringSplitOptions.TrimEntries))
            {
                if (grants.Count == MaxGrants) throw Invalid.Argument(header, value, $"An ACL may have at most {MaxGrants} grants.");
                grants.Add(new(await Grantee(call, header, item, ct), permission));
            }
        }
        return grants;
    }

    private static async ValueTask<Grantee> Grantee(S3Call call, string header, string item, CancellationToken ct)
    {
        var equals = item.IndexOf('=');
        var type = equals < 0 ? "" : item[..equals].Trim();
        var value = item[(equals + 1)..].Trim().Trim('"');
        if (type.Equals("id", StringComparison.OrdinalIgnoreCase)) return await Grantees.OfId(call, value, ct);
        if (type.Equals("emailAddress", StringComparison.OrdinalIgnoreCase)) return await Grantees.OfEmail(call, value, ct);
        if (type.Equals("uri", StringComparison.OrdinalIgnoreCase)) return Grantees.OfUri(value);
        throw Invalid.Argument(header, item, "Argument format not recognized");
    }
}

/// <summary>Finds those who are granted something.</summary>
internal static class Grantees
{
    /// <summary>The account of that canonical id; InvalidArgument where there is none.</summary>
    public static async ValueTask<Grantee> OfId(S3Call call, string id, CancellationToken ct)
    {
        // Those that a list mostly names need not be looked up.
        foreach (var known in new[] { call.Party, call.BucketRow?.Owner(), Party.Anonymous })
            if (known?.CanonicalId == id) return known.Grantee;
        return await call.Services.Accounts.FindByCanonicalId(id, ct) is { } account
            ? new(id, null) { Name = account.Name }
            : throw Invalid.Argument("CanonicalUser/ID", id, "Invalid id");
    }

    /// <summary>The account of that address; UnresolvableGrantByEmailAddress where there is none.</summary>
    public static async ValueTask<Grantee> OfEmail(S3Call call, string email, CancellationToken ct) =>
        await call.Services.Accounts.FindByEmail(email, ct) is { } account
            ? new(account.CanonicalId, null) { Name = account.Name }
            : throw new S3Exception(S3Errors.UnresolvableGrantByEmailAddress);

    /// <summary>The group of that URI; InvalidArgument where there is none.</summary>
    public static Grantee OfUri(string uri) => uri is AclGroups.AllUsers or AclGroups.AuthenticatedUsers or AclGroups.LogDelivery
        ? new(null, uri)
        : throw Invalid.Argument("Group/URI", uri, "Invalid group uri");
}
