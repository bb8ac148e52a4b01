using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Blob;

/// <summary>
/// BlobBatch: up to 256 deletions or changes of tiers in one request of multipart/mixed. Each is signed, permitted and answered by itself.
/// </summary>
/// <param name="target">The service, or a container whose blobs all of them are about.</param>
/// <param name="restype">What the request says that it is sent to.</param>
public sealed class BlobBatch(Target target, string? restype) : BlobOperation
{
    private const int MaxParts = 256, MaxBytes = 4 * 1024 * 1024, AtOnce = 8;

    /// <inheritdoc/>
    // What each part needs is asked for each part.
    public override BlobSpec Spec { get; } = new("BlobBatch", "POST", target, target == Target.Service ? "s3:ListAllMyBuckets" : "s3:ListBucket", "rwdlacuptfi")
    {
        Comp = "batch", Restype = restype, HasParts = true, NeedsLength = true, DocumentBytes = MaxBytes,
    };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        var boundary = Boundary(call.Header("Content-Type"));
        var parts = Parts(Encoding.UTF8.GetString((await call.ReadAll(ct)).Span), boundary);
        if (parts.Count is 0 or > MaxParts) throw new S3Exception(BlobErrors.InvalidInput, $"A batch has 1 to {MaxParts} parts.");
        var requests = parts.Select(part => (part.Id, Request: Request(call, part.Http))).ToList();
        if (requests.Exists(each => each.Request.Verb is not "DELETE" && (each.Request.Verb, each.Request.Query["comp"]) is not ("PUT", "tier")))
            throw new S3Exception(BlobErrors.InvalidInput, "A batch holds deletions of blobs, or changes of their tier.");
        if (requests.Select(each => each.Request.Verb).Distinct().Count() > 1) throw new S3Exception(BlobErrors.InvalidInput, "All parts of a batch are of one kind.");
        var replies = new Reply[requests.Count];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, replies.Length), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct },
            async (i, stop) => replies[i] = await Ask(call, requests[i].Request, stop));

        var answered = "batchresponse_" + Guid.NewGuid().ToString("D");
        var output = new ArrayBufferWriter<byte>(replies.Length * 512);
        for (var i = 0; i < replies.Length; i++) Write(output, answered, requests[i].Id, requests[i].Request, call, replies[i]);
        Text(output, $"--{answered}--\r\n");
        return Reply.Document(output.WrittenSpan.ToArray(), $"multipart/mixed; boundary={answered}", 202);
    }

    private async ValueTask<Reply> Ask(BlobCall call, WireRequest request, CancellationToken ct)
    {
        try
        {
            var address = BlobAddress.Parse(call.Address.IsPathStyle ? null : call.Address.Account, request);
            if (address.Target != Target.Object || !address.Account.Equals(call.Address.Account, StringComparison.OrdinalIgnoreCase) || (target == Target.Bucket && address.Container != call.Address.Container))
                return Reply.Refused(BlobErrors.InvalidInput, "The parts of a batch are about blobs of its account, or its container.");
            return await call.Ask(request, ct);
        }
        catch (S3Exception e)
        {
            return Reply.Refused(e);
        }
    }

    private static string Boundary(string? contentType)
    {
        const string Name = "boundary=";
        var at = contentType?.IndexOf(Name, StringComparison.OrdinalIgnoreCase) ?? -1;
        if (at < 0 || !contentType!.StartsWith("multipart/mixed", StringComparison.OrdinalIgnoreCase))
            throw new S3Exception(BlobErrors.InvalidHeaderValue, "The Content-Type of a batch is multipart/mixed with a boundary.");
        var value = contentType[(at + Name.Length)..];
        var boundary = value.Split(';')[0].Trim().Trim('"');
        return boundary.Length > 0 ? boundary : throw new S3Exception(BlobErrors.InvalidHeaderValue, "The boundary of the batch is empty.");
    }

    private static List<(string? Id, string Http)> Parts(string body, string boundary)
    {
        List<(string?, string)> parts = [];
        var pieces = body.Replace("\r\n", "\n", StringComparison.Ordinal).Split("--" + boundary);
        if (pieces.Length < 2 || !pieces[^1].StartsWith("--", StringComparison.Ordinal)) throw Malformed("it does not end with its boundary");
        foreach (var piece in pieces[1..^1])
        {
            var end = piece.IndexOf("\n\n", StringComparison.Ordinal);
            if (end < 0) throw Malformed("a part has no request");
            var id = piece[..end].Split('\n').FirstOrDefault(line => line.StartsWith("Content-ID:", StringComparison.OrdinalIgnoreCase));
            parts.Add((id?[(id.IndexOf(':') + 1)..].Trim(), piece[(end + 2)..]));
        }
        return parts;
    }

    /// <summary>The request of a part.</summary>
    private static WireRequest Request(BlobCall call, string http)
    {
        var lines = http.Split("\n\n", 2)[0].Split('\n');
        if (lines[0].Split(' ') is not [var verb, ['/', ..] url, ['H', 'T', 'T', 'P', ..]]) throw Malformed("a part's request line cannot be read");
        var query = url.IndexOf('?', StringComparison.Ordinal);
        var headers = new HeaderDictionary();
        foreach (var line in lines[1..])
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0) throw Malformed("a part's header cannot be read");
            headers.Append(line[..colon].Trim(), line[(colon + 1)..].Trim());
        }
        // Whom it is sent to is the batch's, and no part of what is signed.
        headers["Host"] = call.Request.Headers.Host;
        return new(
            verb, query < 0 ? url : url[..query], query < 0 ? "" : url[(query + 1)..], headers, PipeReader.Create(Stream.Null), 0, call.Request.Peer, call.Request.IsHttps);
    }

    private static void Write(ArrayBufferWriter<byte> output, string boundary, string? id, WireRequest request, BlobCall call, Reply reply)
    {
        Text(output, $"--{boundary}\r\nContent-Type: application/http\r\n");
        if (id is not null) Text(output, $"Content-ID: {id}\r\n");
        Text(output, string.Create(CultureInfo.InvariantCulture, $"\r\nHTTP/1.1 {reply.Status} {ReasonPhrases.GetReasonPhrase(reply.Status)}\r\n"));
        foreach (var (name, value) in reply.Headers) Text(output, $"{name}: {value}\r\n");
        if (request.Headers["x-ms-client-request-id"] is [{ Length: > 0 } client]) Text(output, $"x-ms-client-request-id: {client}\r\n");
        Text(output, $"x-ms-request-id: {BlobDialect.GuidOf(call.RequestId)}\r\nx-ms-version: {call.Version}\r\nServer: ZenkoFunctions\r\n");
        var document = new ArrayBufferWriter<byte>();
        if (reply.Error is { } error)
        {
            Text(output, $"x-ms-error-code: {BlobErrors.From(error).Code}\r\nContent-Type: application/xml\r\n");
            Dialect.WriteError(document, new(request, call.RequestId), reply);
        }
        if (document.WrittenCount > 0) Text(output, string.Create(CultureInfo.InvariantCulture, $"Content-Length: {document.WrittenCount}\r\n"));
        Text(output, "\r\n");
        output.Write(document.WrittenSpan);
        Text(output, "\r\n");
    }

    private static readonly BlobDialect Dialect = new();

    private static void Text(ArrayBufferWriter<byte> output, string text) => Encoding.UTF8.GetBytes(text, output);

    private static S3Exception Malformed(string what) => new(BlobErrors.InvalidInput, $"The batch is malformed: {what}.");
}
