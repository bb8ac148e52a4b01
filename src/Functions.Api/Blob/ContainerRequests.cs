using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>What requests about containers have in common: what they say, under which conditions, and how a container's setting is changed.</summary>
internal static class ContainerRequests
{
    private const int MaxMetadataBytes = 8 * 1024;

    /// <summary>The container of a request as it is told.</summary>
    public static ContainerView View(this BlobCall call, Bucket bucket) => new(call.Address.Container, bucket, call.Installation.Clock.GetUtcNow());

    /// <summary>Metadata by name as the client wrote it; InvalidInput beyond 8 KiB, InvalidMetadata where a name is no identifier.</summary>
    public static IReadOnlyDictionary<string, string> ContainerMetadata(this BlobCall call)
    {
        var metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var size = 0;
        foreach (var (header, values) in call.Request.Headers)
        {
            if (!header.StartsWith(BlobHeaders.MetadataPrefix, StringComparison.OrdinalIgnoreCase)) continue;
            var (name, value) = (header[BlobHeaders.MetadataPrefix.Length..], values.ToString());
            size += name.Length + value.Length;
            if (name.Length == 0 || size > MaxMetadataBytes) throw new S3Exception(BlobErrors.InvalidInput, "Metadata has names, and 8 KiB at most in all.");
            BlobHeaders.CheckIdentifier(name);
            metadata[name] = value;
        }
        return metadata;
    }

    /// <summary>x-ms-blob-public-access; InvalidHeaderValue for anything but container and blob, PublicAccessNotPermitted where the account forbids it.</summary>
    public static ContainerAccess PublicAccess(this BlobCall call)
    {
        var access = call.Header(ContainerProperties.PublicAccess) switch
        {
            null => ContainerAccess.None,
            "blob" => ContainerAccess.Blob,
            "container" or "true" => ContainerAccess.Container,
            _ => throw new S3Exception(BlobErrors.InvalidHeaderValue, $"{ContainerProperties.PublicAccess} must be container or blob."),
        };
        return access == ContainerAccess.None || call.Account.AllowPublicAccess ? access : throw new S3Exception(BlobErrors.PublicAccessNotPermitted);
    }

    /// <summary>Why the container as it is now may not be asked so: its lease, If-Modified-Since, If-Unmodified-Since; null where it may.</summary>
    /// <param name="call">The request.</param>
    /// <param name="bucket">The container.</param>
    /// <param name="use">What it is asked for.</param>
    public static S3Error? RefusedBy(this BlobCall call, Bucket bucket, ContainerUse use)
    {
        var view = call.View(bucket);
        // A request about the lease names it, and is judged by the change that it asks for.
        if (use != ContainerUse.Lease && call.Header("x-ms-lease-id") is { Length: > 0 } text)
        {
            var id = BlobHeaders.LeaseId("x-ms-lease-id", text);
            if (view.Setting.Lease is not { } lease || !lease.Holds(view.Now)) return BlobErrors.LeaseNotPresentWithContainerOperation;
            if (lease.Id != id) return BlobErrors.LeaseIdMismatchWithContainerOperation;
        }
        else if (use == ContainerUse.Removal && view.Setting.Lease?.Holds(view.Now) == true)
        {
            return BlobErrors.LeaseIdMissing;
        }
        // Dates of headers are whole seconds.
        var seconds = view.Modified.ToUnixTimeSeconds();
        if (Date("If-Modified-Since") is { } since && seconds <= since.ToUnixTimeSeconds())
            return call.Spec.Verb is "GET" or "HEAD" ? BlobErrors.NotModified : BlobErrors.ConditionNotMet;
        return Date("If-Unmodified-Since") is { } until && seconds > until.ToUnixTimeSeconds() ? BlobErrors.ConditionNotMet : null;

        DateTimeOffset? Date(string header) => HttpDates.Parse(call.Header(header));
    }

    /// <summary>Changes what Azure's protocol knows of the container, where the request's conditions hold at that moment.</summary>
    /// <param name="call">The request.</param>
    /// <param name="use">What it is asked for; a change of the lease leaves ETag and date.</param>
    /// <param name="change">The setting as it is to be, of the container as it is. May throw <see cref="S3Exception"/>.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>The changed bucket, or the error.</returns>
    public static async ValueTask<(Bucket? Bucket, S3Error? Error)> Change(
        this BlobCall call, ContainerUse use, Func<ContainerView, ContainerSetting> change, CancellationToken ct)
    {
        S3Error? error = null;
        var changed = await call.Installation.Buckets.Change(
            call.Bucket, BucketSettings.Container,
            now =>
            {
                var view = call.View(now);
                error = call.RefusedBy(now, use);
                if (error is not null) return Refusal.Conflict;
                var next = change(view);
                if (use == ContainerUse.Lease) return next;
                var after = view.Modified.AddMicroseconds(1);
                return next with { Modified = view.Now > after ? view.Now : after };
            },
            ct);
        return error is not null ? (null, error) : changed.Refusal is { } refusal ? (null, BlobErrors.From(refusal)) : (changed.Value, null);
    }
}

/// <summary>What a container is asked for, as far as its lease has a say.</summary>
internal enum ContainerUse
{
    /// <summary>Anything: a lease that is named must be its own.</summary>
    Any,

    /// <summary>To change the lease itself.</summary>
    Lease,

    /// <summary>To remove it: its lease must be named.</summary>
    Removal,
}
