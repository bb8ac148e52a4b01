using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Blob;

/// <summary>LeaseContainer: who holds the lease alone may delete the container.</summary>
public sealed class LeaseContainer : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("LeaseContainer", "PUT", Target.Bucket, "s3:DeleteBucket", "wd") { Restype = "container", Comp = "lease", NeedsAccountSas = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        var change = LeaseChange.Read(call);
        var (changed, error) = await call.Change(ContainerUse.Lease, now => now.Setting with { Lease = change.Next(now.Setting.Lease, now.Now) }, ct);
        if (error is not null) return Reply.Refused(error);
        var view = call.View(changed!);
        return change.Answer(view.Setting.Lease, view.Now).WithValidators(view);
    }
}
