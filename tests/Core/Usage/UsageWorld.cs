using System.Text;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Tests.Objects;
using ZenkoFunctions.Core.Usage;

namespace ZenkoFunctions.Core.Tests.Usage;

/// <summary>What tests of usage ask of a world.</summary>
internal static class UsageWorld
{
    public static async Task<Bucket> Limit(this World world, Bucket bucket, long bytes) =>
        (await world.Buckets.Change<QuotaSetting>(bucket, BucketSettings.Quota, _ => new QuotaSetting(bytes), default)).Value;

    public static async Task<Bucket> Version(this World world, Bucket bucket, VersioningState state = VersioningState.Enabled) =>
        (await world.Buckets.Change<VersioningSetting>(bucket, BucketSettings.Versioning, _ => new VersioningSetting(state), default)).Value;

    /// <summary>What the counter says.</summary>
    public static async Task<Amount> Counted(this World world, Bucket bucket) => (await world.Usage.Read(bucket.Id, default)).Total;

    /// <summary>What a listing says, and so many bytes of parts.</summary>
    public static async Task<Amount> Listed(this World world, Bucket bucket, long parts = 0)
    {
        var versions = (await world.Objects.ListVersions(bucket, new() { Limit = 10_000 }, default)).Entries;
        return new(versions.Sum(entry => entry.Version!.Size), versions.Count, parts);
    }

    /// <summary>Has a bucket walked from its beginning to its end.</summary>
    public static async Task Walk(this World world, Bucket bucket) => await world.Jobs.Run("usage", Message(bucket), default);

    public static byte[] Message(Bucket bucket) =>
        Encoding.UTF8.GetBytes($$"""{"format":1,"bucket":"{{bucket.Name}}","bucketId":"{{bucket.Id}}"}""");

    /// <summary>An upload of one part.</summary>
    public static async Task<(string Id, string ETag)> Upload(this World world, Bucket bucket, string key, string body)
    {
        var id = (await world.Uploads.Create(bucket, key, World.By, new(), null, null, default)).Value.Id;
        return (id, (await world.PutPart(bucket, key, id, 1, body)).Value.ETag);
    }
}
