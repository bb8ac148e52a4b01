using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>What the page of signing in shows.</summary>
/// <param name="To">Where to go afterwards.</param>
/// <param name="Problem">Why it did not work before; null where it was not tried.</param>
public sealed record SignInModel(string To, string? Problem);

public partial class SignInPage
{
    private const int MaxTo = 4096;

    internal static ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct) => call.Page<SignInPage>(new SignInModel(To(call.Query("to")), null));

    internal static async ValueTask<Reply> ByKey(ConsoleCall call, CancellationToken ct)
    {
        var to = To(call.Form["to"]);
        var id = call.Form["access_key"] ?? "";
        if (call.SignIns.IsTooOften(call.Request.Peer, id))
            return await call.Page<SignInPage>(new SignInModel(to, $"Too many attempts failed. Wait {SignIns.Window.TotalMinutes:0} minutes and try again, or sign in by a link: zenkofn console."), 429);
        if (call.Form["secret_key"] is not { } secret || await call.SignIns.ByKey(id, secret, call.Request.Peer, ct) is not { } session)
            return await call.Page<SignInPage>(new SignInModel(to, "That access key and secret key do not match, or the key is disabled. Check both and try again."), 403);
        return await Begin(call, session, to, ct);
    }

    internal static async ValueTask<Reply> SignOut(ConsoleCall call, CancellationToken ct)
    {
        await call.SignIns.End(call.Session!, ct);
        return call.Go("sign-in").With("Set-Cookie", SessionCookie.Remove(call.Request)).With("Clear-Site-Data", "\"cache\"");
    }

    /// <summary>Gives the browser its session. The one that it had ends: nobody stays signed in whom it does not show.</summary>
    internal static async ValueTask<Reply> Begin(ConsoleCall call, string session, string to, CancellationToken ct)
    {
        if (call.Session is { } before) await call.SignIns.End(before, ct);
        // What follows the root is a path, whatever it says: it cannot name another host.
        return Reply.Empty(303).With("Location", call.Root + to).With("Set-Cookie", SessionCookie.Set(call.Request, session));
    }

    private static string To(string? to) => to is null || to.Length > MaxTo || to.Any(char.IsControl) ? "" : to.TrimStart('/', '\\');
}
