// The vault of the apps' secrets. What is purged from it is lost, so it can be purged by nobody for 90 days.

@description('The region of Azure.')
param location string

@description('Tags of every resource.')
param tags object

@description('The name of the vault: 3 to 24 letters, digits and dashes, unique in all of Azure.')
@minLength(3)
@maxLength(24)
param vaultName string

@description('The master key; empty keeps the one that is there.')
@secure()
param masterKey string

@description('The root account\'s secret key; empty keeps the one that is there.')
@secure()
param rootSecretKey string

@description('What signs calls of web hooks; empty keeps the one that is there.')
@secure()
param notifySecret string

@description('The identities that read secrets.')
param principalIds array

@description('Who sets secrets; empty for nobody.')
param operatorPrincipalId string

@description('What the operator is.')
param operatorPrincipalType string

// Built-in roles of Azure.
var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'
var secretsOfficer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: vaultName
  location: location
  tags: tags
  properties: {
    tenantId: subscription().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
    enabledForDeployment: false
    enabledForTemplateDeployment: false
    enabledForDiskEncryption: false
  }
}

resource masterKeySecret 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = if (!empty(masterKey)) {
  parent: vault
  name: 'master-key'
  properties: {
    value: masterKey
    contentType: 'ZENKOFN_MASTER_KEY: 32 bytes in Base64'
  }
}

resource rootSecretKeySecret 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = if (!empty(rootSecretKey)) {
  parent: vault
  name: 'root-secret-key'
  properties: {
    value: rootSecretKey
    contentType: 'ZENKOFN_ROOT_SECRET_KEY'
  }
}

resource notifySecretSecret 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = if (!empty(notifySecret)) {
  parent: vault
  name: 'notify-secret'
  properties: {
    value: notifySecret
    contentType: 'ZENKOFN_NOTIFY_SECRET'
  }
}

resource readers 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for principalId in principalIds: {
  name: guid(vault.id, principalId, secretsUser)
  scope: vault
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}]

resource operator 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorPrincipalId)) {
  name: guid(vault.id, operatorPrincipalId, secretsOfficer)
  scope: vault
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsOfficer)
    principalId: operatorPrincipalId
    principalType: operatorPrincipalType
  }
}
