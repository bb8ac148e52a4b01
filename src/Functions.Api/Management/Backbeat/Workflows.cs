using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Management.Backbeat;

/// <summary>What is read of a Zenko configuration.</summary>
internal sealed record ConfigurationOverlay
{
    public List<ReplicationStream>? ReplicationStreams { get; init; }

    /// <summary>Rules of expiration and transition.</summary>
    public JsonElement Workflows { get; init; }

    public sealed record ReplicationStream
    {
        public string? StreamId { get; init; }

        public string? Name { get; init; }

        public bool Enabled { get; init; }

        public Source? Source { get; init; }

        public Destination? Destination { get; init; }
    }

    public sealed record Source(string? BucketName, string? Prefix);

    public sealed record Destination(List<Location>? Locations, string? PreferredReadLocation);

    public sealed record Location(string? Name);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ConfigurationOverlay))]
internal sealed partial class OverlayJson : JsonSerializerContext;

/// <summary>
/// Makes the rules of buckets what a Zenko configuration says: each stream a rule of its source bucket. Buckets of an earlier
/// configuration that this one does not name lose their rules, unless somebody has replaced them since.
/// </summary>
internal static class Workflows
{
    /// <summary>The role that tells these rules from those that clients of S3 have put.</summary>
    private const string Role = "arn:aws:iam::root:role/s3-replication-role";

    /// <summary>All is checked before anything is changed.</summary>
    public static async ValueTask<Reply> Apply(ManagementCall call, CancellationToken ct)
    {
        var overlay = call.Read(OverlayJson.Default.ConfigurationOverlay);
        if (overlay.Workflows is { ValueKind: JsonValueKind.Object } workflows && workflows.EnumerateObject().Any()
            || overlay.Workflows is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() > 0)
            throw new S3Exception(S3Errors.NotImplemented, "Only replicationStreams are applied; put rules of expiration and transition with PutBucketLifecycleConfiguration.");

        var buckets = call.Installation.Buckets;
        var wanted = new List<(Bucket Bucket, ReplicationSetting Setting)>();
        foreach (var group in (overlay.ReplicationStreams ?? []).GroupBy(stream => stream.Source?.BucketName ?? ""))
        {
            if (group.Key.Length == 0) throw Malformed("Each of replicationStreams needs source.bucketName.");
            var bucket = await buckets.Find(group.Key, ct) ?? throw Malformed($"There is no bucket {group.Key}.");
            if (bucket.Get(BucketSettings.Versioning)?.State != VersioningState.Enabled)
                throw Malformed($"The bucket {group.Key} needs versioning: put it with PutBucketVersioning first.");
            wanted.Add((bucket, await SettingOf(group, bucket, buckets, ct)));
        }

        var workflowsBefore = await call.Installation.Workflows.Read(ct);
        var named = wanted.Select(each => KeyValuePair.Create(each.Bucket.Name, each.Bucket.Id)).ToList();
        await call.Installation.Workflows.Write(named.Concat(workflowsBefore), ct);
        foreach (var (bucket, setting) in wanted)
        {
            var changed = await buckets.Change<ReplicationSetting>(
                bucket, BucketSettings.Replication,
                now => now.Get(BucketSettings.Versioning)?.State == VersioningState.Enabled ? setting : Refusal.InvalidRequest.Because($"The bucket {now.Name} needs versioning."), ct);
            if (changed.Refusal is not null) return Reply.Refused(changed);
        }
        foreach (var (name, id) in workflowsBefore)
        {
            if (wanted.Exists(each => each.Bucket.Name == name) || await buckets.Find(name, ct) is not { } bucket || bucket.Id != id) continue;
            await buckets.Change<ReplicationSetting>(
                bucket, BucketSettings.Replication, now => now.Get(BucketSettings.Replication) is { } theirs && theirs.Role != Role ? theirs : (ReplicationSetting?)null, ct);
        }
        await call.Installation.Workflows.Write(named, ct);
        return BackbeatJson.Done();
    }

    /// <summary>The streams as the document that a client of S3 would put, so that what holds for that holds for them.</summary>
    private static async ValueTask<ReplicationSetting> SettingOf(
        IGrouping<string, ConfigurationOverlay.ReplicationStream> streams, Bucket bucket, Buckets buckets, CancellationToken ct)
    {
        var document = new ReplicationMessages.Document { Role = Role };
        foreach (var stream in streams)
        {
            var named = (stream.Destination?.Locations ?? []).Select(location => location.Name ?? "").ToList();
            if (named.Count == 0 || named.Exists(name => name.Length == 0))
                throw Malformed($"The stream {stream.StreamId ?? stream.Name} of the bucket {streams.Key} needs destination.locations, each with a name.");
            var preferred = stream.Destination!.PreferredReadLocation;
            if (!string.IsNullOrEmpty(preferred) && !named.Contains(preferred))
                throw Malformed($"The stream {stream.StreamId ?? stream.Name} of the bucket {streams.Key} prefers to read from {preferred}, which it does not go to.");
            document.Rules.Add(new()
            {
                Id = stream.StreamId ?? stream.Name,
                Status = stream.Enabled ? "Enabled" : "Disabled",
                Prefix = stream.Source!.Prefix ?? "",
                Destination = new() { StorageClass = string.Join(',', named.Select(name => name == preferred ? name + ":preferred_read" : name)) },
            });
        }
        var bytes = new ArrayBufferWriter<byte>();
        ReplicationShapes.Document.Write(bytes, document);
        try
        {
            return await ReplicationChecks.Read(bytes.WrittenMemory, bucket, buckets, ct);
        }
        catch (S3Exception e)
        {
            throw Malformed($"The streams of the bucket {streams.Key} cannot be its rules: {e.Detail ?? e.Error.Message}");
        }
    }

    private static S3Exception Malformed(string why) => new(ManagementErrors.MalformedBody, why);
}
