using System.Text;
using ZenkoFunctions.Api.S3.Parsing;
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
        new("DeleteObjects", "POST", Target.Bucket, "s3:DeleteObject") { Query = ["delete"], Anonymous = true, AsksItself = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var request = RequestShape.Read(await Payload.ReadVerified(call, MaxBytes, ct));
        if (request.Objects.Count > MaxKeys) throw new S3Exception(S3Errors.MalformedXML, $"At most {MaxKeys} keys may be named.");

        var outcomes = new Outcome[request.Objects.Count];
        await Parallel.ForAsync(0, outcomes.Length, new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = ct },
            async (i, stop) => outcomes[i] = await Delete(call, request.Objects[i], stop));

        return Reply.Document(ResultShape, new Result
        {
            Deleted = request.Quiet ? [] : [.. outcomes.Where(outcome => outcome.Error is null)],
            Errors = [.. outcomes.Where(outcome => outcome.Error is not null)],
        });
    }

    private static async ValueTask<Outcome> Delete(S3Call call, Entry entry, CancellationToken ct)
    {
        if (entry.Key.Length == 0) return new(entry, S3Errors.InvalidArgument);
        if (Encoding.UTF8.GetByteCount(entry.Key) > 1024) return new(entry, S3Errors.KeyTooLongError);
        if (!await call.May(new("s3:DeleteObject", call.Bucket, entry.Key, entry.VersionId), ct)) return new(entry, S3Errors.AccessDenied);
        DeleteRequest request;
        try
        {
            request = new()
            {
                VersionId = VersionIds.Parse(entry.VersionId),
                Conditions = ConditionHeaders.ForDelete(entry.ETag, entry.LastModifiedTime, entry.Size),
                By = call.Writer(),
                BypassesGovernance = await call.BypassesGovernance(entry.Key, entry.VersionId, ct),
            };
        }
        catch (S3Exception e)
        {
            return new(entry, e.Error);
        }
        var result = await call.Services.Objects.Delete(call.Bucket, entry.Key, request, ct);
        return DeleteObject.IsGone(result)
            ? new(entry, null, DeleteObject.Marker(result))
            : new(entry, S3Errors.From(result.Refusal!.Value));
    }

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

    /// <summary>What became of an entry; the marker is the delete marker that was made or removed.</summary>
    private readonly record struct Outcome(Entry Entry, S3Error? Error, ObjectVersion? Marker = null);

    private sealed class Result
    {
        public IReadOnlyList<Outcome> Deleted { get; init; } = [];

        public IReadOnlyList<Outcome> Errors { get; init; } = [];
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
        .Many("Deleted", new XmlShape<Outcome>("Deleted")
            .Text("Key", o => o.Entry.Key)
            .Text("VersionId", o => o.Entry.VersionId)
            .Flag("DeleteMarker", o => o.Marker is null ? null : true)
            .Text("DeleteMarkerVersionId", o => o.Marker?.PublicId), r => r.Deleted)
        .Many("Error", new XmlShape<Outcome>("Error")
            .Text("Key", o => o.Entry.Key)
            .Text("VersionId", o => o.Entry.VersionId)
            .Text("Code", o => o.Error?.Code)
            .Text("Message", o => o.Error?.Message), r => r.Errors);
}
