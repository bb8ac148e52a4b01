using static ZenkoFunctions.Api.Console.Documents;

namespace ZenkoFunctions.Api.Console.Pages.Settings;

/// <summary>Where it is written who asked for what.</summary>
public sealed class LoggingEditor : BucketEditor
{
    /// <inheritdoc/>
    public override string Id => "logging";

    /// <inheritdoc/>
    public override string Title => "Access log";

    /// <inheritdoc/>
    public override string Lead => "Who asked for what in this bucket is written to objects of another bucket of yours. Leave it empty for none.";

    /// <inheritdoc/>
    public override string Query => "logging";

    /// <inheritdoc/>
    public override IReadOnlyList<Input> Inputs { get; } =
        [new("bucket", "Write to the bucket"), new("prefix", "Names of the logs begin with") { Hint = "logs/" }];

    internal override FormValues Read(ApiAnswer? answer) =>
        Values(("bucket", answer?.Xml().All("TargetBucket").FirstOrDefault()?.Value), ("prefix", answer?.Xml().All("TargetPrefix").FirstOrDefault()?.Value));

    internal override EditorRequest Write(FormValues values, ApiAnswer? before)
    {
        var enabled = before?.Xml().Child("LoggingEnabled");
        return Element("BucketLoggingStatus", values["bucket"] is not { } bucket ? null : Element(
            "LoggingEnabled", Element("TargetBucket", bucket), enabled?.Child("TargetGrants"), Element("TargetPrefix", values["prefix"] ?? ""), enabled?.Child("TargetObjectKeyFormat")));
    }
}
