using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>PutBucketVersioning: enables or suspends versioning. Once enabled, a bucket never goes back to having had none.</summary>
public sealed class PutBucketVersioning : Operation
{
    private const int MaxBody = 64 * 1024;

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("PutBucketVersioning", "PUT", Target.Bucket, "s3:PutBucketVersioning") { Query = ["versioning"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var configuration = Shape.Read(await Payload.ReadMessage(call, MaxBody, mustSay: false, ct));
        var isMfaDelete = configuration.MfaDelete switch
        {
            null or "Disabled" => false,
            "Enabled" => true,
            _ => throw new S3Exception(S3Errors.MalformedXML, "MfaDelete must be Enabled or Disabled."),
        };
        var state = configuration.Status switch
        {
            null => throw new S3Exception(S3Errors.IllegalVersioningConfigurationException),
            "Enabled" => VersioningState.Enabled,
            "Suspended" => VersioningState.Suspended,
            _ => throw new S3Exception(S3Errors.MalformedXML, "Status must be Enabled or Suspended."),
        };
        if (isMfaDelete) return Reply.Refused(S3Errors.NotImplemented, "This server does not implement MfaDelete; leave it out.");
        var changed = await call.Services.Buckets.Change<VersioningSetting>(
            call.Bucket,
            BucketSettings.Versioning,
            bucket => bucket.Get(BucketSettings.Mirror) is { } mirror && bucket.Get(BucketSettings.Versioning)?.State != state
                    ? Refusal.InvalidBucketState.Because($"The bucket mirrors the location '{mirror.Location}' and keeps versions as that does.")
                : state == VersioningState.Enabled ? new VersioningSetting(state)
                : bucket.Get(BucketSettings.ObjectLock) is not null
                    ? Refusal.InvalidBucketState.Because("An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.")
                : bucket.Get(BucketSettings.Replication) is not null
                    ? Refusal.InvalidBucketState.Because(
                        "A replication configuration is present on this bucket, so you cannot change the versioning state. To change the versioning state, first delete the replication configuration.")
                : new VersioningSetting(state),
            ct);
        return changed.Refusal is null ? Reply.Empty() : Reply.Refused(changed);
    }

    /// <summary>The document of this operation and of <see cref="GetBucketVersioning"/>.</summary>
    internal sealed class Configuration
    {
        public string? Status { get; set; }

        public string? MfaDelete { get; set; }
    }

    /// <summary>Its shape.</summary>
    internal static readonly XmlShape<Configuration> Shape = new XmlShape<Configuration>("VersioningConfiguration")
        .Text("Status", c => c.Status, (c, value) => c.Status = value)
        .Text("MfaDelete", c => c.MfaDelete, (c, value) => c.MfaDelete = value);
}
