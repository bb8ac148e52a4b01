using System.Text.Json;
using System.Text.Json.Nodes;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>A policy to begin with.</summary>
/// <param name="Id">In forms, and as the name of the policy that is made of it.</param>
/// <param name="Name">For people.</param>
/// <param name="Hint">What it lets one do.</param>
public sealed record PolicyTemplate(string Id, string Name, string Hint)
{
    /// <summary>Reads everything, changes nothing.</summary>
    public static PolicyTemplate ReadOnly { get; } = new("read-only", "Read everything", "Lists buckets and reads objects, and changes nothing.");

    /// <summary>Reads and writes the objects of one bucket.</summary>
    public static PolicyTemplate OneBucket { get; } = new("one-bucket", "Read and write one bucket", "Lists, reads, writes and deletes the objects of one bucket.");

    /// <summary>All that the account may.</summary>
    public static PolicyTemplate Administrator { get; } = new("administrator", "Administrate the account", "Everything that the account itself may: buckets, users, keys and policies.");

    /// <summary>Every template, one line each.</summary>
    public static IReadOnlyList<PolicyTemplate> All { get; } = [ReadOnly, OneBucket, Administrator];

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The one of that id; null where there is none.</summary>
    public static PolicyTemplate? Find(string? id) => All.FirstOrDefault(each => each.Id == id);

    /// <summary>Why there can be no document of it; null where there can.</summary>
    /// <param name="bucket">The bucket that was named; null for none.</param>
    public string? Fault(string? bucket) => this != OneBucket ? null : bucket is null ? "Name the bucket that the policy is about." : BucketName.Fault(bucket);

    /// <summary>The document. The bucket has been looked at by <see cref="Fault"/>.</summary>
    public string Document(string? bucket) => new JsonObject
    {
        ["Version"] = "2012-10-17",
        ["Statement"] = this == OneBucket
            ? new JsonArray(
                Statement(["s3:ListAllMyBuckets"], "*"),
                Statement(["s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads", "s3:GetBucketLocation", "s3:GetBucketVersioning"], $"arn:aws:s3:::{bucket}"),
                Statement(["s3:GetObject*", "s3:PutObject*", "s3:DeleteObject*", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"], $"arn:aws:s3:::{bucket}/*"))
            : new JsonArray(Statement(this == ReadOnly ? ["s3:Get*", "s3:List*"] : ["*"], "*")),
    }.ToJsonString(Indented);

    private static JsonObject Statement(IEnumerable<string> actions, string resource) => new()
    {
        ["Effect"] = "Allow", ["Action"] = new JsonArray([.. actions.Select(each => (JsonNode)each)]), ["Resource"] = resource,
    };
}
