using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Blob;

/// <summary>GetBlobServiceProperties: the properties of an account's Blob service, as they were set.</summary>
public sealed class GetBlobServiceProperties : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("GetBlobServiceProperties", "GET", Target.Service, "s3:GetAccountPublicAccessBlock", "r") { Restype = "service", Comp = "properties", NeedsAccountSas = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct) =>
        Reply.Document(ServiceDocument.Shape, ServiceDocument.Told(await call.Installation.BlobAccounts.Service(call.Account, ct)));
}

/// <summary>SetBlobServiceProperties: sets those that the document has; the others stay.</summary>
public sealed class SetBlobServiceProperties : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("SetBlobServiceProperties", "PUT", Target.Service, "s3:PutAccountPublicAccessBlock", "w")
    {
        Restype = "service", Comp = "properties", NeedsAccountSas = true, DocumentBytes = 64 * 1024,
    };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        var set = ServiceDocument.Shape.Read(await call.ReadAll(ct));
        ServiceDocument.Check(set);
        await call.Installation.BlobAccounts.ChangeService(
            call.Account,
            was => was with
            {
                Logging = set.Logging ?? was.Logging, HourMetrics = set.HourMetrics ?? was.HourMetrics, MinuteMetrics = set.MinuteMetrics ?? was.MinuteMetrics,
                Cors = set.Cors ?? was.Cors, DefaultServiceVersion = set.DefaultServiceVersion ?? was.DefaultServiceVersion,
                DeleteRetention = set.DeleteRetention ?? was.DeleteRetention, StaticWebsite = set.StaticWebsite ?? was.StaticWebsite,
            },
            ct);
        return Reply.Empty(202);
    }
}

/// <summary>GetBlobServiceStats: how far a secondary endpoint has come, of which there is none.</summary>
public sealed class GetBlobServiceStats : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("GetBlobServiceStats", "GET", Target.Service, "s3:GetAccountPublicAccessBlock", "r") { Restype = "service", Comp = "stats", NeedsAccountSas = true };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(BlobCall call, CancellationToken ct) => new(Reply.Refused(BlobErrors.InsufficientAccountPermissions));
}
