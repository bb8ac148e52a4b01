using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>
/// SetBlobProperties: all of the properties at once, those that are not named are cleared. Of a page blob the size and the sequence
/// number, too; where the request is about those and names no property, the properties stay.
/// </summary>
public sealed class SetBlobHttpHeaders : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("SetBlobProperties", "PUT", Target.Object, "s3:PutObject", "w") { Comp = "properties" };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        var (size, count) = (call.PageBlobSize(), call.SequenceChange());
        var isOfPages = size is not null || count is not null;
        var headers = BlobHeaders.PropertiesOf(call.Request.Headers, fallsBack: false);
        var md5 = BlobHeaders.ToldMd5(call.Header("x-ms-blob-content-md5"));
        var told = md5 ?? "";
        var stays = isOfPages && md5 is null && !BlobHeaders.NamesProperties(call.Request.Headers);
        var result = isOfPages
            ? await call.Installation.PageBlobs.Change(call.Bucket, call.Address.Blob, new() { Conditions = call.Conditions() }, size, Counted, ct)
            : await call.Touch(Described, ct);
        if (isOfPages && result.Refusal == Refusal.InvalidRequest) return Reply.Refused(BlobErrors.SequenceNumberIncrementTooLarge);
        return result.Refusal is null ? Reply.Empty().WithValidators(result.Value).WithSequence(result.Value) : BlobReplies.Refused(result);

        ObjectVersion Described(ObjectVersion version) =>
            stays ? version : version with { Headers = headers, Blob = (version.Blob ?? new()) with { ContentMd5 = told } };

        Result<ObjectVersion> Counted(ObjectVersion version)
        {
            var next = Described(version);
            if (count is null) return next;
            return count(next.Blob!.SequenceNumber ?? 0) is { } number ? next with { Blob = next.Blob with { SequenceNumber = number } } : Refusal.InvalidRequest;
        }
    }
}
