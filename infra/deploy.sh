#!/usr/bin/env bash
# Deploys ZenkoFunctions to Azure, or brings a deployment to what this checkout holds. See docs/deploying.md.
set -euo pipefail

usage() {
  cat <<'USAGE'
Usage: infra/deploy.sh --resource-group NAME --root-access-key ID [options]
       infra/deploy.sh --package-only DIRECTORY

Builds both function apps, creates or updates everything in infra/bicep, uploads the packages, starts them, and probes the
endpoint. May be run again at any time: what is there is kept, secrets above all.

  --resource-group NAME    where it goes; it is created where it does not exist (then --location is needed)
  --location REGION        the region of a resource group that is created
  --name PREFIX            what all names start with, 3 to 10 of a-z and 0-9 (zenkofn); another one is another installation
  --root-access-key ID     the access key id of the root account, 16 to 128 letters and digits
  --parameters FILE        further parameters of infra/bicep/main.bicep, as .bicepparam or .json
  --no-key-vault           keeps the secrets in app settings; they must be in the environment at every deployment (below)
  --operator ID            the object id of who uploads packages and reads secrets (whoever is signed in to az)
  --operator-type TYPE     User, Group or ServicePrincipal (User)
  --packages DIRECTORY     takes api.zip and jobs.zip from there instead of building them
  --package-only DIRECTORY builds api.zip and jobs.zip there, and does nothing else; needs no Azure
  --no-probe               does not probe the endpoint at the end
  --dry-run                prints the commands that would change or ask Azure, and runs none of them
  --help                   prints this

Environment:
  ZENKOFN_MASTER_KEY, ZENKOFN_ROOT_SECRET_KEY, ZENKOFN_NOTIFY_SECRET
      With a vault: what it lacks is taken from here, or made at random. What it has is kept, whatever is set here.
      With --no-key-vault: the first two are needed, each time the same.
USAGE
}

say() { printf '%s\n' "$*" >&2; }

die() {
  say "deploy.sh: $*"
  exit 1
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")

group='' location='' prefix=zenkofn access_key='' parameters='' vault=true operator='' operator_type=User
packages='' package_only='' probe=true dry=false
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h) usage; exit 0 ;;
    --no-key-vault) vault=false; shift; continue ;;
    --no-probe) probe=false; shift; continue ;;
    --dry-run) dry=true; shift; continue ;;
  esac
  [ $# -ge 2 ] || { usage >&2; die "$1 is not understood, or lacks its value."; }
  case $1 in
    --resource-group) group=$2 ;;
    --location) location=$2 ;;
    --name) prefix=$2 ;;
    --root-access-key) access_key=$2 ;;
    --parameters) parameters=$2 ;;
    --operator) operator=$2 ;;
    --operator-type) operator_type=$2 ;;
    --packages) packages=$2 ;;
    --package-only) package_only=$2 ;;
    *) usage >&2; die "$1 is not understood." ;;
  esac
  shift 2
done

needs() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || die "$tool is not installed. Needed are: $*."
  done
}

# A command that changes something.
run() {
  if $dry; then
    printf '%q ' "$@"
    printf '\n'
  else
    "$@"
  fi
}

# A command whose answer is needed; the first argument stands for it where nothing is run.
ask() {
  local stand_in=$1
  shift
  if $dry; then
    { printf '%q ' "$@"; printf '\n'; } >&2
    printf '%s\n' "$stand_in"
  else
    "$@"
  fi
}

# Tries again for some minutes: a role that was just assigned is not known everywhere at once.
patiently() {
  local attempt
  for attempt in 1 2 3 4 5 6 7 8 9 10; do
    if run "$@"; then return; fi
    [ "$attempt" -lt 10 ] || break
    say "Not yet ($attempt of 10); roles take a while to hold. Trying again in ${DEPLOY_PAUSE:-30} s."
    sleep "${DEPLOY_PAUSE:-30}"
  done
  die "It did not succeed: $*"
}

