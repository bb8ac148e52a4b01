using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.BlobAccounts;

namespace ZenkoFunctions.Api.Blob;

/// <summary>CreateContainer: makes a container, with metadata and public access.</summary>
public sealed class CreateContainer : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("CreateContainer", "PUT", Target.Bucket, "s3:CreateBucket", "cw") { Restype = "container", ContainerMayBeAbsent = true, NeedsAccountSas = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        var name = call.Address.Container;
        if (name.Length is < 3 or > 63) return Reply.Refused(BlobErrors.OutOfRangeInput, Containers.WrongName(name));
        if (Containers.WrongName(name) is { } wrong) return Reply.Refused(BlobErrors.InvalidResourceName, wrong);
        if (call.BucketRow is not null) return Reply.Refused(BlobErrors.ContainerAlreadyExists);
        if (await call.Installation.Accounts.Find(call.Account.OwnerId, ct) is not { } owner) return Reply.Refused(BlobErrors.ResourceNotFound, "The account that owns the storage account is gone.");
        var made = await call.Installation.Containers.Create(
            call.Account, owner, name, new() { Access = call.PublicAccess(), Metadata = call.ContainerMetadata() }, ct);
        return made.Refusal switch
        {
            null => Reply.Empty(201).WithValidators(call.View(made.Value)),
            Refusal.Conflict => Reply.Refused(BlobErrors.ContainerBeingDeleted),
            { } refusal => Reply.Refused(BlobErrors.From(refusal), made.Detail),
        };
    }
}
