using System.Globalization;
using System.Xml.Linq;

namespace ZenkoFunctions.Api.Console.Pages.Settings;

/// <summary>From which size on readers are sent to the location itself.</summary>
public sealed class RedirectEditor : BucketEditor
{
    private const long MiB = 1 << 20;

    /// <inheritdoc/>
    public override string Id => "redirect";

    /// <inheritdoc/>
    public override string Title => "Direct reads";

    /// <inheritdoc/>
    public override string Lead => "Readers of large objects are sent to the location that has the bytes, by a link that holds for a short time: faster, and no traffic here. Their clients must follow redirects. Leave it empty for none.";

    /// <inheritdoc/>
    public override string Query => "zenkofn-redirect";

    /// <inheritdoc/>
    public override IReadOnlyList<Input> Inputs { get; } = [new("from", "From so many MiB on", InputKind.Number) { Hint = "8 is a good number." }];

    internal override FormValues Read(ApiAnswer? answer) =>
        Values(("from", long.TryParse(answer?.Xml().Of("MinimumBytes"), NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) ? ((bytes + MiB - 1) / MiB).ToString(CultureInfo.InvariantCulture) : null));

    internal override EditorRequest Write(FormValues values, ApiAnswer? before)
    {
        if (values["from"] is not { } from) return EditorRequest.Remove;
        return int.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new XElement("RedirectConfiguration", new XElement("MinimumBytes", number * MiB))
            : throw new EditorException("Type a whole number of MiB, or nothing for none.");
    }
}
