using System.Globalization;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>GetBlockList: the blocks that a blob is made of, and those that wait for a list.</summary>
public sealed class GetBlockList : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } =
        new("GetBlockList", "GET", Target.Object, "s3:GetObject", "r") { Comp = "blocklist", Public = ContainerAccess.Blob };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        var (committed, uncommitted) = call.Query("blocklisttype")?.ToLowerInvariant() switch
        {
            null or "" or "committed" => (true, false),
            "uncommitted" => (false, true),
            "all" => (true, true),
            _ => throw new S3Exception(BlobErrors.InvalidQueryParameterValue, "blocklisttype must be committed, uncommitted or all."),
        };
        if (uncommitted && call.Sender.Principal.IsAnonymous) return Reply.Refused(BlobErrors.NoAuthenticationInformation, "Only committed blocks are public: sign, or leave blocklisttype out.");
        var request = new ReadRequest { VersionId = call.VersionId(), Snapshot = call.Snapshot(), Conditions = call.Conditions() };
        var result = await call.Installation.Blocks.List(call.Bucket, call.Address.Blob, request, committed, uncommitted, ct);
        if (result.Refusal is not null) return BlobReplies.Refused(result);
        var reply = Reply.Document(Shape, new Listing { List = result.Value });
        if (result.Value.Version is not { } version) return reply.With("x-ms-blob-content-length", "0");
        return reply.WithValidators(version).With("x-ms-blob-content-length", version.Size.ToString(CultureInfo.InvariantCulture));
    }

    private sealed class Listing
    {
        public BlockList? List { get; init; }
    }

    private static readonly XmlShape<BlobBlock> BlockShape = new XmlShape<BlobBlock>("Block", xmlns: null)
        .Text("Name", block => block.Id).Integer("Size", block => block.Size);

    private static readonly XmlShape<Listing> Shape = new XmlShape<Listing>("BlockList", xmlns: null)
        .Wrapped("CommittedBlocks", "Block", BlockShape, listing => listing.List!.Committed)
        .Wrapped("UncommittedBlocks", "Block", BlockShape, listing => listing.List!.Uncommitted);
}
