using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Amazon.S3;
using Amazon.S3.Model;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary><c>zenkofn backup</c>: taken while clients write, and served.</summary>
[Trait("Speed", "Slow")]
public sealed class BackupTests
{
    private const string Bucket = "kept";

    [Fact]
    public async Task A_backup_that_is_taken_while_clients_write_is_a_server_as_it_was_at_one_moment()
    {
        using var scratch = new Scratch();
        var (data, backup) = (scratch["data"], scratch["backup"]);
        string upload;
        await using (var server = await ServerProcess.Start(data))
        {
            using var s3 = Sdk.Client(server.Endpoint);
            await s3.PutBucketAsync(Bucket);
            await s3.PutBucketVersioningAsync(new() { BucketName = Bucket, VersioningConfig = new() { Status = VersionStatus.Enabled } });
            foreach (var length in new[] { 10, 100_000 })
                await s3.PutObjectAsync(new() { BucketName = Bucket, Key = $"encrypted-{length}", ContentBody = new('e', length), ServerSideEncryptionMethod = ServerSideEncryptionMethod.AES256 });
            await s3.PutObjectAsync(new() { BucketName = Bucket, Key = "deleted", ContentBody = new('d', 50_000) });
            await s3.DeleteObjectAsync(Bucket, "deleted");
            upload = (await s3.InitiateMultipartUploadAsync(Bucket, "parts")).UploadId;
            await s3.UploadPartAsync(new() { BucketName = Bucket, Key = "parts", UploadId = upload, PartNumber = 1, InputStream = new MemoryStream(new byte[100_000]) });

            var before = new ConcurrentDictionary<string, int>();
            using var stop = new CancellationTokenSource();
            var counts = new int[4];
            var writers = Enumerable.Range(0, counts.Length).Select(writer => Task.Run(async () =>
            {
                for (var i = 0; !stop.IsCancellationRequested; i++)
                {
                    var key = $"w{writer}-{i % 20}";
                    await s3.PutObjectAsync(new() { BucketName = Bucket, Key = key, ContentBody = Body(key, i) });
                    before[key] = i;
                    counts[writer]++;
                }
            })).ToList();
            await Eventually.Holds(() => counts.All(count => count > 40), "writes");
            var acknowledged = before.ToArray();
            (await Run("--data", data, backup)).Succeeded();
            await Eventually.Holds(() => before.All(pair => pair.Value > acknowledged.FirstOrDefault(was => was.Key == pair.Key).Value), "writes behind the backup");
            await stop.CancelAsync();
            await Task.WhenAll(writers);
            await s3.DeleteObjectAsync(Bucket, "encrypted-10");
            await server.Kill();

            await using var restored = await ServerProcess.Start(backup);
            using var again = Sdk.Client(restored.Endpoint);
            var versions = new List<S3ObjectVersion>();
            await foreach (var page in again.Paginators.ListVersions(new ListVersionsRequest { BucketName = Bucket }).Responses) versions.AddRange(page.Versions);
            // Nothing that was acknowledged before is missing, and nothing is there in part.
            Assert.All(acknowledged, pair => Assert.True(versions.Count(version => version.Key == pair.Key) > pair.Value / 20, pair.Key));
            foreach (var version in versions.Where(version => version.IsDeleteMarker != true))
            {
                using var got = await again.GetObjectAsync(new GetObjectRequest { BucketName = Bucket, Key = version.Key, VersionId = version.VersionId });
                var body = await new StreamReader(got.ResponseStream).ReadToEndAsync();
                Assert.Equal(version.ETag.Trim('"'), Convert.ToHexStringLower(MD5.HashData(Encoding.ASCII.GetBytes(body))));
            }
            Assert.Contains(versions, version => version is { Key: "encrypted-10", IsLatest: true });
            Assert.Contains(versions, version => version is { Key: "deleted", IsLatest: true, IsDeleteMarker: true });
            var part = Assert.Single((await again.ListPartsAsync(Bucket, "parts", upload)).Parts);
            await again.CompleteMultipartUploadAsync(new() { BucketName = Bucket, Key = "parts", UploadId = upload, PartETags = [new(1, part.ETag)] });
            Assert.Equal(100_000, (await again.GetObjectMetadataAsync(Bucket, "parts")).ContentLength);
        }
        // Each has bytes of its own, though they are the same: what goes from one stays in the other.
        Directory.Delete(data, recursive: true);
        await using var alone = await ServerProcess.Start(backup);
        using var client = Sdk.Client(alone.Endpoint);
        using var encrypted = await client.GetObjectAsync(Bucket, "encrypted-100000");
        Assert.Equal(new string('e', 100_000), await new StreamReader(encrypted.ResponseStream).ReadToEndAsync());
    }

    [Fact]
    public async Task What_cannot_be_backed_up_is_told()
    {
        using var scratch = new Scratch();
        var nothing = await Run("--data", scratch["nothing"], scratch["backup"]);
        Assert.Equal(1, nothing.ExitCode);
        Assert.Contains("--data", nothing.Err, StringComparison.Ordinal);
        Directory.CreateDirectory(scratch["data"]);
        await File.WriteAllTextAsync(Path.Combine(scratch["data"], "state.db"), "no database");
        var damaged = await Run("--data", scratch["data"], scratch["backup"]);
        Assert.Equal(1, damaged.ExitCode);
        await File.WriteAllTextAsync(Path.Combine(scratch["backup"], "something"), "");
        var full = await Run("--data", scratch["data"], scratch["backup"]);
        Assert.Equal(1, full.ExitCode);
        Assert.Contains("is not empty", full.Err, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(scratch["backup"], "state.db")));
    }

    private static string Body(string key, int number) => string.Concat(Enumerable.Repeat($"{key} {number} ", 4000));

    private static Task<Ran> Run(params string[] arguments) => Shell.Run("dotnet", [Repository.Program, "backup", .. arguments], new Dictionary<string, string>());
}
