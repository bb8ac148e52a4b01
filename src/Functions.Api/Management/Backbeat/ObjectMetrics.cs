using System.Globalization;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Replication;

namespace ZenkoFunctions.Api.Management.Backbeat;

/// <summary>How far the copy of one version has come. Of what there is not, or of another account's bucket, nothing has come anywhere.</summary>
internal static class ObjectMetrics
{
    /// <summary>Bytes a second.</summary>
    public static async ValueTask<Reply> Throughput(ManagementCall call, CancellationToken ct)
    {
        if (await Find(call, ct) is not (true, var copy)) return call.NoRoute();
        return BackbeatJson.Object(json =>
        {
            json.WriteString("description"u8, "Current throughput for object replication in bytes/sec (throughput)");
            json.WriteString("throughput"u8, copy.BytesPerSecond.ToString("F2", CultureInfo.InvariantCulture));
        });
    }

    /// <summary>How much of it is there.</summary>
    public static async ValueTask<Reply> Progress(ManagementCall call, CancellationToken ct)
    {
        if (await Find(call, ct) is not (true, var copy)) return call.NoRoute();
        return BackbeatJson.Object(json =>
        {
            json.WriteString(
                "description"u8,
                "Number of bytes to be replicated (pending), number of bytes transferred to the destination (completed), and percentage of the object that has completed replication (progress)");
            json.WriteNumber("pending"u8, copy.Size - copy.Done);
            json.WriteNumber("completed"u8, copy.Done);
            json.WriteString("progress"u8, $"{(copy.IsComplete ? 100 : copy.Size == 0 ? 0 : copy.Done * 100 / copy.Size).ToString(CultureInfo.InvariantCulture)}%");
        });
    }

    private static async ValueTask<(bool Found, CopyProgressReport Copy)> Find(ManagementCall call, CancellationToken ct)
    {
        if (call.Query["versionId"] is not { Length: > 0 } version || await Sites.One(call, ct) is not { } site) return default;
        var bucket = await call.Installation.Buckets.Find(call.Path["bucket"], ct);
        return bucket is null || !await FailedReplications.MaySee(call, bucket, ct)
            ? (true, default)
            : (true, await call.Installation.ObjectCopies.Progress(bucket, call.Path["key"], version, site, ct));
    }
}
