using System.Text;
using System.Xml.Linq;
using ZenkoFunctions.Api.Console.Parts;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>What the form for an object's tags shows.</summary>
public sealed record TagsModel(ObjectAddress At, IReadOnlyList<(string Name, string Value)> Tags, FormProblem? Problem);

public partial class TagsPage
{
    internal const int Most = 10;

    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct)
    {
        var at = ObjectAddress.Of(call);
        return await call.Page<TagsPage>(new TagsModel(at, Read(await call.Api.Xml(at.Path, at.Sub("tagging"), ct)), null));
    }

    internal static async ValueTask<Reply> Save(ConsoleCall call, CancellationToken ct)
    {
        var (at, tags) = (ObjectAddress.Of(call), Pairs.Of(call.Form, Most));
        // XML has no such characters.
        if (tags.Any(tag => (tag.Name + tag.Value).Any(char.IsControl))) return await Again("A tag cannot be kept", "Tags hold no line breaks or other control characters.");
        var answer = tags.Count == 0
            ? await call.Api.Send("DELETE", at.Path, at.Sub("tagging"), ct)
            : await call.Api.Send("PUT", at.Path, at.Sub("tagging"), ct, Document(tags));
        if (answer.Refusal is not { } refused) return at.Go(call, done: "tags");
        return await Again(refused.Title, refused.Advice, refused.Message, refused.Status);

        ValueTask<Reply> Again(string title, string advice, string message = "", int status = 400) => call.Page<TagsPage>(new TagsModel(at, tags, new(title, message, advice)), status);
    }

    /// <summary>Those of a document of S3.</summary>
    internal static IReadOnlyList<(string Name, string Value)> Read(XElement document) => [.. document.All("Tag").Select(tag => (tag.Of("Key") ?? "", tag.Of("Value") ?? ""))];

    private static byte[] Document(IEnumerable<(string Name, string Value)> tags) => new XElement("Tagging", new XElement("TagSet",
        tags.Select(tag => new XElement("Tag", new XElement("Key", tag.Name), new XElement("Value", tag.Value))))).Bytes();
}
