using Microsoft.AspNetCore.Http;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Bytes;

namespace ZenkoFunctions.Api.S3;

/// <summary>
/// The headers that a presigned URL carries as parameters: SDKs put the x-amz- headers there when they presign
/// (<c>x-amz-meta-a=b</c>), so that whoever uses the URL need not send them. The signature covers them.
/// </summary>
internal static class HoistedHeaders
{
    private const string Prefix = "x-amz-";

    // Those that are about the signature itself, and the checksums: whoever presigns has no body yet, and AWS's SDK for
    // JavaScript signs the checksum of an empty one. AWS passes over them.
    private static readonly HashSet<string> Others = new(
        Checksums.All.Select(spec => spec.Header).Append("x-amz-sdk-checksum-algorithm"), StringComparer.OrdinalIgnoreCase)
    {
        "X-Amz-Algorithm", "X-Amz-Content-Sha256", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-Security-Token",
        "X-Amz-Signature", "X-Amz-SignedHeaders",
    };

    /// <summary>
    /// The request as operations are to understand it; itself where its URL carries no headers. Signatures are verified on the
    /// request as it came. Throws InvalidArgument where a header says something else than the URL, or cannot be one.
    /// </summary>
    public static WireRequest Lowered(WireRequest request)
    {
        // Whoever writes this parameter has the whole query verified as version 4's. Version 2 does not cover such parameters.
        if (!request.Query.Has("X-Amz-Algorithm")) return request;
        HeaderDictionary? headers = null;
        foreach (var (name, value) in request.Query.Items)
        {
            if (!name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) || Others.Contains(name)) continue;
            if (value.Any(char.IsControl)) throw Invalid.Argument(name, value, "The value cannot be the value of a header.");
            headers ??= Copy(request.Headers);
            if (!headers.TryAdd(name, value) && headers[name] != value)
                throw Invalid.Argument(name, value, $"{name} has two values, in the URL or in the URL and a header; send the URL's only.");
        }
        return headers is null ? request : request with { Headers = headers };
    }

    private static HeaderDictionary Copy(IHeaderDictionary headers)
    {
        var copy = new HeaderDictionary(headers.Count + 4);
        foreach (var header in headers) copy.Add(header);
        return copy;
    }
}
