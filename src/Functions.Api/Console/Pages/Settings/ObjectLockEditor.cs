using static ZenkoFunctions.Api.Console.Documents;

namespace ZenkoFunctions.Api.Console.Pages.Settings;

/// <summary>How long new versions are kept from deletion.</summary>
public sealed class ObjectLockEditor : BucketEditor
{
    /// <inheritdoc/>
    public override string Id => "object-lock";

    /// <inheritdoc/>
    public override string Title => "Object lock";

    /// <inheritdoc/>
    public override string Lead => "New versions are kept from deletion for this long, unless their writer says otherwise. The bucket must keep versions.";

    /// <inheritdoc/>
    public override string Query => "object-lock";

    /// <inheritdoc/>
    public override IReadOnlyList<Input> Inputs { get; } =
    [
        new("mode", "Default retention", InputKind.Choice)
        {
            Options =
            [
                new("NONE", "None", "Only what is locked one by one is kept."),
                new("GOVERNANCE", "Governance", "Who has the permission for it may end a retention early."),
                new("COMPLIANCE", "Compliance", "Nobody can end a retention early, not even the account’s root."),
            ],
        },
        new("period", "For how long", InputKind.Number),
        new("unit", "Unit", InputKind.Select) { Options = [new("Days", "Days"), new("Years", "Years")] },
    ];

    internal override FormValues Read(ApiAnswer? answer)
    {
        var rule = answer?.Xml().All("DefaultRetention").FirstOrDefault();
        return Values(("mode", rule?.Of("Mode") ?? "NONE"), ("period", rule?.Of("Days") ?? rule?.Of("Years")), ("unit", rule?.Of("Years") is null ? "Days" : "Years"));
    }

    internal override EditorRequest Write(FormValues values, ApiAnswer? before)
    {
        var mode = values["mode"] ?? "NONE";
        if (mode != "NONE" && values["period"] is null) throw new EditorException("Say for how long: a number of days or years.");
        return Element(
            "ObjectLockConfiguration", Element("ObjectLockEnabled", "Enabled"),
            mode == "NONE" ? null : Element("Rule", Element("DefaultRetention", Element("Mode", mode), Element(values["unit"] == "Years" ? "Years" : "Days", values["period"]))));
    }
}
