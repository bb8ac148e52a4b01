// The storage account: rows in tables, bytes in a container, work in queues, packages of the apps; and who may do what there.

@description('The region of Azure.')
param location string

@description('Tags of every resource.')
param tags object

@description('The name of the account: 3 to 24 of a-z and 0-9, unique in all of Azure.')
@minLength(3)
@maxLength(24)
param accountName string

@description('How many copies are kept, and where.')
param skuName string

@description('The containers that the apps\' packages are uploaded to.')
param packageContainers array

@description('For how many days earlier packages are kept.')
param packageHistoryDays int

@description('Queues beside the program\'s own, which notifications are delivered to.')
param notifyQueues array

@description('The API\'s identity.')
param apiPrincipalId string

@description('The identity that runs jobs.')
param jobsPrincipalId string

@description('Who uploads packages; empty for nobody.')
param operatorPrincipalId string

@description('What the operator is.')
param operatorPrincipalType string

// The names are those of the code: a test holds this against what it asks its engines for.
var tables = [
  'blobaccounts'
  'buckets'
  'identity'
  'keys'
  'locations'
  'objects'
  'replication'
  'statistics'
  'usage'
]
var queues = [
  'copies'
  'events'
  'garbage'
  'removals'
  'replication'
  'replication-walks'
  'replication-work'
  'search'
  'sweeps'
  'transitions'
  'usage'
]
var containers = [
  'objects'
]

// Built-in roles of Azure.
var blobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
var blobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
var queueDataContributor = '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
var queueDataMessageSender = 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a'
var tableDataContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: accountName
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: skuName
  }
  properties: {
    accessTier: 'Hot'
    supportsHttpsTrafficOnly: true
    minimumTlsVersion: 'TLS1_2'
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    defaultToOAuthAuthentication: true
  }
}

// No versions and no soft delete of blobs: objects have their versions in rows, and what is collected is to be gone and
// not paid for any longer. Containers deleted by mistake can be restored.
resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2023-05-01' = {
  parent: account
  name: 'default'
  properties: {
    containerDeleteRetentionPolicy: {
      enabled: true
      days: 14
    }
  }
}

resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = [for name in containers: {
  parent: blobs
  name: name
  properties: {
    publicAccess: 'None'
  }
}]

resource packages 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = [for name in packageContainers: {
  parent: blobs
  name: name
  properties: {
    publicAccess: 'None'
  }
}]

// Only what nobody needs any longer: earlier packages, and the host's logs. Never a prefix that reaches the running package
// or the objects' bytes, which the program itself collects.
resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2023-05-01' = {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        {
          name: 'earlier-packages'
          enabled: true
          type: 'Lifecycle'
          definition: {
            filters: {
              blobTypes: [
                'blockBlob'
              ]
              prefixMatch: [for name in packageContainers: '${name}/history/']
            }
            actions: {
              baseBlob: {
                delete: {
                  daysAfterModificationGreaterThan: packageHistoryDays
                }
              }
            }
          }
        }
        {
          name: 'host-logs'
          enabled: true
          type: 'Lifecycle'
          definition: {
            filters: {
              blobTypes: [
                'appendBlob'
                'blockBlob'
              ]
              prefixMatch: [
                'azure-webjobs-hosts/output-logs/'
              ]
            }
            actions: {
              baseBlob: {
                delete: {
                  daysAfterModificationGreaterThan: 30
                }
              }
            }
          }
        }
      ]
    }
  }
  dependsOn: [
    blobs
  ]
}

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2023-05-01' = {
  parent: account
  name: 'default'
}

resource queue 'Microsoft.Storage/storageAccounts/queueServices/queues@2023-05-01' = [for name in queues: {
  parent: queueService
  name: name
}]

// Where the host sets messages aside that failed five times.
resource poisonQueue 'Microsoft.Storage/storageAccounts/queueServices/queues@2023-05-01' = [for name in queues: {
  parent: queueService
  name: '${name}-poison'
}]

resource notifyQueue 'Microsoft.Storage/storageAccounts/queueServices/queues@2023-05-01' = [for name in notifyQueues: {
  parent: queueService
  name: name
}]

resource tableService 'Microsoft.Storage/storageAccounts/tableServices@2023-05-01' = {
  parent: account
  name: 'default'
}

resource table 'Microsoft.Storage/storageAccounts/tableServices/tables@2023-05-01' = [for name in tables: {
  parent: tableService
  name: name
}]

// The Functions host leases and writes blobs of its own in the account, for which it asks for this role.
resource apiBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, apiPrincipalId, blobDataOwner)
  scope: account
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataOwner)
    principalId: apiPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource apiQueues 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, apiPrincipalId, queueDataMessageSender)
  scope: account
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', queueDataMessageSender)
    principalId: apiPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource apiTables 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, apiPrincipalId, tableDataContributor)
  scope: account
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', tableDataContributor)
    principalId: apiPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource jobsBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, jobsPrincipalId, blobDataOwner)
  scope: account
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataOwner)
    principalId: jobsPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource jobsQueues 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, jobsPrincipalId, queueDataContributor)
  scope: account
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', queueDataContributor)
    principalId: jobsPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource jobsTables 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, jobsPrincipalId, tableDataContributor)
  scope: account
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', tableDataContributor)
    principalId: jobsPrincipalId
    principalType: 'ServicePrincipal'
  }
}

// In the package containers only: who deploys has no business with the objects.
resource operatorPackages 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (name, i) in packageContainers: if (!empty(operatorPrincipalId)) {
  name: guid(account.id, name, operatorPrincipalId, blobDataContributor)
  scope: packages[i]
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataContributor)
    principalId: operatorPrincipalId
    principalType: operatorPrincipalType
  }
}]

@description('The account\'s name.')
output accountName string = account.name

@description('Where its blobs are, with a slash at the end.')
output blobEndpoint string = account.properties.primaryEndpoints.blob
