using static ZenkoFunctions.Api.Console.Documents;

namespace ZenkoFunctions.Api.Console.Pages.Settings;

/// <summary>Who pays for requests.</summary>
public sealed class PayerEditor : BucketEditor
{
    /// <inheritdoc/>
    public override string Id => "payer";

    /// <inheritdoc/>
    public override string Title => "Who pays";

    /// <inheritdoc/>
    public override string Lead => "Where requesters pay, others must say in each request that they agree.";

    /// <inheritdoc/>
    public override string Query => "requestPayment";

    /// <inheritdoc/>
    public override IReadOnlyList<Input> Inputs { get; } =
        [new("payer", "Requests are paid by", InputKind.Choice) { Options = [new("BucketOwner", "The bucket’s owner"), new("Requester", "Whoever asks")] }];

    internal override FormValues Read(ApiAnswer? answer) => Values(("payer", answer?.Xml().Of("Payer")));

    internal override EditorRequest Write(FormValues values, ApiAnswer? before) => Element("RequestPaymentConfiguration", Element("Payer", values["payer"] ?? "BucketOwner"));
}
