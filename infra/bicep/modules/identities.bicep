// Who the apps are. Two of them, because the API may put messages into queues but needs to read none.

@description('The region of Azure.')
param location string

@description('Tags of every resource.')
param tags object

@description('The name of the API\'s identity.')
param apiIdentityName string

@description('The name of the identity that runs jobs.')
param jobsIdentityName string

resource api 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: apiIdentityName
  location: location
  tags: tags
}

resource jobs 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: jobsIdentityName
  location: location
  tags: tags
}

@description('The resource id of the API\'s identity.')
output apiId string = api.id

@description('By what the API asks for its tokens.')
output apiClientId string = api.properties.clientId

@description('Whom the API\'s roles are assigned to.')
output apiPrincipalId string = api.properties.principalId

@description('The resource id of the identity that runs jobs.')
output jobsId string = jobs.id

@description('By what the jobs ask for their tokens.')
output jobsClientId string = jobs.properties.clientId

@description('Whom the roles of the jobs are assigned to.')
output jobsPrincipalId string = jobs.properties.principalId
