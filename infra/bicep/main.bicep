// ZenkoFunctions on Azure: one storage account that holds everything, two function apps on Flex Consumption, each on a plan
// and with an identity of its own, what they log to, and a vault for their secrets. deploy.sh beside this directory puts the
// programs in. Deploying again is always safe: what exists is brought to what is written here, and no data is touched.
targetScope = 'resourceGroup'

@description('The region of Azure that everything is created in. Flex Consumption must be offered there.')
param location string = resourceGroup().location

@description('What all names start with; a part that is unique to the resource group is added. Never change it later: other names are another installation.')
@minLength(3)
@maxLength(10)
param namePrefix string = 'zenkofn'

@description('Tags of every resource.')
param tags object = {}

@description('How many copies Azure keeps, and where. Standard_ZRS survives the loss of a data centre, Standard_GZRS that of a region.')
@allowed([
  'Standard_LRS'
  'Standard_ZRS'
  'Standard_GRS'
  'Standard_GZRS'
  'Standard_RAGRS'
  'Standard_RAGZRS'
])
param storageSku string = 'Standard_ZRS'

@description('For how many days the packages of earlier deployments are kept for going back to them.')
@minValue(1)
@maxValue(365)
param packageHistoryDays int = 30

@description('The region that S3 clients sign for. This is a name of S3 and need not be one of Azure.')
param region string = 'us-east-1'

@description('Domains under which buckets are host names, separated by commas. They must be custom domains of the API app, each with a wildcard. Empty for path-style only.')
param domains string = ''

@description('Hosts that clients sign for where something in front of the app (Front Door, API Management, a proxy) replaces the Host header, separated by commas.')
param publicHosts string = ''

@description('The header in which the platform says where a client is; aws:SourceIp conditions go by it. Set it only after the probe has shown that clients cannot send it themselves; empty: those conditions never hold.')
param clientIpHeader string = ''

@description('The header in which the platform says which certificate a client has shown: X-ARR-ClientCert. Clients are asked for certificates then, and need none; bound ones sign in. Set it only after the probe has shown that clients cannot send it themselves; empty: certificates are not asked for.')
param clientCertificateHeader string = ''

@description('A path under which everything is served once more, for clients that were set up for it: /awsapi/rest/AmazonS3 for instance.')
param pathPrefix string = ''

@description('Where the console is: a host of its own that leads to the API app; path for /_/console on the host of the objects, whose pages may run no scripts then; empty for none.')
param console string = ''

@description('Origins of which browsers may call the API, for the platform answers their preflight requests itself; ["*"] for all. See the probe and docs/deploying.md.')
param corsOrigins array = []

@description('Ids of keys that clients may name for SSE-KMS, separated by commas. They are made at the start where they do not exist.')
param kmsKeys string = ''

@description('Targets of bucket notifications, separated by commas: name=https://… or name=queue:queue-name.')
param notify string = ''

@description('Names of storage queues that notify delivers to in this account; they are created.')
param notifyQueues array = []

@description('For how many seconds an instance believes what it has read of buckets, accounts and keys: so long a change made through another may take to be obeyed.')
@minValue(0)
@maxValue(60)
param cacheSeconds int = 5

@description('For how many seconds the bytes of replaced and deleted objects stay for readers under way.')
@minValue(60)
@maxValue(86400)
param keepReplacedSeconds int = 300

@description('How often and how long a copy to another location is tried before it is given up: tries after the first, seconds in all, seconds of the first pause and of the longest, between commas. Empty: as Zenko does it for each kind of location.')
param replicationRetry string = ''

@description('From which addresses sources of copies of blobs are fetched that are on another server. With any, whoever may write here reaches every HTTP server that the app reaches.')
@allowed([
  'public'
  'any'
])
param copySources string = 'public'

@description('Settings that can be changed while the server runs, as they are until then: name=value, between commas.')
param liveSettings string = ''

@description('The largest body of a request in bytes that the platform passes on, if it keeps to the setting; the probe tells. 5 GiB is what S3 takes. A string, as not every tool passes numbers so large.')
param requestBodyLimit string = '5368709120'

@description('The least severe log entries that are written.')
@allowed([
  'Trace'
  'Debug'
  'Information'
  'Warning'
  'Error'
])
param logLevel string = 'Information'

