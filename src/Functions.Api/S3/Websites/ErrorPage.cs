using System.Buffers;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace ZenkoFunctions.Api.S3;

/// <summary>An error as people read it who visit a website.</summary>
internal static class ErrorPage
{
    /// <summary>The page's type.</summary>
    public const string ContentType = "text/html; charset=utf-8";

    /// <summary>The page's further headers. It shows what the visitor sent; should an escape ever be missed, nothing in it may run.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Headers(S3Error error) =>
    [
        new("x-amz-error-code", error.Code), new("x-amz-error-message", error.Message),
        new("Content-Security-Policy", "sandbox"), new("X-Content-Type-Options", "nosniff"),
    ];

    /// <summary>Writes the page.</summary>
    public static void Write(IBufferWriter<byte> output, Exchange exchange, Reply reply, string hostId)
    {
        var error = reply.Error!;
        var title = $"{reply.Status} {ReasonPhrases.GetReasonPhrase(reply.Status)}";
        var page = new StringBuilder($"<html>\n<head><title>{title}</title></head>\n<body>\n<h1>{title}</h1>\n<ul>\n");
        void Line(string name, string? text) => page.Append($"<li>{name}: {WebUtility.HtmlEncode(text)}</li>\n");
        Line("Code", error.Code);
        Line("Message", reply.Detail ?? error.Message);
        if (error == S3Errors.NoSuchKey) Line("Key", exchange.Address?.Key);
        if (error == S3Errors.NoSuchBucket || error == S3Errors.NoSuchWebsiteConfiguration) Line("BucketName", exchange.Address?.Bucket);
        Line("RequestId", exchange.RequestId);
        Line("HostId", hostId);
        page.Append("</ul>\n<hr/>\n</body>\n</html>\n");
        output.Write(Encoding.UTF8.GetBytes(page.ToString()));
    }
}