# One app as the host wants it: publishing leaves the program, host.json and a function.json for each function. Not composite: that
# compiles the whole runtime again, which takes minutes and 2 GiB, and makes the program larger by a quarter.
package() {
  local project=$1 zip=$2 app
  app=$work/$(basename "$zip" .zip)
  say "Building $project"
  dotnet publish "$root/src/$project" --configuration Release --runtime linux-x64 --self-contained --nologo --verbosity quiet \
    -p:PublishSingleFile=true -p:PublishReadyToRun=true -p:PublishReadyToRunComposite=false -p:DebugType=none --output "$app" >&2
  local program=$app/ZenkoFunctions.${project#Functions.}
  [ -f "$program" ] || die "The build of $project left no $(basename "$program")."
  # Whoever runs it is not who builds it.
  chmod -R u=rwX,go=rX "$app"
  chmod 755 "$program"
  if [ ! -f "$app/host.json" ] || ! compgen -G "$app/Fx_*/function.json" >/dev/null; then
    die "The build of $project left no host.json, or no function."
  fi
  rm -f "$zip"
  (cd "$app" && zip -q -X -r "$zip" . -x '*.pdb' -x '*.staticwebassets.*' -x 'web.config' -x 'appsettings*.json' -x 'local.settings.json')
  say "$(basename "$zip"): $(($(wc -c <"$zip") / 1048576)) MiB"
}

package_both() {
  mkdir -p "$1"
  local to
  to=$(cd "$1" && pwd)
  package Functions.Api "$to/api.zip"
  package Functions.Replication "$to/jobs.zip"
}

umask 077
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ -n "$package_only" ]; then
  needs dotnet zip
  package_both "$package_only"
  exit 0
fi

# --- What was asked for, and with what ---------------------------------------------------------------------------------------

[ -n "$group" ] || { usage >&2; die "--resource-group is missing."; }
[[ $access_key =~ ^[A-Za-z0-9]{16,128}$ ]] || die "--root-access-key must be 16 to 128 letters and digits."
[[ $prefix =~ ^[a-z][a-z0-9]{2,9}$ ]] || die "--name must be 3 to 10 of a-z and 0-9, beginning with a letter."
[ -z "$parameters" ] || [ -f "$parameters" ] || die "There is no file $parameters."
needs az openssl curl
if [ -n "$packages" ]; then
  for zip in api jobs; do
    [ -f "$packages/$zip.zip" ] || die "There is no $packages/$zip.zip. Build it with --package-only $packages."
  done
else
  needs dotnet zip
fi
if $probe; then needs dotnet; fi
if ! $vault; then
  if [ -z "${ZENKOFN_MASTER_KEY:-}" ] || [ -z "${ZENKOFN_ROOT_SECRET_KEY:-}" ]; then
    die "Without a vault ZENKOFN_MASTER_KEY (openssl rand -base64 32) and ZENKOFN_ROOT_SECRET_KEY must be in the environment, at every deployment the same."
  fi
fi
if ! $dry; then
  az account show --output none 2>/dev/null || die "Nobody is signed in. Run: az login"
fi

# --- Packages ------------------------------------------------------------------------------------------------------------------

if [ -z "$packages" ]; then
  packages=$work/packages
  if $dry; then
    say "Would build $packages/api.zip and jobs.zip."
  else
    package_both "$packages"
  fi
fi

# --- Resources -----------------------------------------------------------------------------------------------------------------

exists=$(ask true az group exists --name "$group" --output tsv)
if [ "$exists" != true ]; then
  [ -n "$location" ] || die "There is no resource group $group. Name the region to create it in with --location."
  run az group create --name "$group" --location "$location" --output none
fi

if [ -z "$operator" ]; then
  operator=$(ask OPERATOR az ad signed-in-user show --query id --output tsv) ||
    die "Who is signed in is no user. Say who uploads with --operator ID --operator-type ServicePrincipal."
fi

# The secrets that are there stay. Making a new master key would cost every secret and every encrypted object.
held=''
if $vault; then
  vault_name=$(ask '' az resource list --resource-group "$group" --resource-type Microsoft.KeyVault/vaults \
    --query "[?starts_with(name, '$prefix-')].name | [0]" --output tsv)
  if [ -n "$vault_name" ]; then
    held=$(ask '' az keyvault secret list --vault-name "$vault_name" --query '[].name' --output tsv) ||
      die "The vault $vault_name is there, but what it holds cannot be seen, and nothing may be overwritten. You need the role Key Vault Secrets Officer on it."
  fi
fi

has() { grep -qx "$1" <<<"$held"; }

secret_value() { # name in the vault, variable of the environment, bytes of a random one
  if $vault && has "$1"; then
    printf ''
  elif [ -n "${!2:-}" ]; then
    printf '%s' "${!2}"
  elif $vault; then
    say "Making a new $1."
    openssl rand -base64 "$3" | tr -d '\n'
  fi
}