@description('For how many days logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('The most that is logged a day, in GB; -1 for no bound. What comes after it that day is lost, and not paid for.')
param logDailyCapGb int = 1

@description('The memory of an instance of the API in MB.')
@allowed([
  2048
  4096
])
param apiMemoryMB int = 2048

@description('The most instances of the API at once: the bound of what it may cost.')
@minValue(40)
@maxValue(1000)
param apiMaximumInstances int = 100

@description('Instances of the API that always run and are always paid for: none of their requests waits for a start.')
@minValue(0)
@maxValue(20)
param apiAlwaysReady int = 0

@description('Requests that an instance of the API answers at once before another one is started.')
@minValue(1)
@maxValue(1000)
param apiConcurrency int = 32

@description('The memory of an instance that runs jobs in MB.')
@allowed([
  2048
  4096
])
param jobsMemoryMB int = 2048

@description('The most instances that run jobs at once.')
@minValue(40)
@maxValue(1000)
param jobsMaximumInstances int = 40

@description('Keeps the secrets in a key vault, from which the apps read them by their identity. Otherwise they are app settings, encrypted by the platform, and must be given at every deployment.')
param useKeyVault bool = true

@description('The access key id of the root account.')
@minLength(16)
@maxLength(128)
param rootAccessKey string

@description('The master key, 32 bytes in Base64: seals secrets of access keys, and the keys of encrypted objects, which are lost with it. With a vault, empty keeps the one that is there.')
@secure()
param masterKey string = ''

@description('The secret of the root account\'s access key. With a vault, empty keeps the one that is there.')
@secure()
param rootSecretKey string = ''

@description('Signs what web hooks are sent. With a vault, empty keeps the one that is there.')
@secure()
param notifySecret string = ''

@description('The object id of who deploys: gets to upload packages, and to read and set secrets in the vault. Empty gives nobody that.')
param operatorPrincipalId string = ''

@description('What the operator is.')
@allowed([
  'User'
  'Group'
  'ServicePrincipal'
])
param operatorPrincipalType string = 'User'

var unique = uniqueString(resourceGroup().id)
var apiName = '${namePrefix}-${unique}'
var jobsName = '${namePrefix}-jobs-${unique}'
var apiPackages = 'app-package-api'
var jobsPackages = 'app-package-jobs'

module identities 'modules/identities.bicep' = {
  name: 'identities'
  params: {
    location: location
    tags: tags
    apiIdentityName: '${apiName}-id'
    jobsIdentityName: '${jobsName}-id'
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  params: {
    location: location
    tags: tags
    accountName: '${namePrefix}${unique}'
    skuName: storageSku
    packageContainers: [
      apiPackages
      jobsPackages
    ]
    packageHistoryDays: packageHistoryDays
    notifyQueues: notifyQueues
    apiPrincipalId: identities.outputs.apiPrincipalId
    jobsPrincipalId: identities.outputs.jobsPrincipalId
    operatorPrincipalId: operatorPrincipalId
    operatorPrincipalType: operatorPrincipalType
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  params: {
    location: location
    tags: tags
    workspaceName: '${apiName}-logs'
    componentName: '${apiName}-insights'
    retentionDays: logRetentionDays
    dailyCapGb: logDailyCapGb
    principalIds: [
      identities.outputs.apiPrincipalId
      identities.outputs.jobsPrincipalId
    ]
  }
}

module vault 'modules/vault.bicep' = if (useKeyVault) {
  name: 'vault'
  params: {
    location: location
    tags: tags
    vaultName: apiName
    masterKey: masterKey
    rootSecretKey: rootSecretKey
    notifySecret: notifySecret
    principalIds: [
      identities.outputs.apiPrincipalId
      identities.outputs.jobsPrincipalId
    ]
    operatorPrincipalId: operatorPrincipalId
    operatorPrincipalType: operatorPrincipalType
  }
}

// A name in the public cloud and in the sovereign ones: the suffix differs.
var vaultUri = 'https://${apiName}${environment().suffixes.keyvaultDns}'

// What both apps read alike.
var settings = {
  ZENKOFN_REGION: region
  ZENKOFN_DOMAINS: domains
  ZENKOFN_PUBLIC_HOSTS: publicHosts
  ZENKOFN_CLIENT_IP_HEADER: clientIpHeader
  ZENKOFN_CLIENT_CERTIFICATE_HEADER: clientCertificateHeader
  ZENKOFN_PATH_PREFIX: pathPrefix
  ZENKOFN_CONSOLE: console
  ZENKOFN_ROOT_ACCESS_KEY: rootAccessKey
  ZENKOFN_KMS_KEYS: kmsKeys
  ZENKOFN_NOTIFY: notify
  ZENKOFN_CACHE_SECONDS: string(cacheSeconds)
  ZENKOFN_KEEP_REPLACED_SECONDS: string(keepReplacedSeconds)
  ZENKOFN_REPLICATION_RETRY: replicationRetry
  ZENKOFN_COPY_SOURCES: copySources
  ZENKOFN_SETTINGS: liveSettings
  ZENKOFN_LOG_LEVEL: logLevel
  FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: requestBodyLimit
}

module api 'modules/functionApp.bicep' = {
  name: 'api'
  params: {
    location: location
    tags: tags
    appName: apiName
    planName: '${apiName}-plan'
    handler: 'ZenkoFunctions.Api'
    identityId: identities.outputs.apiId
    identityClientId: identities.outputs.apiClientId
    storageAccountName: storage.outputs.accountName
    packageContainerUrl: '${storage.outputs.blobEndpoint}${apiPackages}'
    insightsConnectionString: monitoring.outputs.connectionString
    settings: settings
    masterKey: useKeyVault ? '@Microsoft.KeyVault(SecretUri=${vaultUri}/secrets/master-key)' : masterKey
    rootSecretKey: useKeyVault ? '@Microsoft.KeyVault(SecretUri=${vaultUri}/secrets/root-secret-key)' : rootSecretKey
    notifySecret: useKeyVault ? '@Microsoft.KeyVault(SecretUri=${vaultUri}/secrets/notify-secret)' : notifySecret
    memoryMB: apiMemoryMB
    maximumInstances: apiMaximumInstances
    alwaysReady: apiAlwaysReady
    httpConcurrency: apiConcurrency
    corsOrigins: corsOrigins
    clientCertificates: clientCertificateHeader != ''
  }
  dependsOn: [
    vault
  ]
}

module jobs 'modules/functionApp.bicep' = {
  name: 'jobs'
  params: {
    location: location
    tags: tags
    appName: jobsName
    planName: '${jobsName}-plan'
    handler: 'ZenkoFunctions.Replication'
    identityId: identities.outputs.jobsId
    identityClientId: identities.outputs.jobsClientId
    storageAccountName: storage.outputs.accountName
    packageContainerUrl: '${storage.outputs.blobEndpoint}${jobsPackages}'
    insightsConnectionString: monitoring.outputs.connectionString
    settings: settings
    masterKey: useKeyVault ? '@Microsoft.KeyVault(SecretUri=${vaultUri}/secrets/master-key)' : masterKey
    rootSecretKey: useKeyVault ? '@Microsoft.KeyVault(SecretUri=${vaultUri}/secrets/root-secret-key)' : rootSecretKey
    notifySecret: useKeyVault ? '@Microsoft.KeyVault(SecretUri=${vaultUri}/secrets/notify-secret)' : notifySecret
    memoryMB: jobsMemoryMB
    maximumInstances: jobsMaximumInstances
    alwaysReady: 0
    httpConcurrency: 16
    corsOrigins: []
    clientCertificates: false
  }
  dependsOn: [
    vault
  ]
}

@description('Where S3 clients go.')
output endpoint string = 'https://${api.outputs.hostName}'

@description('The app that answers clients.')
output apiAppName string = api.outputs.appName

@description('The app that runs jobs.')
output jobsAppName string = jobs.outputs.appName

@description('The storage account.')
output storageAccountName string = storage.outputs.accountName

@description('The container that the API\'s package is uploaded to.')
output apiPackageContainer string = apiPackages

@description('The container that the package of the jobs is uploaded to.')
output jobsPackageContainer string = jobsPackages

@description('The vault with the secrets; empty where none is used.')
output vaultName string = useKeyVault ? apiName : ''
