using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Management;

/// <summary>The errors that only the management API has, one line each; those of signatures are S3's. Answered as <c>{"code":…,"message":…}</c>.</summary>
public static class ManagementErrors
{
#pragma warning disable format // a table
    /// <summary>A line of the table: its name is its code.</summary>
    public static readonly S3Error
        CertificateTaken         = new("CertificateTaken", 409, "The certificate is bound to another access key."),
        InvalidCertificate       = new("InvalidCertificate", 400, "The certificate is not one that signs a client in."),
        RouteNotFound            = new("RouteNotFound", 404, "There is nothing under this path."),
        InvalidLocation          = new("InvalidLocation", 400, "The location's configuration is not valid."),
        InvalidQueryParameter    = new("InvalidQueryParameter", 400, "A parameter of the query is not what is expected here."),
        InvalidSetting           = new("InvalidSetting", 400, "The setting does not take this value."),
        InvalidStorageAccount    = new("InvalidStorageAccount", 400, "What is said of the storage account is not valid."),
        LocationExists           = new("LocationExists", 409, "There is a location of this name already."),
        LocationInUse            = new("LocationInUse", 409, "Something needs the location still."),
        MalformedBody            = new("MalformedBody", 400, "The body is not the JSON document that is expected here."),
        MalformedPOSTRequest     = new("MalformedPOSTRequest", 400, "The body of your POST request is not well-formed"),
        NoSuchCertificate        = new("NoSuchCertificate", 404, "None of your access keys has a certificate of this fingerprint."),
        NoSuchAccount            = new("NoSuchAccount", 404, "There is no account of this id or name."),
        NoSuchSetting            = new("NoSuchSetting", 404, "There is no setting of this name."),
        NoSuchReport             = new("NoSuchReport", 404, "There is no such report, or it is not kept any more."),
        NoSuchTimer              = new("NoSuchTimer", 404, "There is no such timer."),
        NoSuchWalk               = new("NoSuchWalk", 404, "There is no such walk."),
        NoSuchLocation           = new("NoSuchLocation", 404, "There is no location of this name."),
        NoSuchStorageAccount     = new("NoSuchStorageAccount", 404, "The account has no storage account of this name."),
        TooManyCertificates      = new("TooManyCertificates", 409, "The account's keys have as many certificates as they may."),
        OperationAborted         = new("OperationAborted", 409, "Another request changed it at the same time; look at it and try again."),
        StorageAccountExists     = new("StorageAccountExists", 409, "The name is taken; storage accounts of all accounts have names of their own."),
        StorageAccountInUse      = new("StorageAccountInUse", 409, "The storage account has containers still; delete them first.");
#pragma warning restore format
}
