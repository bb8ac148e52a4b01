using System.Runtime.CompilerServices;
using System.Text;
using System.Xml.Linq;
using ZenkoFunctions.Cli.Probing;

namespace ZenkoFunctions.Cli.Remote;

/// <summary>The IAM API of a running server: what belongs to the caller's account.</summary>
internal sealed class RemoteIam(RemoteServer server)
{
    /// <summary>Asks for an action; parameters that are null are left out.</summary>
    public Task<XElement> Ask(string action, CancellationToken ct, params (string Name, string? Value)[] parameters)
    {
        var form = string.Join('&', parameters.Where(each => each.Value is not null).Prepend(("Version", "2010-05-08")).Prepend(("Action", action))
            .Select(each => $"{each.Item1}={RemoteServer.Segment(each.Item2!)}"));
        return server.AskXml(new("POST", "/") { Body = Encoding.UTF8.GetBytes(form), Service = "iam" }, ct, "application/x-www-form-urlencoded");
    }

    /// <summary>All that an action lists, page after page.</summary>
    public async IAsyncEnumerable<XElement> List(string action, [EnumeratorCancellation] CancellationToken ct, params (string Name, string? Value)[] parameters)
    {
        string? marker = null;
        do
        {
            var page = await Ask(action, ct, [.. parameters, ("Marker", marker)]);
            foreach (var member in page.All("member")) yield return member;
            marker = page.All("IsTruncated").Any(each => each.Value == "true") ? page.All("Marker").Single().Value : null;
        }
        while (marker is not null);
    }
}
