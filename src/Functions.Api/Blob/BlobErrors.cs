using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>The errors of Azure's Blob protocol, one line each: code and status are Azure's, the message is ours.</summary>
public static class BlobErrors
{
#pragma warning disable format // a table
    /// <summary>A line of the table: its name is its code.</summary>
    public static readonly S3Error
        AppendPositionConditionNotMet     = new("AppendPositionConditionNotMet", 412, "The blob does not end at the position that the request names."),
        AuthenticationFailed              = new("AuthenticationFailed", 403, "The request could not be authenticated; check the account's key, the signature and the clock."),
        AuthorizationFailure              = new("AuthorizationFailure", 403, "The sender may not do this."),
        AuthorizationPermissionMismatch   = new("AuthorizationPermissionMismatch", 403, "The signature or role does not permit this operation."),
        AuthorizationProtocolMismatch     = new("AuthorizationProtocolMismatch", 403, "The signature is for HTTPS only."),
        AuthorizationResourceTypeMismatch = new("AuthorizationResourceTypeMismatch", 403, "The signature is not for this type of resource."),
        AuthorizationServiceMismatch      = new("AuthorizationServiceMismatch", 403, "The signature is not for the Blob service."),
        AuthorizationSourceIPMismatch     = new("AuthorizationSourceIPMismatch", 403, "The signature is not for the sender's address."),
        AccountRequiresHttps              = new("AccountRequiresHttps", 400, "The account takes requests over HTTPS only."),
        BlobAlreadyExists                 = new("BlobAlreadyExists", 409, "There is a blob of this name already."),
        BlobArchived                      = new("BlobArchived", 409, "The blob is archived; set its tier to Hot or Cool first."),
        BlobImmutableDueToPolicy          = new("BlobImmutableDueToPolicy", 409, "The blob is under an immutability policy or on legal hold."),
        FeatureNotSupportedForAccount     = new("FeatureNotSupportedForAccount", 409, "The container has no immutable storage: make the bucket with object lock."),
        BlobIsSealed                      = new("BlobIsSealed", 409, "The specified blob is sealed, and its contents can't be modified unless the blob is re-created after a delete."),
        BlobOverwritten                   = new("BlobOverwritten", 409, "The blob was written anew since the earlier snapshot was made."),
        BlobNotFound                      = new("BlobNotFound", 404, "There is no such blob."),
        BlockCountExceedsLimit            = new("BlockCountExceedsLimit", 409, "The blob has as many uncommitted blocks as it may; commit some."),
        BlockListTooLong                  = new("BlockListTooLong", 400, "A blob has at most 50,000 blocks."),
        CannotVerifyCopySource            = new("CannotVerifyCopySource", 400, "The copy source cannot be read."),
        ConditionNotMet                   = new("ConditionNotMet", 412, "The condition specified using HTTP conditional header(s) is not met."),
        ContainerAlreadyExists            = new("ContainerAlreadyExists", 409, "There is a container of this name already."),
        ContainerBeingDeleted             = new("ContainerBeingDeleted", 409, "The container is being deleted; try again when that is done."),
        ContainerNotFound                 = new("ContainerNotFound", 404, "There is no such container."),
        BothCrc64AndMd5HeaderPresent      = new("BothCrc64AndMd5HeaderPresent", 400, "A body is announced by its MD5 or by its CRC-64, not by both."),
        Crc64Mismatch                     = new("Crc64Mismatch", 400, "The body's CRC-64 is not the one that was announced; send it again."),
        EmptyMetadataKey                  = new("EmptyMetadataKey", 400, "Metadata must have a name behind x-ms-meta-."),
        CorsPreflightFailure              = new("CorsPreflightFailure", 403, "CORS not enabled or no matching rule found for this request."),
        IncrementalCopyBlobMismatch       = new("IncrementalCopyBlobMismatch", 409, "The blob is no target of incremental copies of this source."),
        IncrementalCopyOfEarlierVersionSnapshotNotAllowed = new("IncrementalCopyOfEarlierVersionSnapshotNotAllowed", 409, "The snapshot is not newer than the one that was copied last."),
        IncrementalCopySourceMustBeSnapshot = new("IncrementalCopySourceMustBeSnapshot", 409, "The source of an incremental copy is a snapshot; name it by its time."),
        InsufficientAccountPermissions    = new("InsufficientAccountPermissions", 403, "The account has no secondary endpoint."),
        InternalError                     = new("InternalError", 500, "The server failed; try again, and report it with the request id."),
        InvalidAuthenticationInfo         = new("InvalidAuthenticationInfo", 400, "What should authenticate the request cannot be read."),
        InvalidBlobOrBlock                = new("InvalidBlobOrBlock", 400, "The ids of a blob's uncommitted blocks must all have one length."),
        InvalidBlobType                   = new("InvalidBlobType", 409, "Blobs of this type cannot be changed in this way."),
        InvalidBlockId                    = new("InvalidBlockId", 400, "The id of a block must be the base64 of 1 to 64 bytes."),
        InvalidBlockList                  = new("InvalidBlockList", 400, "The list names a block that there is not."),
        InvalidHeaderValue                = new("InvalidHeaderValue", 400, "A header's value cannot be read."),
        InvalidInput                      = new("InvalidInput", 400, "A part of the request is not valid."),
        InvalidMd5                        = new("InvalidMd5", 400, "The MD5 is no base64 of 16 bytes."),
        InvalidMetadata                   = new("InvalidMetadata", 400, "A name of the metadata is no identifier."),
        InvalidPageRange                  = new("InvalidPageRange", 416, "The range is not one of whole pages of 512 bytes within the blob."),
        InvalidQueryParameterValue        = new("InvalidQueryParameterValue", 400, "A query parameter's value is not what is expected here."),
        InvalidRange                      = new("InvalidRange", 416, "The blob has no byte in this range."),
        InvalidResourceName               = new("InvalidResourceName", 400, "The name holds what it may not."),
        InvalidTag                        = new("InvalidTag", 400, "A tag's key or value is not allowed."),
        InvalidUri                        = new("InvalidUri", 400, "The path cannot be read; percent-encode it as UTF-8."),
        InvalidXmlDocument                = new("InvalidXmlDocument", 400, "The XML is not well-formed or does not follow the schema of this operation."),
        InvalidToken                      = new("InvalidAuthenticationInfo", 401, "The Bearer token is not one that this server gave for the account, or it has expired; sign in again."),
        KeyBasedAuthenticationNotPermitted = new("KeyBasedAuthenticationNotPermitted", 403, "The account does not let its keys sign; use a token."),
        InvalidXmlNodeValue               = new("InvalidXmlNodeValue", 400, "A value in the XML is not what is expected there."),
        LeaseAlreadyPresent               = new("LeaseAlreadyPresent", 409, "There is a lease already."),
        LeaseIdMismatchWithLeaseOperation = new("LeaseIdMismatchWithLeaseOperation", 409, "The lease has another id."),
        LeaseIsBreakingAndCannotBeAcquired = new("LeaseIsBreakingAndCannotBeAcquired", 409, "The lease is being broken; wait for its end."),
        LeaseIsBreakingAndCannotBeChanged = new("LeaseIsBreakingAndCannotBeChanged", 409, "The lease is being broken and cannot be changed."),
        LeaseIsBrokenAndCannotBeRenewed   = new("LeaseIsBrokenAndCannotBeRenewed", 409, "The lease was broken; acquire a new one."),
        LeaseNotPresentWithLeaseOperation = new("LeaseNotPresentWithLeaseOperation", 409, "There is no lease."),
        LeaseIdMismatchWithBlobOperation  = new("LeaseIdMismatchWithBlobOperation", 412, "The blob is leased under another id."),
        LeaseIdMissing                    = new("LeaseIdMissing", 412, "The blob is leased; name the lease's id in x-ms-lease-id."),
        LeaseLost                         = new("LeaseLost", 412, "The lease has ended."),
        LeaseNotPresentWithBlobOperation  = new("LeaseNotPresentWithBlobOperation", 412, "The blob is not leased."),
        LeaseIdMismatchWithContainerOperation = new("LeaseIdMismatchWithContainerOperation", 412, "The container is leased under another id."),
        LeaseNotPresentWithContainerOperation = new("LeaseNotPresentWithContainerOperation", 412, "The container is not leased."),
        MaxBlobSizeConditionNotMet        = new("MaxBlobSizeConditionNotMet", 412, "The blob would become larger than the request allows."),
        Md5Mismatch                       = new("Md5Mismatch", 400, "The body's MD5 is not the one that was announced; send it again."),
        MetadataTooLarge                  = new("MetadataTooLarge", 400, "Metadata may have at most 8 KiB, names and values together."),
        MissingContentLengthHeader        = new("MissingContentLengthHeader", 411, "The request needs a Content-Length header."),
        MissingRequiredHeader             = new("MissingRequiredHeader", 400, "The request lacks a header that it must have."),
        MissingRequiredQueryParameter     = new("MissingRequiredQueryParameter", 400, "The request lacks a parameter that it must have."),
        NoAuthenticationInformation       = new("NoAuthenticationInformation", 401, "The request is not signed, and what it asks for is not public."),
        CopyIdMismatch                    = new("CopyIdMismatch", 409, "The copy under way has another id."),
        PendingCopyOperation              = new("PendingCopyOperation", 409, "A copy to this blob is under way; wait for its end, or abort it."),
        NoPendingCopyOperation            = new("NoPendingCopyOperation", 409, "No copy to this blob is under way."),
        NotImplemented                    = new("NotImplemented", 501, "This server does not implement what the request asks for."),
        NotModified                       = new("ConditionNotMet", 304, "Not modified."),
        OperationNotAllowedOnIncrementalCopyBlob = new("OperationNotAllowedOnIncrementalCopyBlob", 409, "Incremental copies alone write the blob, and only its snapshots are read."),
        OperationTimedOut                 = new("OperationTimedOut", 500, "The body did not arrive in time; send it again."),
        OutOfRangeInput                   = new("OutOfRangeInput", 400, "A part of the request is out of its range."),
        OutOfRangeQueryParameterValue     = new("OutOfRangeQueryParameterValue", 400, "A query parameter's value is out of its range."),
        PublicAccessNotPermitted          = new("PublicAccessNotPermitted", 409, "The account does not let containers be public."),
        RequestBodyTooLarge               = new("RequestBodyTooLarge", 413, "The body is larger than this operation takes."),
        ResourceNotFound                  = new("ResourceNotFound", 404, "There is no such resource."),
        ServerBusy                        = new("ServerBusy", 503, "The server or a location behind it cannot answer now; try again later."),
        PreviousSnapshotCannotBeNewer     = new("PreviousSnapshotCannotBeNewer", 400, "The earlier snapshot is newer than what it is compared with."),
        PreviousSnapshotNotFound          = new("PreviousSnapshotNotFound", 409, "There is no such earlier snapshot."),
        SequenceNumberConditionNotMet     = new("SequenceNumberConditionNotMet", 412, "The condition on the blob's sequence number did not hold."),
        SequenceNumberIncrementTooLarge   = new("SequenceNumberIncrementTooLarge", 409, "The sequence number is as large as it may be."),
        SnapshotsPresent                  = new("SnapshotsPresent", 409, "The blob has snapshots; say in x-ms-delete-snapshots what is to become of them."),
        SourceConditionNotMet             = new("SourceConditionNotMet", 412, "A condition on the copy source did not hold."),
        UnauthorizedBlobOverwrite         = new("UnauthorizedBlobOverwrite", 403, "The signature lets blobs be made, but not be overwritten."),
        UnsatisfiableCondition            = new("UnsatisfiableCondition", 400, "No blob that can be read fulfils the condition; leave If-None-Match: * to writes."),
        UnsupportedHeader                 = new("UnsupportedHeader", 400, "A header is not for this operation."),
        UnsupportedHttpVerb               = new("UnsupportedHttpVerb", 405, "This resource does not know the method."),
        UnsupportedQueryParameter         = new("UnsupportedQueryParameter", 400, "A query parameter is not for this request.");
#pragma warning restore format

