using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console;

/// <summary>How the console answers: what binds a browser stands on every answer. Errors that no page tells are a page without anything.</summary>
public sealed class ConsoleDialect : Dialect
{
    // Script and style are files of ours, nothing is inline; pictures are drawn in the page.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'{0}; connect-src 'self'{1}; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    private const string PolicyHeader = "Content-Security-Policy";

    private static readonly CompositeFormat PolicyFor = CompositeFormat.Parse(Policy);
    private static readonly string OwnPolicy = string.Format(CultureInfo.InvariantCulture, PolicyFor, "", "");

    private static readonly CompositeFormat Bare = CompositeFormat.Parse(
        """
        <!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{0}</title></head><body><main><h1>{0}</h1><p>{1}</p><p>Request {2}</p></main></body></html>
        """);

    /// <inheritdoc/>
    public override string ErrorType => "text/html; charset=utf-8";

    /// <summary>Lets a page send requests to where the objects are, by its script.</summary>
    internal static Reply MaySend(Reply page, ConsoleCall call) => page.With(PolicyHeader, string.Format(CultureInfo.InvariantCulture, PolicyFor, "", " " + call.Place.ObjectOriginFor(call.Request)));

    /// <summary>Lets a page show pictures from where the objects are.</summary>
    internal static Reply MayShow(Reply page, ConsoleCall call) => page.With(PolicyHeader, string.Format(CultureInfo.InvariantCulture, PolicyFor, " " + call.Place.ObjectOriginFor(call.Request), ""));

    /// <inheritdoc/>
    public override void AddHeaders(IHeaderDictionary headers, Exchange exchange, Reply reply)
    {
        headers["x-amz-request-id"] = exchange.RequestId;
        headers.ContentSecurityPolicy = OwnPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
        // Not no-referrer: browsers would hide a form's origin from us, too.
        headers["Referrer-Policy"] = "same-origin";
        // Assets say otherwise: their names change with them.
        headers.CacheControl = "no-store";
    }

    /// <inheritdoc/>
    public override void WriteError(IBufferWriter<byte> output, Exchange exchange, Reply reply) => output.Write(Encoding.UTF8.GetBytes(string.Format(
        CultureInfo.InvariantCulture, Bare, WebUtility.HtmlEncode(reply.Error!.Code), WebUtility.HtmlEncode(reply.Detail ?? reply.Error.Message), exchange.RequestId)));
}
