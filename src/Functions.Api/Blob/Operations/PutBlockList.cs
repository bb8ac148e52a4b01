using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>PutBlockList: makes a blob of blocks.</summary>
public sealed class PutBlockList : BlobOperation
{
    /// <inheritdoc/>
    // 50,000 of the longest ids in the longest elements are 6 MiB.
    public override BlobSpec Spec { get; } =
        new("PutBlockList", "PUT", Target.Object, "s3:PutObject", "w") { Comp = "blocklist", NeedsLength = true, DocumentBytes = 8 << 20 };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        var conditions = call.ForWrite();
        var description = call.Description(BlobHeaders.ToldMd5(call.Header("x-ms-blob-content-md5")) is { } md5 ? new() { ContentMd5 = md5 } : null);
        var blocks = RequestShape.Read(await call.ReadDocument(ct)).Blocks;
        if (blocks.Count > ObjectLimits.Blocks) return Reply.Refused(BlobErrors.BlockListTooLong);
        var result = await call.Installation.Blocks.Commit(
            call.Bucket, call.Address.Blob,
            new() { Blocks = blocks, Writer = call.Writer(EventNames.Completed), Description = description, Conditions = conditions }, ct);
        if (result.Refusal is not null) return BlobReplies.RefusedWrite(result, conditions);
        var version = result.Value.Version;
        return Reply.Empty(201).WithWritten(version).With("x-ms-content-crc64", BlobHeaders.Crc64(version.Checksum));
    }

    private sealed class Listed
    {
        public List<NamedBlock> Blocks { get; } = [];

        public void Add(string id, BlockSource source) => Blocks.Add(new(
            BlockIds.Canonical(id) ?? throw new S3Exception(BlobErrors.InvalidBlockId), source));
    }

    // The three may come in any order, which is the blob's.
    private static readonly XmlShape<Listed> RequestShape = new XmlShape<Listed>("BlockList", xmlns: null)
        .Texts("Latest", _ => null, (list, id) => list.Add(id, BlockSource.Latest))
        .Texts("Committed", _ => null, (list, id) => list.Add(id, BlockSource.Committed))
        .Texts("Uncommitted", _ => null, (list, id) => list.Add(id, BlockSource.Uncommitted));
}
