using ZenkoFunctions.Core.Bytes;

namespace ZenkoFunctions.Core.Objects;

/// <summary>Multipart uploads: their parts, and how they become objects.</summary>
public sealed class MultipartUploads
{
    /// <summary>Starts an upload.</summary>
    public ValueTask<Result<Upload>> Create(
        Bucket bucket, string key, Writer writer, Description description, ChecksumAlgorithm? algorithm, ChecksumType? type,
        CancellationToken ct) => throw new NotImplementedException();

    /// <summary>Stores a part; a later one of the same number takes its place.</summary>
    public ValueTask<Result<Part>> PutPart(
        Bucket bucket, string key, string uploadId, int number, Content content, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Stores a part that is copied from an object.</summary>
    public ValueTask<Result<Part>> CopyPart(
        Bucket bucket, string key, string uploadId, int number, PartSource source, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>A page of the parts, after the given number.</summary>
    public ValueTask<Result<PartPage>> ListParts(
        Bucket bucket, string key, string uploadId, int after, int limit, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>A page of the bucket's open uploads.</summary>
    public ValueTask<UploadPage> List(Bucket bucket, ListUploadsRequest request, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Makes the object. Repeated with the same parts, it gives the same answer for seven days.</summary>
    public ValueTask<Result<Written>> Complete(
        Bucket bucket, string key, string uploadId, CompleteRequest request, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Ends the upload without an object; its bytes are removed by a job.</summary>
    public ValueTask<Result<Upload>> Abort(Bucket bucket, string key, string uploadId, CancellationToken ct) =>
        throw new NotImplementedException();
}
