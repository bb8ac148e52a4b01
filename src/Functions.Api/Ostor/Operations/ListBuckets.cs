using System.Globalization;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>Lists the buckets, of all users or of one, with what they hold and have held in this hour.</summary>
public sealed class ListBuckets : OstorOperation
{
    private const int PageSize = 1000;

    /// <inheritdoc/>
    public override OstorSpec Spec { get; } = new("ListBuckets", "ostor-buckets", "GET") { Optional = ["emailAddress"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(OstorCall call, CancellationToken ct)
    {
        var listed = new List<BucketDocument>();
        if (call.Email is null)
        {
            await foreach (var bucket in call.Installation.Buckets.All(null, ct))
                if (bucket is { Deleting: null, Emptying: null }) listed.Add(await Document(call, bucket, ct));
        }
        else
        {
            var owner = await call.Account(ct);
            for (string? after = null; ;)
            {
                var page = await call.Installation.Buckets.List(owner, "", after, PageSize, ct);
                foreach (var bucket in page.Buckets) listed.Add(await Document(call, bucket, ct));
                if ((after = page.Next) is null) break;
            }
        }
        return Reply.Json(OstorJson.Default.BucketsDocument, new(listed));
    }

    private static async ValueTask<BucketDocument> Document(OstorCall call, Bucket bucket, CancellationToken ct)
    {
        var hour = await call.Installation.Usage.ReadHour(bucket.Id, bucket.Created, ct);
        return new(
            new(hour.Held, decimal.Floor(hour.Integral), hour.Peak, hour.Hour), bucket.Created.ToUnixTimeSeconds(), OstorIds.Of(bucket.OwnerId), bucket.Name,
            bucket.Created.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
    }
}