    /// <summary>A refusal of the domain in Azure's terms.</summary>
    public static S3Error From(Refusal refusal) => refusal switch
    {
        Refusal.NoSuchBucket => ContainerNotFound,
        Refusal.BucketTaken or Refusal.BucketOwned => ContainerAlreadyExists,
        Refusal.NoSuchKey or Refusal.NoSuchVersion or Refusal.DeleteMarker => BlobNotFound,
        Refusal.PreconditionFailed or Refusal.Conflict => ConditionNotMet,
        Refusal.InvalidBlock => InvalidBlobOrBlock,
        Refusal.InvalidBlockList => InvalidBlockList,
        Refusal.TooManyBlocks => BlockCountExceedsLimit,
        Refusal.WrongBlobType => InvalidBlobType,
        Refusal.InvalidPageRange => InvalidPageRange,
        Refusal.SequenceNumber => SequenceNumberConditionNotMet,
        Refusal.BlobOverwritten => BlobOverwritten,
        Refusal.PendingCopy => PendingCopyOperation,
        Refusal.IncrementalCopy => OperationNotAllowedOnIncrementalCopyBlob,
        Refusal.AppendPosition => AppendPositionConditionNotMet,
        Refusal.AppendSize => MaxBlobSizeConditionNotMet,
        Refusal.Sealed => BlobIsSealed,
        Refusal.NotModified => NotModified,
        Refusal.TooLarge => RequestBodyTooLarge,
        Refusal.IncompleteBody or Refusal.InvalidRequest => InvalidInput,
        Refusal.BadDigest => Md5Mismatch,
        Refusal.InvalidRange => InvalidRange,
        Refusal.Leased => LeaseIdMissing,
        Refusal.LeaseMismatch => LeaseIdMismatchWithBlobOperation,
        Refusal.LeaseLost => LeaseLost,
        Refusal.LeaseNotPresent => LeaseNotPresentWithBlobOperation,
        Refusal.SnapshotsPresent => SnapshotsPresent,
        Refusal.Unavailable => ServerBusy,
        Refusal.Locked => BlobImmutableDueToPolicy,
        Refusal.InvalidBucketState => FeatureNotSupportedForAccount,
        Refusal.Forbidden or Refusal.LocationFull or Refusal.QuotaExceeded => AuthorizationFailure,
        _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, "The refusal has no error of Azure."),
    };

    /// <summary>The errors of what lies before the protocol (framing, bodies that break off) in Azure's terms; those of Azure stay.</summary>
    public static S3Error From(S3Error error) =>
        error == S3Errors.InternalError ? InternalError
        : error == S3Errors.ServiceUnavailable || error == S3Errors.SlowDown ? ServerBusy
        : error == S3Errors.EntityTooLarge ? RequestBodyTooLarge
        : error == S3Errors.RequestTimeout ? OperationTimedOut
        : error == S3Errors.InvalidURI ? InvalidUri
        : error == S3Errors.NotImplemented ? NotImplemented
        : error == S3Errors.AccessDenied ? AuthorizationFailure
        : error == S3Errors.MissingContentLength ? MissingContentLengthHeader
        : error == S3Errors.MalformedXML ? InvalidXmlDocument
        : error == S3Errors.IncompleteBody || error == S3Errors.InvalidRequest || error == S3Errors.InvalidArgument ? InvalidInput
        : error;
}
