using static ZenkoFunctions.Api.Console.Documents;

namespace ZenkoFunctions.Api.Console.Pages.Settings;

/// <summary>Whether versions are kept.</summary>
public sealed class VersioningEditor : BucketEditor
{
    /// <inheritdoc/>
    public override string Id => "versioning";

    /// <inheritdoc/>
    public override string Title => "Versioning";

    /// <inheritdoc/>
    public override string Lead => "With versions, what is overwritten or deleted can be brought back. Once on, it can be suspended, but not taken back.";

    /// <inheritdoc/>
    public override string Query => "versioning";

    /// <inheritdoc/>
    public override IReadOnlyList<Input> Inputs { get; } =
    [
        new("status", "New objects", InputKind.Choice)
        {
            Options = [new("Enabled", "Keep versions", "Every write makes a version of its own."), new("Suspended", "Suspended", "New writes replace each other; the versions that there are stay.")],
        },
    ];

    internal override FormValues Read(ApiAnswer? answer) => Values(("status", answer?.Xml().Of("Status")));

    internal override EditorRequest Write(FormValues values, ApiAnswer? before) => Element("VersioningConfiguration", Optional("Status", values["status"] ?? throw new EditorException("Choose one of the two.")));
}
