using ZenkoFunctions.Core.Access;

namespace ZenkoFunctions.Api.S3.Parsing;

/// <summary>The document AccessControlPolicy.</summary>
internal static class AclDocument
{
    private const int MaxBytes = 256 * 1024; // 100 grants need less
    private const string Canonical = "CanonicalUser", ByEmail = "AmazonCustomerByEmail", Group = "Group";

    private static readonly (string Name, Permission Permission)[] Permissions =
    [
        ("READ", Permission.Read), ("WRITE", Permission.Write), ("READ_ACP", Permission.ReadAcp),
        ("WRITE_ACP", Permission.WriteAcp), ("FULL_CONTROL", Permission.FullControl),
    ];

    private static readonly XmlShape<WrittenGrantee> GranteeShape = new XmlShape<WrittenGrantee>("Grantee")
        .Text("ID", g => g.Id, (g, v) => g.Id = v)
        .Text("DisplayName", g => g.Name, (g, v) => g.Name = v)
        .Text("EmailAddress", g => g.Email, (g, v) => g.Email = v)
        .Text("URI", g => g.Uri, (g, v) => g.Uri = v);

    private static readonly XmlShape<WrittenGrant> GrantShape = new XmlShape<WrittenGrant>("Grant")
        .Typed("Grantee", GranteeShape, g => g.Grantee, (g, v) => g.Grantee = v, g => g.Type, (g, v) => g.Type = v, required: true)
        .Text("Permission", g => g.Permission, (g, v) => g.Permission = v, required: true);

    private static readonly XmlShape<WrittenOwner> OwnerShape = new XmlShape<WrittenOwner>("Owner")
        .Text("ID", o => o.Id, (o, v) => o.Id = v, required: true)
        .Text("DisplayName", o => o.Name, (o, v) => o.Name = v);

    private static readonly XmlShape<Written> Shape = new XmlShape<Written>("AccessControlPolicy")
        .Nested("Owner", OwnerShape, w => w.Owner, (w, v) => w.Owner = v, required: true)
        .Wrapped("AccessControlList", "Grant", GrantShape, w => w.Grants, (w, v) => w.Grants.Add(v), required: true);

    /// <summary>What Get…Acl answers.</summary>
    public static Reply Write(Party owner, Acl? acl)
    {
        var written = new Written { Owner = new() { Id = owner.CanonicalId, Name = owner.Name } };
        foreach (var (grantee, permission) in (acl ?? CannedAcls.Find("private", owner, null)!).Grants)
        {
            written.Grants.Add(new()
            {
                Type = grantee.Group is null ? Canonical : Group,
                Grantee = new() { Id = grantee.CanonicalId, Name = grantee.Name, Uri = grantee.Group },
                Permission = Array.Find(Permissions, line => line.Permission == permission).Name,
            });
        }
        return Reply.Document(Shape, written);
    }

    /// <summary>
    /// The list that a Put…Acl says, in its headers or its body. Throws MalformedACLError, MissingSecurityHeader,
    /// UnexpectedContent, AccessDenied for another's owner, and what <see cref="Grantees"/> throws.
    /// </summary>
    public static async ValueTask<Acl> Read(S3Call call, Party owner, Party? bucketOwner, CancellationToken ct)
    {
        var body = await Payload.ReadMessage(call, MaxBytes, mustSay: false, ct);
        if (await AclHeaders.Read(call, owner, bucketOwner, ct) is { } acl)
            return body.IsEmpty ? acl : throw new S3Exception(S3Errors.UnexpectedContent, "The ACL is in the headers; send no body.");
        if (body.IsEmpty)
            throw new S3Exception(S3Errors.MissingSecurityHeader, "Your request was missing a required header")
            {
                Fields = [new("MissingHeaderName", AclHeaders.Canned)],
            };
        var written = Parse(body);
        if (written.Owner!.Id != owner.CanonicalId) throw new S3Exception(S3Errors.AccessDenied, "The owner cannot be changed.");
        var grants = new List<Grant>(written.Grants.Count);
        foreach (var grant in written.Grants)
        {
            var permission = Array.Find(Permissions, line => line.Name == grant.Permission);
            if (permission.Name is null) throw Malformed();
            grants.Add(new(await Find(call, grant, ct), permission.Permission));
        }
        return new(grants);
    }

    private static Written Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            var written = Shape.Read(body);
            return written.Grants.Count <= AclHeaders.MaxGrants ? written : throw Malformed();
        }
        catch (S3Exception e) when (e.Error == S3Errors.MalformedXML)
        {
            throw new S3Exception(S3Errors.MalformedACLError, e.Detail);
        }
    }

    /// <summary>xsi:type says what the grantee is; where it is left out, the elements do.</summary>
    private static ValueTask<Grantee> Find(S3Call call, WrittenGrant grant, CancellationToken ct) => (grant.Type, grant.Grantee) switch
    {
        (Canonical or null, { Id: { } id, Email: null, Uri: null }) => Grantees.OfId(call, id, ct),
        (ByEmail or null, { Id: null, Email: { } email, Uri: null }) => Grantees.OfEmail(call, email, ct),
        (Group or null, { Id: null, Email: null, Uri: { } uri }) => new(Grantees.OfUri(uri)),
        _ => throw Malformed(),
    };

    private static S3Exception Malformed() => new(S3Errors.MalformedACLError);

    private sealed class Written
    {
        public WrittenOwner? Owner { get; set; }

        public List<WrittenGrant> Grants { get; } = [];
    }

    private sealed class WrittenOwner
    {
        public string Id { get; set; } = "";

        public string? Name { get; set; }
    }

    private sealed class WrittenGrant
    {
        public string? Type { get; set; }

        public WrittenGrantee? Grantee { get; set; }

        public string Permission { get; set; } = "";
    }

    private sealed class WrittenGrantee
    {
        public string? Id { get; set; }

        public string? Name { get; set; }

        public string? Email { get; set; }

        public string? Uri { get; set; }
    }
}
