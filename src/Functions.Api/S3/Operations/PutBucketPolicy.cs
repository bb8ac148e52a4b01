using System.Text;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>PutBucketPolicy: who may do what in the bucket.</summary>
public sealed class PutBucketPolicy : Operation
{
    private const int MaxBytes = 64 * 1024; // what is more than 20 KiB is told so

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("PutBucketPolicy", "PUT", Target.Bucket, "s3:PutBucketPolicy") { Query = ["policy"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var body = await Payload.ReadMessage(call, MaxBytes, mustSay: false, ct);
        var read = Policy.Parse(Decode(body.Span), PolicyKind.Bucket, call.BucketName);
        if (read.Refusal is not null) return Reply.Refused(read);
        var mayLockOut = string.Equals(
            call.Header("x-amz-confirm-remove-self-bucket-access"), "true", StringComparison.OrdinalIgnoreCase);
        var setting = new PolicySetting(read.Value, mayLockOut);
        if (read.Value.IsPublic && call.Bucket.PublicAccessBlock().BlockPublicPolicy)
            return Reply.Refused(S3Errors.AccessDenied, "The bucket's public access block forbids public policies.");
        return await call.ChangeSetting(BucketSettings.Policy, setting, 204, ct);
    }

    private static string Decode(ReadOnlySpan<byte> body)
    {
        try
        {
            return Utf8.GetString(body);
        }
        catch (DecoderFallbackException)
        {
            throw new S3Exception(S3Errors.MalformedPolicy, "Policies must be valid UTF-8.");
        }
    }
}
