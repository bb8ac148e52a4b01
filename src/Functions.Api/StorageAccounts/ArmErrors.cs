using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.StorageAccounts;

/// <summary>The errors of Azure's Resource Manager that there are here, one line each: code and status are Azure's, the message is ours.</summary>
public static class ArmErrors
{
#pragma warning disable format // a table
    /// <summary>A line of the table: its name is its code.</summary>
    public static readonly S3Error
        AuthenticationFailed         = new("AuthenticationFailed", 401, "Sign in first (az login), and send the token that you get."),
        InvalidAuthenticationToken   = new("InvalidAuthenticationToken", 401, "The token is none of this server, has expired, or its access key may not sign any more. Sign in again: az login"),
        InvalidAuthenticationTokenAudience = new("InvalidAuthenticationTokenAudience", 401, "The token is for storage, not for the management of accounts."),
        AuthorizationFailed          = new("AuthorizationFailed", 403, "The user's policies do not allow this."),
        SubscriptionNotFound         = new("SubscriptionNotFound", 404, "There is no such subscription, or it is another account's. See yours: az account list"),
        ResourceGroupNotFound        = new("ResourceGroupNotFound", 404, "There is only the resource group 'default'."),
        ResourceNotFound             = new("ResourceNotFound", 404, "There is no such resource."),
        InvalidResourceType          = new("InvalidResourceType", 404, "This server knows storage accounts and nothing else."),
        MethodNotAllowed             = new("MethodNotAllowed", 405, "The resource does not know this method."),
        InvalidRequestContent        = new("InvalidRequestContent", 400, "The body is not the JSON document that is expected here."),
        AccountNameInvalid           = new("AccountNameInvalid", 400, "A storage account's name holds 3 to 24 letters and digits."),
        StorageAccountAlreadyTaken   = new("StorageAccountAlreadyTaken", 409, "The storage account's name is another account's."),
        StorageAccountNotEmpty       = new("StorageAccountNotEmpty", 409, "The storage account has containers still; delete them first."),
        LocationNotAvailableForResourceType = new("LocationNotAvailableForResourceType", 400, "There is no such location. See which there are: az account list-locations"),
        FeatureNotSupported          = new("FeatureNotSupportedForAccount", 400, "This server does not implement what the request asks for."),
        InvalidKeyName               = new("InvalidKeyName", 400, "The keys are key1 and key2."),
        InternalServerError          = new("InternalServerError", 500, "The server failed; try again, and report it with the request id.");
#pragma warning restore format
}
