// An example; deploy.sh takes it with --parameters FILE and adds the secrets, which belong in no file.
using './main.bicep'

param namePrefix = 'zenkofn'
param storageSku = 'Standard_ZRS'
param region = 'us-east-1'
param rootAccessKey = 'ZENKOFNROOT000000001'
param corsOrigins = [
  'https://app.example.com'
]
param tags = {
  application: 'zenkofunctions'
}
