using System.Xml.Linq;

namespace ZenkoFunctions.Api.Console.Pages.Settings;

/// <summary>What is to be asked of the API.</summary>
/// <param name="Body">The document; null where the setting is removed.</param>
/// <param name="Headers">Further headers.</param>
internal sealed record EditorRequest(byte[]? Body, params (string Name, string Value)[] Headers)
{
    /// <summary>Has the setting removed.</summary>
    public static EditorRequest Remove { get; } = new((byte[]?)null);

    /// <summary>Has it put.</summary>
    public static implicit operator EditorRequest(XElement document) => new(document.Bytes());

    /// <summary>PUT or DELETE.</summary>
    public string Verb => Body is null && Headers.Length == 0 ? "DELETE" : "PUT";
}

/// <summary>What was typed makes no sense; the message says what to do.</summary>
internal sealed class EditorException(string message) : Exception(message);

/// <summary>A setting of a bucket that people change: one file here, and a line in <see cref="BucketEditors.All"/>. The document is the API's own.</summary>
public abstract class BucketEditor
{
    /// <summary>In the page's path.</summary>
    public abstract string Id { get; }

    /// <summary>For people.</summary>
    public abstract string Title { get; }

    /// <summary>What it is for.</summary>
    public abstract string Lead { get; }

    /// <summary>The parameter of the API.</summary>
    public abstract string Query { get; }

    /// <summary>What is typed once.</summary>
    public virtual IReadOnlyList<Input> Inputs => [];

    /// <summary>What is typed any number of times; empty for nothing.</summary>
    public virtual IReadOnlyList<Input> Row => [];

    /// <summary>What one row is, for people.</summary>
    public virtual string RowName => "Rule";

    /// <summary>How many rows there may be.</summary>
    public virtual int MostRows => 100;

    /// <summary>Empty rows below those that there are.</summary>
    public virtual int MoreRows => 1;

    /// <summary>What one may begin with: a name for people, and the values.</summary>
    internal virtual IReadOnlyList<(string Name, Func<string, FormValues> Values)> Templates => [];

    /// <summary>The values of what is set.</summary>
    /// <param name="answer">What the API answered; null where nothing is set.</param>
    internal abstract FormValues Read(ApiAnswer? answer);

    /// <summary>What is to be set.</summary>
    /// <param name="values">What was typed.</param>
    /// <param name="before">What is set so far, so that what the form does not show stays; null for nothing.</param>
    /// <exception cref="EditorException">It makes no sense.</exception>
    internal abstract EditorRequest Write(FormValues values, ApiAnswer? before);

    /// <summary>The values of a row.</summary>
    internal static FormValues Values(params (string Name, string? Value)[] values)
    {
        var made = new FormValues();
        foreach (var (name, value) in values) made[name] = value;
        return made;
    }

    /// <summary>The texts of all such children, one a line.</summary>
    internal static string Joined(XElement element, string name, string by = "\n") => string.Join(by, element.Elements().Where(each => each.Name.LocalName == name).Select(each => each.Value));
}

/// <summary>The settings of a bucket that can be changed.</summary>
internal static class BucketEditors
{
    /// <summary>All of them, one line each.</summary>
    public static readonly IReadOnlyList<BucketEditor> All =
    [
        new QuotaEditor(),
        new VersioningEditor(),
        new ObjectLockEditor(),
        new EncryptionEditor(),
        new PolicyEditor(),
        new PublicAccessEditor(),
        new OwnershipEditor(),
        new AclEditor(),
        new CorsEditor(),
        new NotificationEditor(),
        new WebsiteEditor(),
        new LoggingEditor(),
        new PayerEditor(),
        new RedirectEditor(),
        new TagsEditor(),
    ];

    /// <summary>The one of that id; null for none.</summary>
    public static BucketEditor? Find(string id) => All.FirstOrDefault(editor => editor.Id == id);

    /// <summary>The one that changes what a parameter of the API tells; null for none.</summary>
    public static BucketEditor? Of(string query) => All.FirstOrDefault(editor => editor.Query == query);
}
