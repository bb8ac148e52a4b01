namespace ZenkoFunctions.Core.Objects;

/// <summary>The objects of buckets: written, read, copied, listed, deleted.</summary>
public sealed class ObjectStore
{
    /// <summary>Stores a body under the key. Only If-Match and If-None-Match count here.</summary>
    public ValueTask<Result<Written>> Put(
        Bucket bucket, string key, Writer writer, Description description, Content content, Conditions conditions,
        CancellationToken ct) => throw new NotImplementedException();

    /// <summary>
    /// Opens the current version (to be disposed through its body). <see cref="Refusal.NotModified"/> and
    /// <see cref="Refusal.PreconditionFailed"/> carry the version they are about.
    /// </summary>
    public ValueTask<Result<OpenVersion>> Open(Bucket bucket, string key, ReadRequest request, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Removes the object. Only If-Match counts here.</summary>
    public ValueTask<Result<Removal>> Delete(Bucket bucket, string key, Conditions conditions, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>A page of the current versions by key.</summary>
    public ValueTask<ListPage> List(Bucket bucket, ListRequest request, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Copies an object, onto itself too.</summary>
    public ValueTask<Result<Written>> Copy(CopyRequest request, CancellationToken ct) => throw new NotImplementedException();
}
