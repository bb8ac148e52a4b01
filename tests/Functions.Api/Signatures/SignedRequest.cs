using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Tests.Signatures;

/// <summary>A request to be signed, sent, or altered on its way.</summary>
public sealed class SignedRequest
{
    public string Verb { get; set; } = "GET";

    /// <summary>Raw, as it goes over the wire.</summary>
    public string Path { get; set; } = "/";

    /// <summary>Raw, without a question mark.</summary>
    public string Query { get; set; } = "";

    public IHeaderDictionary Headers { get; private init; } = new HeaderDictionary { ["Host"] = "s3.example.com" };

    /// <summary>As it goes over the wire: after signing, with its framing.</summary>
    public byte[] Body { get; set; } = [];

    public SignedRequest With(string header, string value)
    {
        Headers[header] = value;
        return this;
    }

    public SignedRequest Copy() => new()
    {
        Verb = Verb, Path = Path, Query = Query, Body = [.. Body],
        Headers = new HeaderDictionary(new Dictionary<string, StringValues>(Headers, StringComparer.OrdinalIgnoreCase)),
    };

    /// <summary>As the server gets it.</summary>
    /// <param name="segments">Sizes in which the body arrives.</param>
    public WireRequest ToWire(params int[] segments)
    {
        var headers = Copy().Headers;
        if (Body.Length > 0 && headers.ContentLength is null) headers.ContentLength = Body.Length;
        return new(Verb, Path, Query, headers, new SteppedPipeReader(Body, segments), headers.ContentLength, null, false);
    }
}