master_key=$(secret_value master-key ZENKOFN_MASTER_KEY 32)
root_secret=$(secret_value root-secret-key ZENKOFN_ROOT_SECRET_KEY 30)
notify_secret=$(secret_value notify-secret ZENKOFN_NOTIFY_SECRET 32)
[ -z "$master_key" ] || [ "$(printf '%s' "$master_key" | openssl base64 -d -A 2>/dev/null | wc -c)" = 32 ] ||
  die "ZENKOFN_MASTER_KEY must be 32 bytes in Base64, as openssl rand -base64 32 makes them."

# In a file that only we can read, for arguments can be read by everybody on this machine.
text() { printf '%s' "$1" | sed 's/\\/\\\\/g; s/"/\\"/g'; }
cat >"$work/secrets.json" <<JSON
{
  "\$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {
    "namePrefix": { "value": "$prefix" },
    "rootAccessKey": { "value": "$access_key" },
    "useKeyVault": { "value": $vault },
    "operatorPrincipalId": { "value": "$operator" },
    "operatorPrincipalType": { "value": "$operator_type" },
    "masterKey": { "value": "$(text "$master_key")" },
    "rootSecretKey": { "value": "$(text "$root_secret")" },
    "notifySecret": { "value": "$(text "$notify_secret")" }
  }
}
JSON

chosen=()
if [ -n "$parameters" ]; then
  case $parameters in
    *.bicepparam)
      run az bicep build-params --file "$parameters" --outfile "$work/parameters.json"
      chosen=(--parameters "@$work/parameters.json")
      ;;
    *) chosen=(--parameters "@$parameters") ;;
  esac
fi

say "Deploying infra/bicep/main.bicep to $group"
deployment=zenkofunctions-$prefix
run az deployment group create --resource-group "$group" --name "$deployment" --template-file "$here/bicep/main.bicep" \
  ${chosen[@]+"${chosen[@]}"} --parameters "@$work/secrets.json" --output none

output() { ask "$1" az deployment group show --resource-group "$group" --name "$deployment" --query "properties.outputs.$1.value" --output tsv; }

endpoint=$(output endpoint)
account=$(output storageAccountName)
api_app=$(output apiAppName)
jobs_app=$(output jobsAppName)
vault_name=$(output vaultName)
subscription=$(ask SUBSCRIPTION az account show --query id --output tsv)

# --- Packages into their places --------------------------------------------------------------------------------------------------

stamp=$(date -u +%Y%m%dT%H%M%SZ)-$(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo unknown)
upload() { # package, container
  patiently az storage blob upload --auth-mode login --account-name "$account" --container-name "$2" --name "history/$stamp.zip" --file "$1" --overwrite --no-progress --output none
  patiently az storage blob upload --auth-mode login --account-name "$account" --container-name "$2" --name released-package.zip --file "$1" --overwrite --no-progress --output none
}

start() { # app
  patiently az rest --method post --url "/subscriptions/$subscription/resourceGroups/$group/providers/Microsoft.Web/sites/$1/syncfunctiontriggers?api-version=2024-04-01" --output none
  run az functionapp restart --resource-group "$group" --name "$1" --output none
}

say "Uploading packages $stamp"
# The jobs first: they understand what the API's version before and after writes.
upload "$packages/jobs.zip" "$(output jobsPackageContainer)"
start "$jobs_app"
upload "$packages/api.zip" "$(output apiPackageContainer)"
start "$api_app"

# --- Is it there -----------------------------------------------------------------------------------------------------------------

if ! $dry; then
  say "Waiting for $endpoint"
  for ((attempt = 1; ; attempt++)); do
    if curl --silent --fail --max-time 60 --output /dev/null "$endpoint/_/healthcheck"; then break; fi
    [ "$attempt" -lt 30 ] || die "$endpoint does not answer. Its log: az webapp log tail --resource-group $group --name $api_app"
    sleep "${DEPLOY_PAUSE:-10}"
  done
fi

say ""
say "ZenkoFunctions serves S3 at $endpoint"
say "  access key  $access_key"
if $vault; then
  say "  its secret  az keyvault secret show --vault-name $vault_name --name root-secret-key --query value --output tsv"
fi
say ""

if $probe; then
  if [ -z "$root_secret" ]; then
    root_secret=$(ask '' az keyvault secret show --vault-name "$vault_name" --name root-secret-key --query value --output tsv)
  fi
  if $dry; then
    say "Would probe $endpoint."
  else
    AWS_ACCESS_KEY_ID=$access_key AWS_SECRET_ACCESS_KEY=$root_secret \
      dotnet run --project "$root/src/Cli" --configuration Release -- probe "$endpoint" ||
      die "It is deployed and answers, but something in front of it is broken: see above, and docs/deploying.md."
  fi
fi
