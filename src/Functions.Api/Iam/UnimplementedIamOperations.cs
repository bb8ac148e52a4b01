namespace ZenkoFunctions.Api.Iam;

/// <summary>The operations of IAM and STS that exist at AWS and not here: they are answered NotImplemented, not as unknown ones.</summary>
public static class UnimplementedIamOperations
{
    /// <summary>By service.</summary>
    public static readonly IReadOnlyDictionary<IamService, IReadOnlyList<string>> All = new Dictionary<IamService, IReadOnlyList<string>>
    {
        [IamService.Iam] =
        [
            "AcceptDelegationRequest", "AddClientIDToOpenIDConnectProvider", "AddRoleToInstanceProfile", "AddUserToGroup",
            "AssociateDelegationRequest", "AttachGroupPolicy", "AttachRolePolicy", "AttachUserPolicy", "ChangePassword",
            "CreateAccountAlias", "CreateDelegationRequest", "CreateGroup", "CreateInstanceProfile", "CreateLoginProfile",
            "CreateOpenIDConnectProvider", "CreatePolicy", "CreatePolicyVersion", "CreateSAMLProvider", "CreateServiceLinkedRole",
            "CreateServiceSpecificCredential", "CreateVirtualMFADevice", "DeactivateMFADevice", "DeleteAccountAlias",
            "DeleteAccountPasswordPolicy", "DeleteGroup", "DeleteGroupPolicy", "DeleteInstanceProfile", "DeleteLoginProfile",
            "DeleteOpenIDConnectProvider", "DeletePolicy", "DeletePolicyVersion", "DeleteRolePermissionsBoundary",
            "DeleteSAMLProvider", "DeleteSSHPublicKey", "DeleteServerCertificate", "DeleteServiceLinkedRole",
            "DeleteServiceSpecificCredential", "DeleteSigningCertificate", "DeleteUserPermissionsBoundary",
            "DeleteVirtualMFADevice", "DetachGroupPolicy", "DetachRolePolicy", "DetachUserPolicy",
            "DisableOrganizationsRootCredentialsManagement", "DisableOrganizationsRootSessions",
            "DisableOutboundWebIdentityFederation", "EnableMFADevice", "EnableOrganizationsRootCredentialsManagement",
            "EnableOrganizationsRootSessions", "EnableOutboundWebIdentityFederation", "GenerateCredentialReport",
            "GenerateOrganizationsAccessReport", "GenerateServiceLastAccessedDetails", "GetAccessKeyLastUsed",
            "GetAccountAuthorizationDetails", "GetAccountPasswordPolicy", "GetAccountSummary", "GetContextKeysForCustomPolicy",
            "GetContextKeysForPrincipalPolicy", "GetCredentialReport", "GetDelegationRequest", "GetGroup", "GetGroupPolicy",
            "GetHumanReadableSummary", "GetInstanceProfile", "GetLoginProfile", "GetMFADevice", "GetOpenIDConnectProvider",
            "GetOrganizationsAccessReport", "GetOutboundWebIdentityFederationInfo", "GetPolicy", "GetPolicyVersion",
            "GetSAMLProvider", "GetSSHPublicKey", "GetServerCertificate", "GetServiceLastAccessedDetails",
            "GetServiceLastAccessedDetailsWithEntities", "GetServiceLinkedRoleDeletionStatus", "ListAccountAliases",
            "ListAttachedGroupPolicies", "ListDelegationRequests", "ListEntitiesForPolicy", "ListGroupPolicies", "ListGroups",
            "ListInstanceProfileTags", "ListInstanceProfiles", "ListMFADeviceTags", "ListOpenIDConnectProviderTags",
            "ListOpenIDConnectProviders", "ListOrganizationsFeatures", "ListPolicies", "ListPoliciesGrantingServiceAccess",
            "ListPolicyTags", "ListPolicyVersions", "ListSAMLProviderTags", "ListSAMLProviders", "ListServerCertificateTags",
            "ListServerCertificates", "ListVirtualMFADevices", "PutGroupPolicy", "PutRolePermissionsBoundary",
            "PutUserPermissionsBoundary", "RejectDelegationRequest", "RemoveClientIDFromOpenIDConnectProvider",
            "RemoveRoleFromInstanceProfile", "RemoveUserFromGroup", "ResetServiceSpecificCredential", "ResyncMFADevice",
            "SendDelegationToken", "SetDefaultPolicyVersion", "SetSecurityTokenServicePreferences", "SimulateCustomPolicy",
            "SimulatePrincipalPolicy", "TagInstanceProfile", "TagMFADevice", "TagOpenIDConnectProvider", "TagPolicy", "TagRole",
            "TagSAMLProvider", "TagServerCertificate", "TagUser", "UntagInstanceProfile", "UntagMFADevice",
            "UntagOpenIDConnectProvider", "UntagPolicy", "UntagRole", "UntagSAMLProvider", "UntagServerCertificate", "UntagUser",
            "UpdateAccountPasswordPolicy", "UpdateDelegationRequest", "UpdateGroup", "UpdateLoginProfile",
            "UpdateOpenIDConnectProviderThumbprint", "UpdateSAMLProvider", "UpdateSSHPublicKey", "UpdateServerCertificate",
            "UpdateServiceSpecificCredential", "UpdateSigningCertificate", "UploadSSHPublicKey", "UploadServerCertificate",
            "UploadSigningCertificate",
        ],
        [IamService.Sts] =
        [
            "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "AssumeRoot", "DecodeAuthorizationMessage", "GetAccessKeyInfo",
            "GetDelegatedAccessToken", "GetFederationToken", "GetWebIdentityToken",
        ],
    };
}
