// A function app on a Flex Consumption plan of its own, as the plan demands.

@description('The region of Azure.')
param location string

@description('Tags of every resource.')
param tags object

@description('The name of the app, which is its host name and the id of its host too: at most 32 of a-z, 0-9 and dashes.')
@minLength(2)
@maxLength(32)
param appName string

@description('The name of the plan.')
param planName string

@description('The program in the package that the host starts.')
param handler string

@description('The resource id of the app\'s identity.')
param identityId string

@description('By what the app asks for its tokens.')
param identityClientId string

@description('The storage account.')
param storageAccountName string

@description('The container that the host takes the package from.')
param packageContainerUrl string

@description('Where to log to.')
param insightsConnectionString string

@description('App settings that both apps have alike.')
param settings object

@description('The master key, or a reference to it.')
@secure()
param masterKey string

@description('The root account\'s secret key, or a reference to it.')
@secure()
param rootSecretKey string

@description('What signs calls of web hooks, or a reference to it.')
@secure()
param notifySecret string

@description('The memory of an instance in MB.')
param memoryMB int

@description('The most instances at once.')
param maximumInstances int

@description('Instances that always run; none where it is 0.')
param alwaysReady int

@description('Requests that an instance answers at once.')
param httpConcurrency int

@description('Origins of which browsers may call; the platform answers their preflight requests.')
param corsOrigins array

@description('Whether clients are asked for certificates; they need none.')
param clientCertificates bool

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: appName
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    // OptionalInteractiveUser would negotiate TLS anew within a request, and bodies of more than 100 KB do not survive that.
    clientCertEnabled: clientCertificates
    clientCertMode: 'Optional'
    keyVaultReferenceIdentity: identityId
    siteConfig: {
      minTlsVersion: '1.2'
      cors: {
        allowedOrigins: corsOrigins
      }
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packageContainerUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'custom'
        version: '1.0'
      }
      scaleAndConcurrency: {
        instanceMemoryMB: memoryMB
        maximumInstanceCount: maximumInstances
        alwaysReady: alwaysReady == 0 ? [] : [
          {
            name: 'http'
            instanceCount: alwaysReady
          }
        ]
        triggers: {
          http: {
            perInstanceConcurrency: httpConcurrency
          }
        }
      }
    }
  }
}

// These replace whatever was set before. Flex Consumption refuses FUNCTIONS_WORKER_RUNTIME, FUNCTIONS_EXTENSION_VERSION and
// WEBSITE_RUN_FROM_PACKAGE: functionAppConfig says that.
resource appSettings 'Microsoft.Web/sites/config@2024-04-01' = {
  parent: app
  name: 'appsettings'
  properties: union(settings, {
    AzureWebJobsStorage__accountName: storageAccountName
    AzureWebJobsStorage__credential: 'managedidentity'
    AzureWebJobsStorage__clientId: identityClientId
    AzureWebJobsDisableHomepage: 'true'
    AzureFunctionsWebHost__hostid: appName
    APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
    ZENKOFN_HANDLER: handler
    ZENKOFN_MASTER_KEY: masterKey
    ZENKOFN_ROOT_SECRET_KEY: rootSecretKey
    ZENKOFN_NOTIFY_SECRET: notifySecret
  })
}

// Packages come by the container; nobody signs in to the deployment site with a password.
resource noPasswords 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'scm'
  properties: {
    allow: false
  }
}

@description('The app\'s name.')
output appName string = app.name

@description('The host name that the platform gives it.')
output hostName string = app.properties.defaultHostName
