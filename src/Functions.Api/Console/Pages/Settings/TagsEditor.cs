using static ZenkoFunctions.Api.Console.Documents;

namespace ZenkoFunctions.Api.Console.Pages.Settings;

/// <summary>What the bucket is marked with.</summary>
public sealed class TagsEditor : BucketEditor
{
    /// <inheritdoc/>
    public override string Id => "tags";

    /// <inheritdoc/>
    public override string Title => "Tags";

    /// <inheritdoc/>
    public override string Lead => "Names and values of your own, for bills and for order. To take one out, empty it.";

    /// <inheritdoc/>
    public override string Query => "tagging";

    /// <inheritdoc/>
    public override string RowName => "Tag";

    /// <inheritdoc/>
    public override int MostRows => 50;

    /// <inheritdoc/>
    public override int MoreRows => 3;

    /// <inheritdoc/>
    public override IReadOnlyList<Input> Row { get; } = [new("key", "Name"), new("value", "Value")];

    internal override FormValues Read(ApiAnswer? answer)
    {
        var values = new FormValues();
        foreach (var tag in answer?.Xml().All("Tag") ?? []) values.Rows.Add(Values(("key", tag.Of("Key")), ("value", tag.Of("Value"))));
        return values;
    }

    internal override EditorRequest Write(FormValues values, ApiAnswer? before) => values.Rows.Count == 0
        ? EditorRequest.Remove
        : Element("Tagging", Element("TagSet", [.. values.Rows.Select(row => Element(
            "Tag", Element("Key", row["key"] ?? throw new EditorException($"The value '{row["value"]}' has no name.")), Element("Value", row["value"] ?? "")))]));
}
