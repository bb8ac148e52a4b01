using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>GetObjectAttributes: what there is to say of a version without its bytes, as far as it is asked for.</summary>
public sealed class GetObjectAttributes : Operation
{
    private const string Header = "x-amz-object-attributes";
    private const string MaxParts = "x-amz-max-parts";
    private const string PartMarker = "x-amz-part-number-marker";
    private const int MaxPage = 1000;

    private static readonly string[] Known = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"];

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("GetObjectAttributes", "GET", Target.Object, "s3:GetObjectAttributes") { Query = ["attributes"], TakesVersion = true, Anonymous = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var asked = Parse(call.Header(Header));
        var limit = Math.Min(Numbers.Parameter(MaxParts, call.Header(MaxParts)) ?? MaxPage, MaxPage);
        var after = Numbers.Parameter(PartMarker, call.Header(PartMarker)) ?? 0;
        var versionId = call.Query("versionId");

        var request = new ReadRequest { VersionId = versionId, Conditions = ConditionHeaders.ForRead(call.Request.Headers), WithBody = false };
        var customerKey = EncryptionHeaders.ForRead(call);
        var found = await call.Services.Objects.Open(call.Bucket, call.Key, request, ct);
        if (found.Refusal is not null) return ObjectHeaders.RefusedRead(found);
        var version = found.Value.Version;
        if (!await call.May(new("s3:GetObject", call.Bucket, call.Key, versionId) { Version = version }, ct))
            return Reply.Refused(S3Errors.AccessDenied);
        if (CustomerKey.Refuse(version.Encryption, customerKey) is { } refused) return Reply.Refused<OpenVersion>(refused);

        Parts? parts = null;
        if (asked.Contains("ObjectParts") && version.Body.Manifest is { } manifest)
            parts = new(manifest.Parts, after, limit, await call.Services.Objects.Parts(call.Bucket, call.Key, manifest, after, limit, ct));
        return Reply.Document(Shape, new Attributes { Asked = asked, Version = version, Parts = parts })
            .With("Last-Modified", HttpDates.Format(version.Modified)).WithVersion(call, version);
    }

    private static HashSet<string> Parse(string? header)
    {
        HashSet<string> asked = [.. (header ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        return asked.Count > 0 && asked.IsSubsetOf(Known)
            ? asked
            : throw Invalid.Argument(Header, header, $"Invalid attribute name specified. The attributes are {string.Join(", ", Known)}.");
    }

    private sealed class Attributes
    {
        public HashSet<string> Asked { get; init; } = [];

        public ObjectVersion? Version { get; init; }

        public Parts? Parts { get; init; }

        public ObjectVersion? For(string attribute) => Asked.Contains(attribute) ? Version : null;
    }

    /// <summary>A page of parts. Like AWS, those without checksums of their own are counted but not listed.</summary>
    private sealed record Parts(int Count, int After, int Limit, IReadOnlyList<ObjectPart> Page)
    {
        public Parts() : this(0, 0, 0, []) { }

        public int Next => Page is [.., var last] ? last.Number : After;

        public bool IsTruncated => Next < Count;

        public IReadOnlyList<Line> Listed => [.. Page.Where(part => part.Checksum is not null).Select(part => new Line(part))];
    }

    private readonly record struct Line(ObjectPart Part);

    private sealed record Sum(Checksum? Checksum)
    {
        public Sum() : this((Checksum?)null) { }
    }

    private static readonly XmlShape<Attributes> Shape = new XmlShape<Attributes>("GetObjectAttributesResponse")
        .Text("ETag", a => a.For("ETag")?.ETag)
        .Nested("Checksum", new XmlShape<Sum>("Checksum")
            .ChecksumElements(c => c.Checksum)
            .Text("ChecksumType", c => c.Checksum is { } checksum ? Checksums.Name(checksum.Type) : null),
            a => a.For("Checksum")?.Checksum is { } checksum ? new(checksum) : null)
        .Nested("ObjectParts", new XmlShape<Parts>("ObjectParts")
            .Integer("PartsCount", p => p.Count)
            .Integer("PartNumberMarker", p => p.After)
            .Integer("NextPartNumberMarker", p => p.Next)
            .Integer("MaxParts", p => p.Limit)
            .Flag("IsTruncated", p => p.IsTruncated)
            .Many("Part", new XmlShape<Line>("Part")
                .Integer("PartNumber", l => l.Part.Number)
                .Integer("Size", l => l.Part.Size)
                .ChecksumElements(l => l.Part.Checksum),
                p => p.Listed),
            a => a.Parts)
        .Text("StorageClass", a => a.For("StorageClass") is { } version ? version.StorageClass ?? "STANDARD" : null)
        .Integer("ObjectSize", a => a.For("ObjectSize")?.Size);
}
