using static ZenkoFunctions.Api.Console.Documents;

namespace ZenkoFunctions.Api.Console.Pages.Settings;

/// <summary>Which websites' scripts may ask for what.</summary>
public sealed class CorsEditor : BucketEditor
{
    private static readonly string[] Methods = ["GET", "HEAD", "PUT", "POST", "DELETE"];

    /// <inheritdoc/>
    public override string Id => "cors";

    /// <inheritdoc/>
    public override string Title => "CORS";

    /// <inheritdoc/>
    public override string Lead => "Which websites’ scripts may use this bucket from a browser. To take a rule out, empty it.";

    /// <inheritdoc/>
    public override string Query => "cors";

    /// <inheritdoc/>
    public override IReadOnlyList<Input> Row { get; } =
    [
        new("id", "", InputKind.Hidden),
        new("origins", "Origins", InputKind.Area) { Hint = "One a line: https://www.example.com, https://*.example.com, or * for all." },
        new("methods", "Methods", InputKind.Checks) { Options = [.. Methods.Select(method => new Option(method, method))] },
        new("headers", "Headers that may be sent", InputKind.Area) { Hint = "One a line; * for all." },
        new("expose", "Headers that may be read", InputKind.Area) { Hint = "One a line: ETag, x-amz-version-id." },
        new("age", "Seconds that browsers remember it", InputKind.Number),
    ];

    internal override FormValues Read(ApiAnswer? answer)
    {
        var values = new FormValues();
        foreach (var rule in answer?.Xml().All("CORSRule") ?? [])
        {
            values.Rows.Add(Values(
                ("id", rule.Of("ID")), ("origins", Joined(rule, "AllowedOrigin")), ("methods", Joined(rule, "AllowedMethod", " ")), ("headers", Joined(rule, "AllowedHeader")),
                ("expose", Joined(rule, "ExposeHeader")), ("age", rule.Of("MaxAgeSeconds"))));
        }
        return values;
    }

    internal override EditorRequest Write(FormValues values, ApiAnswer? before) => values.Rows.Count == 0
        ? EditorRequest.Remove
        : Element("CORSConfiguration", [.. values.Rows.Select(row => Element(
            "CORSRule", Optional("ID", row["id"]), Each("AllowedHeader", row.Lines("headers")), Each("AllowedMethod", row.Chosen("methods")), Each("AllowedOrigin", row.Lines("origins")),
            Each("ExposeHeader", row.Lines("expose")), Optional("MaxAgeSeconds", row["age"])))]);
}
