using static ZenkoFunctions.Api.Console.Documents;

namespace ZenkoFunctions.Api.Console.Pages.Settings;

/// <summary>Whether the bucket is a website.</summary>
public sealed class WebsiteEditor : BucketEditor
{
    /// <inheritdoc/>
    public override string Id => "website";

    /// <inheritdoc/>
    public override string Title => "Website";

    /// <inheritdoc/>
    public override string Lead => "Serves the bucket as a website, under a host name of its own. Its objects must be open to everybody by the policy. Leave all empty for none.";

    /// <inheritdoc/>
    public override string Query => "website";

    /// <inheritdoc/>
    public override IReadOnlyList<Input> Inputs { get; } =
    [
        new("index", "Page of a folder") { Hint = "index.html" },
        new("error", "Page for errors") { Hint = "The key of an object: 404.html" },
        new("host", "Or send everybody to another host") { Hint = "www.example.com; then there are no pages here." },
        new("protocol", "By", InputKind.Select) { Options = [new("", "As they came"), new("https", "HTTPS"), new("http", "HTTP")] },
    ];

    internal override FormValues Read(ApiAnswer? answer)
    {
        var document = answer?.Xml();
        var all = document?.Child("RedirectAllRequestsTo");
        return Values(
            ("index", document?.Child("IndexDocument")?.Of("Suffix")), ("error", document?.Child("ErrorDocument")?.Of("Key")), ("host", all?.Of("HostName")), ("protocol", all?.Of("Protocol")));
    }

    internal override EditorRequest Write(FormValues values, ApiAnswer? before)
    {
        if (values["host"] is { } host)
        {
            if (values["index"] is not null || values["error"] is not null) throw new EditorException("Either pages, or another host: empty one of them.");
            return Element("WebsiteConfiguration", Element("RedirectAllRequestsTo", Element("HostName", host), Optional("Protocol", values["protocol"])));
        }
        if (values["index"] is null && values["error"] is null) return EditorRequest.Remove;
        return Element(
            "WebsiteConfiguration", values["index"] is { } index ? Element("IndexDocument", Element("Suffix", index)) : null,
            values["error"] is { } error ? Element("ErrorDocument", Element("Key", error)) : null,
            // Rules of where to send whom are not shown here.
            before?.Xml().Child("RoutingRules"));
    }
}
