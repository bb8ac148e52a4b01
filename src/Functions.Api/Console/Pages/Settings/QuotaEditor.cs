using System.Globalization;
using System.Xml.Linq;

namespace ZenkoFunctions.Api.Console.Pages.Settings;

/// <summary>How much the bucket may keep.</summary>
public sealed class QuotaEditor : BucketEditor
{
    private static readonly (string Name, long Bytes)[] Units = [("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10), ("bytes", 1)];

    /// <inheritdoc/>
    public override string Id => "quota";

    /// <inheritdoc/>
    public override string Title => "Quota";

    /// <inheritdoc/>
    public override string Lead => "The most that the bucket may keep, older versions and unfinished uploads with it. Writes beyond are refused. Leave it empty for none.";

    /// <inheritdoc/>
    public override string Query => "quota";

    /// <inheritdoc/>
    public override IReadOnlyList<Input> Inputs { get; } =
        [new("amount", "At most", InputKind.Number), new("unit", "Unit", InputKind.Select) { Options = [.. Units.Reverse().Select(unit => new Option(unit.Name, unit.Name))] }];

    internal override FormValues Read(ApiAnswer? answer)
    {
        if (!long.TryParse(answer?.Xml().Of("Quota"), NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) || bytes == 0) return Values(("unit", "GiB"));
        var (name, size) = Units.First(unit => bytes % unit.Bytes == 0);
        return Values(("amount", (bytes / size).ToString(CultureInfo.InvariantCulture)), ("unit", name));
    }

    internal override EditorRequest Write(FormValues values, ApiAnswer? before)
    {
        if (values["amount"] is not { } amount) return EditorRequest.Remove;
        var unit = Units.FirstOrDefault(each => each.Name == values["unit"]).Bytes;
        if (!long.TryParse(amount, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0 || unit == 0 || number > long.MaxValue / unit)
            throw new EditorException("Type a whole number above zero, or nothing for no quota.");
        return new XElement("QuotaConfiguration", new XElement("Quota", number * unit));
    }
}
