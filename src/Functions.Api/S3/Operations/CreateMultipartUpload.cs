using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>CreateMultipartUpload: starts an upload in parts.</summary>
public sealed class CreateMultipartUpload : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("CreateMultipartUpload", "POST", Target.Object, "s3:PutObject") { Query = ["uploads"], Anonymous = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var headers = call.Request.Headers;
        var description = Descriptions.Parse(headers, call.Services.Region);
        await call.CheckDescription(description, ct);
        var (writer, acl) = await call.NewObjectAccess(ct);
        var (algorithm, type) = ParseChecksum(ChecksumHeaders.Algorithm(headers), ChecksumHeaders.Type(headers));

        var encryption = EncryptionHeaders.ForWrite(call);
        var result = await call.Services.Uploads.Create(
            call.Bucket, call.Key, writer, description with { Acl = acl }, algorithm, type, encryption, ct);
        if (result.Refusal is not null) return Reply.Refused(result);

        return Reply.Document(Shape, new Started { Bucket = call.BucketName, Upload = result.Value })
            .With("x-amz-checksum-algorithm", algorithm is { } chosen ? Checksums.Of(chosen).Name : null)
            .With("x-amz-checksum-type", type is { } over ? Checksums.Name(over) : null)
            .WithNewEncryption(result.Value.Description.Encryption, call);
    }

    /// <summary>The algorithm and its type, where they go together; InvalidRequest where they do not.</summary>
    internal static (ChecksumAlgorithm?, ChecksumType?) ParseChecksum(ChecksumAlgorithm? algorithm, ChecksumType? type)
    {
        if (algorithm is not { } chosen)
        {
            return type is null
                ? (null, null)
                : throw Invalid.Request(
                    "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.");
        }
        var spec = Checksums.Of(chosen);
        type ??= spec.DefaultType;
        return spec.Allows(type.Value)
            ? (chosen, type)
            : throw Invalid.Request(
                $"The {Checksums.Name(type.Value)} checksum type cannot be used with the {spec.Name} checksum algorithm.");
    }

    private sealed class Started
    {
        public string Bucket { get; init; } = "";

        public Upload? Upload { get; init; }
    }

    private static readonly XmlShape<Started> Shape = new XmlShape<Started>("InitiateMultipartUploadResult")
        .Text("Bucket", s => s.Bucket)
        .Text("Key", s => s.Upload?.Key)
        .Text("UploadId", s => s.Upload?.Id);
}
