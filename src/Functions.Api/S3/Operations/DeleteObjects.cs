using System.Text;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>DeleteObjects: up to 1,000 keys at once, each with an answer of its own.</summary>
public sealed class DeleteObjects : Operation
{
    private const int MaxKeys = 1000;
    private const int MaxBytes = 4 << 20; // 1,000 keys of 1,024 bytes, some of them escaped
    private const int Concurrency = 16;

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("DeleteObjects", "POST", Target.Bucket, "s3:DeleteObject") { Query = ["delete"], Anonymous = true, AsksItself = true, Removes = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var request = RequestShape.Read(await Payload.ReadVerified(call, MaxBytes, ct));
        if (request.Objects.Count > MaxKeys) throw new S3Exception(S3Errors.MalformedXML, $"At most {MaxKeys} keys may be named.");

        var outcomes = new KeyOutcome[request.Objects.Count];
        await Parallel.ForAsync(0, outcomes.Length, new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = ct },
            async (i, stop) => outcomes[i] = await TryDelete(call, request.Objects[i], stop));

        return Reply.Document(ResultShape, new Result
        {
            Deleted = request.Quiet ? [] : [.. outcomes.Where(outcome => outcome.Error is null)],
            Errors = [.. outcomes.Where(outcome => outcome.Error is not null)],
        }).WithKeys(outcomes);
    }

    /// <summary>Deletes one of them. What fails of it fails for it alone: the others are done, and the client has to learn which.</summary>
    private static async ValueTask<KeyOutcome> TryDelete(S3Call call, Entry entry, CancellationToken ct)
    {
        try
        {
            return await Delete(call, entry, ct);
        }
        catch (S3Exception e)
        {
            return Refused(entry, e.Error);
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            return Refused(entry, e is IStorageFull { IsFull: true } ? S3Errors.ServiceUnavailable : S3Errors.InternalError) with { Failure = e };
        }
    }

    private static async ValueTask<KeyOutcome> Delete(S3Call call, Entry entry, CancellationToken ct)
    {
        if (entry.Key.Length == 0) return Refused(entry, S3Errors.InvalidArgument);
        if (Encoding.UTF8.GetByteCount(entry.Key) > 1024) return Refused(entry, S3Errors.KeyTooLongError);
        var question = new AccessQuestion("s3:DeleteObject", call.Bucket, entry.Key, entry.VersionId);
        if (!await call.May(question, ct)) return Refused(entry, S3Errors.AccessDenied);
        var request = new DeleteRequest
        {
            VersionId = VersionIds.Parse(entry.VersionId),
            Conditions = ConditionHeaders.ForDelete(entry.ETag, entry.LastModifiedTime, entry.Size),
            By = call.Writer(),
            BypassesGovernance = await call.BypassesGovernance(entry.Key, entry.VersionId, ct),
        };
        var result = await call.Services.Objects.Delete(call.Permitting(question), entry.Key, request, ct);
        return DeleteObject.IsGone(result)
            ? new(entry.Key, entry.VersionId) { Marker = DeleteObject.Marker(result), Removed = result.Refusal is null ? result.Value.Removed : null }
            : Refused(entry, S3Errors.From(result.Refusal!.Value));
    }

    private static KeyOutcome Refused(Entry entry, S3Error error) => new(entry.Key, entry.VersionId) { Error = error };

    private sealed class Request
    {
        public bool Quiet { get; set; }

        public List<Entry> Objects { get; } = [];
    }

    private sealed class Entry
    {
        public string Key { get; set; } = "";

        public string? VersionId { get; set; }

        public string? ETag { get; set; }

        public string? LastModifiedTime { get; set; }

        public string? Size { get; set; }
    }

    private sealed class Result
    {
        public IReadOnlyList<KeyOutcome> Deleted { get; init; } = [];

        public IReadOnlyList<KeyOutcome> Errors { get; init; } = [];
    }

    private static readonly XmlShape<Request> RequestShape = new XmlShape<Request>("Delete")
        .Flag("Quiet", r => r.Quiet, (r, value) => r.Quiet = value)
        .Many("Object", new XmlShape<Entry>("Object")
            .Text("Key", e => e.Key, (e, value) => e.Key = value, required: true)
            .Text("VersionId", e => e.VersionId, (e, value) => e.VersionId = value)
            .Text("ETag", e => e.ETag, (e, value) => e.ETag = value)
            .Text("LastModifiedTime", e => e.LastModifiedTime, (e, value) => e.LastModifiedTime = value)
            .Text("Size", e => e.Size, (e, value) => e.Size = value),
            r => r.Objects, (r, entry) => r.Objects.Add(entry), required: true);

    private static readonly XmlShape<Result> ResultShape = new XmlShape<Result>("DeleteResult")
        .Many("Deleted", new XmlShape<KeyOutcome>("Deleted")
            .Text("Key", o => o.Key)
            .Text("VersionId", o => o.VersionId)
            .Flag("DeleteMarker", o => o.Marker is null ? null : true)
            .Text("DeleteMarkerVersionId", o => o.Marker?.PublicId), r => r.Deleted)
        .Many("Error", new XmlShape<KeyOutcome>("Error")
            .Text("Key", o => o.Key)
            .Text("VersionId", o => o.VersionId)
            .Text("Code", o => o.Error?.Code)
            .Text("Message", o => o.Error?.Message), r => r.Errors);
}
