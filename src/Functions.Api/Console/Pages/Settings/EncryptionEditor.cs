using static ZenkoFunctions.Api.Console.Documents;

namespace ZenkoFunctions.Api.Console.Pages.Settings;

/// <summary>How new objects are encrypted where their writer does not say.</summary>
public sealed class EncryptionEditor : BucketEditor
{
    /// <inheritdoc/>
    public override string Id => "encryption";

    /// <inheritdoc/>
    public override string Title => "Encryption";

    /// <inheritdoc/>
    public override string Lead => "How new objects are encrypted where their writer does not say. What is there already stays as it is.";

    /// <inheritdoc/>
    public override string Query => "encryption";

    /// <inheritdoc/>
    public override IReadOnlyList<Input> Inputs { get; } =
    [
        new("algorithm", "New objects", InputKind.Choice)
        {
            Options = [new("NONE", "Not encrypted"), new("AES256", "With a key of this server", "AES-256; nothing else to do."), new("aws:kms", "With a named key", "One of those that were made for this server.")],
        },
        new("key", "Name of the key") { Hint = "Only for a named key; an administrator knows which there are (zenkofn kms-key list)." },
    ];

    internal override FormValues Read(ApiAnswer? answer)
    {
        var rule = answer?.Xml().All("ApplyServerSideEncryptionByDefault").FirstOrDefault();
        return Values(("algorithm", rule?.Of("SSEAlgorithm") ?? "NONE"), ("key", rule?.Of("KMSMasterKeyID")));
    }

    internal override EditorRequest Write(FormValues values, ApiAnswer? before) => values["algorithm"] is not { } algorithm || algorithm == "NONE"
        ? EditorRequest.Remove
        : Element("ServerSideEncryptionConfiguration", Element(
            "Rule", Element("ApplyServerSideEncryptionByDefault", Element("SSEAlgorithm", algorithm), algorithm == "aws:kms" ? Optional("KMSMasterKeyID", values["key"]) : null)));
}
