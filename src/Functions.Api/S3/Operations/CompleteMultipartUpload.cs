using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>CompleteMultipartUpload: makes an object of an upload's parts.</summary>
public sealed class CompleteMultipartUpload : Operation
{
    private const int MaxBytes = 4 << 20; // 10,000 parts with the longest checksum need less

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("CompleteMultipartUpload", "POST", Target.Object, "s3:PutObject") { Query = ["uploadId"], Anonymous = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var headers = call.Request.Headers;
        var conditions = ConditionHeaders.ForWrite(headers);
        var checksum = ChecksumHeaders.Single(headers);
        var customerKey = EncryptionHeaders.ForCompletion(call);
        var body = await ReadBody(call, ct);
        var request = new CompleteRequest
        {
            Cause = call.Cause(),
            Parts = Named(body.Parts),
            Conditions = conditions,
            CustomerKey = customerKey,
            Checksum = checksum?.Value,
            Algorithm = checksum?.Spec.Algorithm,
            ChecksumType = ChecksumHeaders.Type(headers),
            Size = ParseSize(call.Header("x-amz-mp-object-size")),
        };

        var result = await call.Services.Uploads.Complete(
            call.Bucket, call.Key, call.Query("uploadId")!, request, ct);
        if (result.Refusal is not null) return ObjectHeaders.RefusedWrite(result, conditions);
        return Reply.Document(ResultShape, new Completed
        {
            Location = $"{(call.Request.IsHttps ? "https" : "http")}://{call.Header("Host")}{call.Request.RawPath}",
            Bucket = call.BucketName,
            Key = call.Key,
            Version = result.Value.Version,
        }).WithNewVersion(result.Value.Version).WithExpiration(call.Bucket, call.Key, result.Value.Version)
            .WithEncryption(result.Value.Version.Encryption, call);
    }

    /// <summary>Here the checksum headers are about the object, not about this message: only Content-MD5 can be wrong.</summary>
    private static async ValueTask<Listed> ReadBody(S3Call call, CancellationToken ct)
    {
        var md5 = Payload.Md5(call.Header("Content-MD5"));
        var body = await call.ReadAll(MaxBytes, ct);
        if (body.IsEmpty) throw new S3Exception(S3Errors.MalformedXML, "The list of parts is missing.");
        if (md5 is not null) Payload.Verify(body.Span, md5);
        var listed = RequestShape.Read(body);
        return listed.Parts.Count <= Numbers.MaxPart
            ? listed
            : throw new S3Exception(S3Errors.MalformedXML, $"At most {Numbers.MaxPart} parts may be listed.");
    }

    /// <summary>
    /// The parts in the order given. Of one number that is listed several times in a row the last counts: a client that
    /// uploaded a part again may list both.
    /// </summary>
    private static List<NamedPart> Named(List<ListedPart> listed)
    {
        var named = new List<NamedPart>(listed.Count);
        foreach (var part in listed)
        {
            if (part.Number is < 1 or > Numbers.MaxPart)
                throw Invalid.Argument("PartNumber", $"{part.Number}", "A part number is a whole number from 1 to 10000.");
            if (named is [.., var last] && last.Number == part.Number) named.RemoveAt(named.Count - 1);
            named.Add(new((int)part.Number, ETags.Unquote(part.ETag), part.Checksum?.Value, part.Checksum?.Algorithm));
        }
        return named;
    }

    private static long? ParseSize(string? header)
    {
        if (header is null) return null;
        return Numbers.Parse(header)
            ?? throw Invalid.Request("Value for x-amz-mp-object-size header is invalid: it must be a number of bytes.");
    }

    private sealed class Listed
    {
        public List<ListedPart> Parts { get; } = [];
    }

    private sealed class ListedPart
    {
        public long Number { get; set; }

        public string ETag { get; set; } = "";

        public Checksum? Checksum { get; set; }
    }

    private sealed class Completed
    {
        public string Location { get; init; } = "";

        public string Bucket { get; init; } = "";

        public string Key { get; init; } = "";

        public ObjectVersion? Version { get; init; }
    }

    private static readonly XmlShape<Listed> RequestShape = new XmlShape<Listed>("CompleteMultipartUpload")
        .Many("Part", new XmlShape<ListedPart>("Part")
            .Integer("PartNumber", p => p.Number, (p, value) => p.Number = value, required: true)
            .Text("ETag", p => p.ETag, (p, value) => p.ETag = value, required: true)
            .ChecksumElements(p => p.Checksum, (p, value) => p.Checksum = value),
            l => l.Parts, (l, part) => l.Parts.Add(part), required: true);

    private static readonly XmlShape<Completed> ResultShape = new XmlShape<Completed>("CompleteMultipartUploadResult")
        .Text("Location", c => c.Location)
        .Text("Bucket", c => c.Bucket)
        .Text("Key", c => c.Key)
        .Text("ETag", c => c.Version is { } version ? ETags.Quote(version.ETag) : null)
        .Text("ChecksumType", c => c.Version?.Checksum is { } checksum ? Checksums.Name(checksum.Type) : null)
        .ChecksumElements(c => c.Version?.Checksum);
}
