using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>PutBlobFromURL: stores a block blob that is read from elsewhere, in one request.</summary>
public sealed class PutBlobFromUrl : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } =
        new("PutBlobFromURL", "PUT", Target.Object, "s3:PutObject", "cw") { Headers = ["x-ms-copy-source", "x-ms-blob-type=BlockBlob"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        if (call.Request.ContentLength > 0) return Reply.Refused(BlobErrors.InvalidHeaderValue, "A blob that is read from elsewhere has no body.");
        var conditions = call.ForWrite();
        var (md5, crc) = BlobPayload.SourceSums(call);
        var (source, refused) = await BlobSource.Open(call, ct);
        if (source is null) return refused!;
        await using var _ = source;
        var description = call.Description();
        var (tags, untold) = await BlobSource.Tags(call, description, ct);
        if (untold is not null) return untold;
        description = description with { Tags = tags };
        if (call.Header("x-ms-copy-source-blob-properties") is not { } takes || BlobHeaders.Flag("x-ms-copy-source-blob-properties", takes))
            description = description with { Headers = Over(source.Properties, description.Headers, call) };
        var (written, unwritten) = await source.Write(call, description, md5, crc, conditions, ct);
        if (written is not { } version) return unwritten!;
        return Reply.Empty(201).WithWritten(version)
            .With("Content-MD5", BlobProperties.ContentMd5(version)).With("x-ms-content-crc64", BlobHeaders.Crc64(version.Checksum));
    }

    /// <summary>The source's properties, where the request does not say others.</summary>
    private static Dictionary<string, string> Over(IReadOnlyDictionary<string, string> source, IReadOnlyDictionary<string, string> said, BlobCall call)
    {
        var properties = new Dictionary<string, string>(source);
        foreach (var (name, value) in said)
            if (name != "Content-Type" || call.Header("x-ms-blob-content-type") is not null || !properties.ContainsKey(name)) properties[name] = value;
        return properties;
    }
}
