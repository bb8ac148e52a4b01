using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>A link that signs in once. It is a button that uses it up: what looks at links before people do does not press any.</summary>
public partial class LinkPage
{
    internal static ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct) => call.Page<LinkPage>(call.Query("code") ?? "");

    internal static async ValueTask<Reply> Follow(ConsoleCall call, CancellationToken ct) =>
        call.Form["code"] is { } code && await call.SignIns.ByLink(code, ct) is { } session
            ? await SignInPage.Begin(call, session, "", ct)
            : await call.Problem(403, "This link is used up", "A link signs in once, and for five minutes. Make another: zenkofn console");
}
