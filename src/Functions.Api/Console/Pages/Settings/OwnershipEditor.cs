using static ZenkoFunctions.Api.Console.Documents;

namespace ZenkoFunctions.Api.Console.Pages.Settings;

/// <summary>Whose objects are that others write.</summary>
public sealed class OwnershipEditor : BucketEditor
{
    /// <inheritdoc/>
    public override string Id => "ownership";

    /// <inheritdoc/>
    public override string Title => "Ownership of objects";

    /// <inheritdoc/>
    public override string Lead => "Whose the objects are that other accounts write here, and whether access control lists count.";

    /// <inheritdoc/>
    public override string Query => "ownershipControls";

    /// <inheritdoc/>
    public override IReadOnlyList<Input> Inputs { get; } =
    [
        new("ownership", "Objects belong to", InputKind.Choice)
        {
            Options =
            [
                new("BucketOwnerEnforced", "The bucket’s owner, always", "Policies alone decide; access control lists have no effect."),
                new("BucketOwnerPreferred", "The bucket’s owner, where the writer agrees"),
                new("ObjectWriter", "Their writer"),
            ],
        },
    ];

    internal override FormValues Read(ApiAnswer? answer) => Values(("ownership", answer?.Xml().All("ObjectOwnership").FirstOrDefault()?.Value));

    internal override EditorRequest Write(FormValues values, ApiAnswer? before) => values["ownership"] is not { } ownership
        ? EditorRequest.Remove
        : Element("OwnershipControls", Element("Rule", Element("ObjectOwnership", ownership)));
}
