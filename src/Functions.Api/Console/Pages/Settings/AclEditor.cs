namespace ZenkoFunctions.Api.Console.Pages.Settings;

/// <summary>The grants of the bucket, by the names that S3 has for the usual ones.</summary>
public sealed class AclEditor : BucketEditor
{
    private const string Everybody = "/AllUsers", SignedIn = "/AuthenticatedUsers", Own = "own";

    /// <inheritdoc/>
    public override string Id => "grants";

    /// <inheritdoc/>
    public override string Title => "Grants";

    /// <inheritdoc/>
    public override string Lead => "Who may list the bucket and write to it by its access control list. Policies say more, and are easier to read.";

    /// <inheritdoc/>
    public override string Query => "acl";

    /// <inheritdoc/>
    public override IReadOnlyList<Input> Inputs { get; } =
    [
        new("grants", "Granted to", InputKind.Choice)
        {
            Options =
            [
                new("private", "Nobody but the owner"),
                new("public-read", "Everybody, to list"),
                new("public-read-write", "Everybody, to list and to write", "Anybody at all can fill it."),
                new("authenticated-read", "Who has signed, to list", "Whoever has an account here."),
                new(Own, "As it is", "Grants that were made one by one stay."),
            ],
        },
    ];

    internal override FormValues Read(ApiAnswer? answer)
    {
        var grants = answer?.Xml().All("Grant").Select(grant => (Who: grant.All("URI").FirstOrDefault()?.Value ?? "", What: grant.Of("Permission"))).ToList() ?? [];
        var others = grants.Where(grant => grant.Who.Length > 0).Select(grant => $"{grant.Who[grant.Who.LastIndexOf('/')..]} {grant.What}").Order(StringComparer.Ordinal).ToList();
        var isOwnersOnly = grants.Count - others.Count == 1;
        return Values(("grants", !isOwnersOnly ? Own : others switch
        {
            [] => "private",
            [Everybody + " READ"] => "public-read",
            [Everybody + " READ", Everybody + " WRITE"] => "public-read-write",
            [SignedIn + " READ"] => "authenticated-read",
            _ => Own,
        }));
    }

    internal override EditorRequest Write(FormValues values, ApiAnswer? before) => values["grants"] is { } grants && grants != Own
        ? new(null, ("x-amz-acl", grants))
        : throw new EditorException("Choose who is granted something; nothing was changed.");
}
