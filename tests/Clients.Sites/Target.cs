using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using ZenkoFunctions.Clients.Tests.Harness;
using ZenkoFunctions.Contracts;

namespace ZenkoFunctions.Clients.Sites.Tests;

/// <summary>A copy as its site has it.</summary>
/// <param name="Md5">Of the bytes that were read there, in hex.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ContentType">Its type.</param>
/// <param name="Metadata">User metadata, names in lower case and without <c>x-amz-meta-</c>; those of Azure as they are named there.</param>
/// <param name="Tags">Its tags.</param>
internal sealed record Copy(string Md5, long Size, string ContentType, IReadOnlyDictionary<string, string> Metadata, IReadOnlyDictionary<string, string> Tags);

/// <summary>A bucket or container that is replicated to, looked at without the source.</summary>
internal abstract class Target(string site)
{
    /// <summary>The name of the location.</summary>
    public string Site => site;

    /// <summary>The location's type and its details, as the management API takes them.</summary>
    public abstract (string Type, Dictionary<string, string> Details) Location { get; }

    /// <summary>What is current under the full key; null for nothing.</summary>
    public abstract Task<Copy?> Find(string key);

    /// <summary>Every current full key.</summary>
    public abstract Task<IReadOnlyList<string>> Keys();
}

/// <summary>A bucket of anything that speaks S3.</summary>
internal sealed class S3Target(string site, string type, string endpoint, string accessKey, string secretKey, string bucket) : Target(site)
{
    /// <summary>A client of it.</summary>
    public AmazonS3Client S3 { get; } = new(
        new BasicAWSCredentials(accessKey, secretKey),
        new AmazonS3Config
        {
            ServiceURL = endpoint,
            ForcePathStyle = true,
            AuthenticationRegion = "us-east-1",
            MaxErrorRetry = 0,
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        });

    /// <summary>The bucket.</summary>
    public string Bucket => bucket;

    /// <summary>Where the source reaches it: another place where something stands between the two.</summary>
    public string Through { get; init; } = endpoint;

    /// <summary>The secret that the source is told.</summary>
    public string ToldSecret { get; init; } = secretKey;

    public override (string Type, Dictionary<string, string> Details) Location => (type, new()
    {
        ["endpoint"] = Through, ["accessKey"] = accessKey, ["secretKey"] = ToldSecret, ["bucketName"] = bucket, ["region"] = "us-east-1",
    });

    /// <summary>A new, versioned bucket of the Ceph gateway.</summary>
    public static Task<S3Target> AtCeph(string site, RadosGateway gateway, string bucket) => new S3Target(
        site, "location-ceph-radosgw-s3-v1", gateway.Endpoint, RadosGateway.AccessKey, RadosGateway.SecretKey, bucket).Made();

    /// <summary>A new, versioned bucket of another server of ours.</summary>
    public static Task<S3Target> At(string site, ServerProcess server, string bucket, string? through = null, string? secret = null) => new S3Target(
        site, "location-scality-artesca-s3-v1", server.Endpoint, ServerProcess.AccessKey, ServerProcess.SecretKey, bucket)
    {
        Through = through ?? server.Endpoint, ToldSecret = secret ?? ServerProcess.SecretKey,
    }.Made();

    public override async Task<Copy?> Find(string key)
    {
        try
        {
            return await Read(key, null);
        }
        // It may go between one request and the next; of a delete marker no tags can be asked for.
        catch (AmazonS3Exception e) when (e.ErrorCode is "NoSuchKey" or "MethodNotAllowed")
        {
            return null;
        }
    }

    public override async Task<IReadOnlyList<string>> Keys()
    {
        var keys = new List<string>();
        await foreach (var found in S3.Paginators.ListObjectsV2(new() { BucketName = bucket }).S3Objects) keys.Add(found.Key);
        return keys;
    }

    /// <summary>Every version, delete markers too, newest first of each key.</summary>
    public async Task<IReadOnlyList<S3ObjectVersion>> Versions(string prefix = "")
    {
        var versions = new List<S3ObjectVersion>();
        await foreach (var found in S3.Paginators.ListVersions(new ListVersionsRequest { BucketName = bucket, Prefix = prefix }).Versions) versions.Add(found);
        return versions;
    }

    /// <summary>A version.</summary>
    public async Task<Copy> Read(string key, string? versionId)
    {
        using var got = await S3.GetObjectAsync(new GetObjectRequest { BucketName = bucket, Key = key, VersionId = versionId });
        using var md5 = MD5.Create();
        var hash = await md5.ComputeHashAsync(got.ResponseStream);
        var tags = await S3.GetObjectTaggingAsync(new() { BucketName = bucket, Key = key, VersionId = versionId });
        return new(
            Convert.ToHexStringLower(hash), got.ContentLength, got.Headers.ContentType,
            got.Metadata.Keys.ToDictionary(name => name["x-amz-meta-".Length..], name => got.Metadata[name]),
            (tags.Tagging ?? []).ToDictionary(tag => tag.Key, tag => tag.Value));
    }

    private async Task<S3Target> Made()
    {
        await S3.PutBucketAsync(bucket);
        await S3.PutBucketVersioningAsync(new() { BucketName = bucket, VersioningConfig = new() { Status = VersionStatus.Enabled } });
        return this;
    }
}

/// <summary>A container of a storage account.</summary>
internal sealed class AzureTarget(string site, string connection, string container) : Target(site)
{
    private readonly BlobContainerClient client = new BlobServiceClient(connection).GetBlobContainerClient(container);

    /// <summary>Where the source reaches it.</summary>
    public string Through { get; init; } = Part(connection, "BlobEndpoint");

    public override (string Type, Dictionary<string, string> Details) Location => ("location-azure-v1", new()
    {
        ["endpoint"] = Through, ["accessKey"] = Part(connection, "AccountName"), ["secretKey"] = Part(connection, "AccountKey"), ["bucketName"] = container,
    });

    /// <summary>A new container.</summary>
    public static async Task<AzureTarget> At(string site, Azurite azurite, string container, Func<Uri, string>? through = null)
    {
        var target = new AzureTarget(site, azurite.ConnectionString, container)
        {
            Through = through?.Invoke(new(Part(azurite.ConnectionString, "BlobEndpoint"))) ?? Part(azurite.ConnectionString, "BlobEndpoint"),
        };
        await target.client.CreateAsync();
        return target;
    }

    public override async Task<Copy?> Find(string key)
    {
        var blob = client.GetBlobClient(key);
        try
        {
            BlobDownloadResult got = await blob.DownloadContentAsync();
            return new(
                Convert.ToHexStringLower(MD5.HashData(got.Content.ToMemory().Span)), got.Details.ContentLength, got.Details.ContentType,
                new Dictionary<string, string>(got.Details.Metadata), new Dictionary<string, string>((await blob.GetTagsAsync()).Value.Tags));
        }
        // It may go between one request and the next.
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.BlobNotFound)
        {
            return null;
        }
    }

    /// <summary>Writes a blob there.</summary>
    public async Task Put(string key, string text) => await client.GetBlobClient(key).UploadAsync(BinaryData.FromString(text), overwrite: true);

    public override async Task<IReadOnlyList<string>> Keys()
    {
        var keys = new List<string>();
        await foreach (var blob in client.GetBlobsAsync()) keys.Add(blob.Name);
        return keys;
    }

    private static string Part(string connection, string name) =>
        connection.Split(';').First(part => part.StartsWith(name + "=", StringComparison.Ordinal))[(name.Length + 1)..];
}
