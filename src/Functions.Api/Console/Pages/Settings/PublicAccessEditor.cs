using static ZenkoFunctions.Api.Console.Documents;

namespace ZenkoFunctions.Api.Console.Pages.Settings;

/// <summary>What keeps a bucket from being opened to everybody.</summary>
public sealed class PublicAccessEditor : BucketEditor
{
    private const string Blocks = "blocks";

    /// <inheritdoc/>
    public override string Id => "public-access";

    /// <inheritdoc/>
    public override string Title => "Public access block";

    /// <inheritdoc/>
    public override string Lead => "Keeps the bucket from being opened to everybody by mistake, whatever policies and grants say.";

    /// <inheritdoc/>
    public override string Query => "publicAccessBlock";

    /// <inheritdoc/>
    public override IReadOnlyList<Input> Inputs { get; } =
    [
        new(Blocks, "Keep", InputKind.Checks)
        {
            Options =
            [
                new("BlockPublicAcls", "New public grants from being made", "Access control lists that name everybody are refused."),
                new("IgnorePublicAcls", "Public grants from having an effect"),
                new("BlockPublicPolicy", "A public policy from being set"),
                new("RestrictPublicBuckets", "Others out where the policy is public", "Only the owner’s account gets in then."),
            ],
        },
    ];

    internal override FormValues Read(ApiAnswer? answer) =>
        Values((Blocks, answer is null ? null : string.Join(' ', answer.Xml().Elements().Where(each => each.Value == "true").Select(each => each.Name.LocalName))));

    internal override EditorRequest Write(FormValues values, ApiAnswer? before)
    {
        var chosen = values.Chosen(Blocks);
        return chosen.Length == 0
            ? EditorRequest.Remove
            : Element("PublicAccessBlockConfiguration", [.. Inputs[0].Options.Select(option => Element(option.Value, chosen.Contains(option.Value, StringComparer.Ordinal)))]);
    }
}
