using System.Text;
using Microsoft.AspNetCore.Http;
using ZenkoFunctions.Api.S3.Parsing;

namespace ZenkoFunctions.Api.S3.Forms;

/// <summary>
/// The fields of a form as the headers that they stand for, so that all that is to be said of an object is read in one way.
/// </summary>
internal static class FormHeaders
{
    private static readonly HashSet<string> Same = new(StringComparer.OrdinalIgnoreCase)
    {
        "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-MD5", "Content-Type", "Expires",
    };

    /// <summary>Fields about the signature.</summary>
    private static readonly HashSet<string> Signing = new(StringComparer.OrdinalIgnoreCase)
    {
        "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-security-token", "x-amz-signature",
    };

    /// <summary>Headers of the request that say nothing of the object.</summary>
    private static readonly HashSet<string> OfRequest = new(StringComparer.OrdinalIgnoreCase)
    {
        "x-amz-content-sha256", "x-amz-date", "x-amz-expected-bucket-owner", "x-amz-request-payer", "x-amz-user-agent",
    };

    /// <summary>
    /// The request as operations are to understand it. InvalidArgument where a field cannot be a header, or where a header says what
    /// only a field may: no policy covers it.
    /// </summary>
    public static WireRequest Lowered(WireRequest request, PostForm form)
    {
        var headers = new HeaderDictionary(request.Headers.Count + form.Fields.Count);
        foreach (var (name, value) in request.Headers)
        {
            if (Same.Contains(name)) continue;
            if (name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase) && !OfRequest.Contains(name))
                throw Invalid.Argument(name, value, "What is said of the object in a POST is said in fields of the form, not in headers.");
            headers[name] = value;
        }
        foreach (var (field, value) in form.Fields)
        {
            if (HeaderOf(field) is not { } name || value.Length == 0) continue;
            var text = name == "x-amz-tagging" && field.Equals("tagging", StringComparison.OrdinalIgnoreCase) ? Tags(value) : value;
            if (text.Any(char.IsControl)) throw Invalid.Argument(field, value, "The value cannot be the value of a header.");
            headers[name] = text;
        }
        return request with { Headers = headers };
    }

    private static string? HeaderOf(string field) =>
        field.Equals("acl", StringComparison.OrdinalIgnoreCase) ? "x-amz-acl"
        : field.Equals("tagging", StringComparison.OrdinalIgnoreCase) ? "x-amz-tagging"
        : Same.Contains(field) || (field.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase) && !Signing.Contains(field)) ? field
        : null;

    /// <summary>The form has the tags as a document, the header as a query.</summary>
    private static string Tags(string document) => string.Join('&', TagSet.Parse(Encoding.UTF8.GetBytes(document), TagLimit.Object)
        .Select(tag => $"{Uri.EscapeDataString(tag.Key)}={Uri.EscapeDataString(tag.Value)}"));
}
