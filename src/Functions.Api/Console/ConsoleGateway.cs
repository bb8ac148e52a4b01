using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Console;

/// <summary>
/// The way of a browser's request: page, session, form, page. Whose the session is, and whether a form is the session's own, is asked here
/// and nowhere else; what that person may do is not: a page knows no more of the installation than what the APIs answer to its requests,
/// which are made in the person's name and authorised as any.
/// </summary>
/// <param name="installation">Whose keys sign in.</param>
/// <param name="place">Where it is.</param>
/// <param name="hosts">Under which all paths are keys.</param>
public sealed class ConsoleGateway(Installation installation, ConsolePlace place, HostNames hosts) : IProtocol
{
    private readonly SignIns signIns = new(installation);

    /// <inheritdoc/>
    public string Name => "console";

    /// <inheritdoc/>
    public Dialect Dialect { get; } = new ConsoleDialect();

    /// <inheritdoc/>
    public bool IsFor(WireRequest request) => place.IsFor(request) && (request.IsOfConsole || place.Host is not null || !hosts.IsBucket(request.Headers.Host));

    /// <summary>Whether it has neither a port nor a host of its own.</summary>
    internal bool IsAmongObjects => place.IsUnderPath;

    /// <summary>Whether what is answered to a request would be of the console's origin, where it has none of its own.</summary>
    internal bool SharesOriginWith(WireRequest request) => !hosts.IsBucket(request.Headers.Host);

    /// <summary>The origin of its pages, as whoever sends a request finds them; null where that cannot be told.</summary>
    internal string? OriginFor(WireRequest request) => place.OriginFor(request);

    /// <inheritdoc/>
    public async ValueTask<Reply> Answer(Exchange exchange, CancellationToken ct)
    {
        var request = exchange.Request;
        // Without the slash at its end all relative links would be a level too high.
        if (place.Within(request) is not { } rawPath) return Reply.Empty(308).With("Location", ConsolePlace.Path[(ConsolePlace.Path.LastIndexOf('/') + 1)..] + "/");
        if (!PathSegments.TryRead(rawPath, out var path)) return Reply.Refused(S3Errors.InvalidURI);
        if (path is ["assets", var file] && request.Verb is "GET" or "HEAD") return Asset.Answer(path.Count == 2 ? path[1] : "", request.Headers.AcceptEncoding.ToString());

        var verb = request.Verb == "HEAD" ? "GET" : request.Verb;
        ConsoleRoute? route = null;
        IReadOnlyDictionary<string, string>? values = null;
        foreach (var one in ConsoleRoutes.All)
        {
            if (one.Template.Match(path) is not { } found) continue;
            if (one.Verb == verb)
            {
                (route, values) = (one, found);
                break;
            }
        }
        exchange.Operation = route?.Name;

        var cookie = SessionCookie.Of(request);
        var key = cookie is null ? null : await signIns.Find(cookie, ct);
        exchange.Sender = key?.Principal ?? Principal.Anonymous;
        var call = new ConsoleCall
        {
            Request = request, Path = values ?? new Dictionary<string, string>(), Root = ConsoleCall.RootOf(path.Count), Key = key, Session = key is null ? null : cookie,
            SignIns = signIns, Place = place, Region = installation.Region, Clock = installation.Clock, OptionalApi = key is null ? null : new(exchange, key),
        };
        if (route is null) return await call.Problem(404, "There is no such page", "Check the address, or begin at the dashboard.");
        if (verb != "GET")
        {
            if (!OwnForm.IsSameOrigin(request)) return await call.Problem(403, "This form was sent by another site", "Nothing was done. Open the console itself and try again there.");
            var body = await S3Body.ReadAll(request.Body, request.ContentLength, route.FormBytes, "a form", ct);
            if (!ConsoleForm.TryRead(body.Span, out var form)) return await call.Problem(400, "This form cannot be read", "Go back, load the page again and send the form once more.");
            call.Form = form;
        }
        if (!route.IsOpen)
        {
            if (key is null) return verb == "GET" ? call.GoToSignIn(path, request.RawQuery) : await call.Problem(401, "Your session is over", "Sign in and try again: nothing was done.");
            if (verb != "GET" && !OwnForm.IsTokenOf(cookie!, call.Form["form"]))
                return await call.Problem(403, "This form is not of your session", "Nothing was done. Load the page again and send the form once more.");
        }
        try
        {
            return await route.Run(call, ct);
        }
        catch (ConsoleException e)
        {
            return await call.Refused(e);
        }
    }
}
