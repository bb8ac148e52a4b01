using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.StorageAccounts;

/// <summary>The way to a token of a program without a browser (RFC 8628): a person types its code on a page.</summary>
internal static class DeviceSignIn
{
    private const int PollSeconds = 2;

    public static async ValueTask<Reply> GetCode(ArmCall call, CancellationToken ct)
    {
        if (!SignInForm.TryRead(call, out var form) || form["client_id"] is not { Length: <= 128 } client)
            return OAuth.Refused("invalid_request", "The form must have one client_id.");
        var scope = form["scope"];
        if (scope?.Length > OAuth.MaxCharacters || OAuth.AudienceOf(call, scope, form["resource"]) is null) return OAuth.Refused("invalid_scope", "The scope must name one resource.");
        var codes = await call.Installation.SignInGrants.AddDevice(new(client) { Scope = scope ?? form["resource"] + "/.default" }, ct);
        var page = call.Base + SignInOperations.DevicePage;
        return Reply.Json(OAuthJson.Default.DeviceDocument, new(
            codes.UserCode, codes.DeviceCode, page, page, (int)SignInGrants.DeviceLifetime.TotalSeconds, PollSeconds,
            $"To sign in, use a web browser to open the page {page} and enter the code {codes.UserCode} to authenticate."));
    }

    public static ValueTask<Reply> Show(ArmCall call, CancellationToken ct) => new(Pages.Device(problem: null));

    public static async ValueTask<Reply> SignIn(ArmCall call, CancellationToken ct)
    {
        if (!Pages.IsOwnForm(call)) return Pages.Problem("The form was sent by another site.");
        if (!SignInForm.TryRead(call, out var form)) return Pages.Problem("A field stands in the form twice.");
        if (form["access_key"] is not { } id || form["secret_key"] is not { } secret || await call.Installation.Tokens.SignIn(id.Trim(), secret.Trim(), ct) is not { } key)
            return Pages.Device("These are no access key and its secret key, or the key is disabled.");
        return await call.Installation.SignInGrants.GrantDevice(form["user_code"] ?? "", key, ct)
            ? Pages.Done()
            : Pages.Device("There is no such code: it was used, or it has expired. Ask for a new one: az login --use-device-code");
    }
}
