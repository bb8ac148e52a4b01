#!/usr/bin/env bash
# s3_curl VERB URL [FILE]: a request to ostor's management API, signed with version 2.
#
#   export S3_KEY=AKIA… S3_SECRET=…                         # of a system user
#   source tools/s3_curl.sh
#   s3_curl GET 'http://127.0.0.1:8000/?ostor-users'
#   s3_curl PUT 'http://127.0.0.1:8000/?ostor-users&emailAddress=user@example.com'
#
# With S3_ENDPOINT=http://127.0.0.1:8000 the URL may begin at its question mark: s3_curl GET '?ostor-users'. With S3_UNSIGNED_PAYLOAD=1
# the request says so in x-amz-content-sha256, and may carry a file. Only the verb, the date and the first parameter are signed.
s3_curl() {
    local verb=$1 url=$2 file=${3-} header=() line='' body=()
    case $url in
        '?'* | '/?'*) url=${S3_ENDPOINT:?set it, or give a whole URL}/${url#/} ;;
    esac
    local query=${url##*/} date
    date=$(LC_ALL=C date -R)
    if [[ -n ${S3_UNSIGNED_PAYLOAD-} ]]; then
        header=(-H 'x-amz-content-sha256: UNSIGNED-PAYLOAD')
        line=$'x-amz-content-sha256:UNSIGNED-PAYLOAD\n'
        [[ -n $file ]] && body=(--data-binary "@$file" -H 'Content-Type:')
    fi
    local text="$verb"$'\n\n\n'"$date"$'\n'"$line/${query%%&*}" signature
    signature=$(printf '%s' "$text" | openssl dgst -sha1 -hmac "${S3_SECRET:?set it to the secret key}" -binary | openssl base64)
    curl -sS --globoff -X "$verb" -H "Date: $date" -H "Authorization: AWS ${S3_KEY:?set it to the access key}:$signature" \
        "${header[@]}" "${body[@]}" ${S3_CURL_OPTIONS:-} "$url"
}
