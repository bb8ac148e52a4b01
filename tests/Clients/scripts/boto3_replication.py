"""Rules of replication in both forms, and what becomes of versions: the server itself is the cloud that they are copied to."""
import json
import os
import time
import urllib.request

import boto3
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest

from s3 import BUCKET, KEYS, client, refused

ROLE = "arn:aws:iam::123456789012:role/copies"
TARGET, SITE = BUCKET + "-to", BUCKET + "-site"
ENDPOINT = os.environ["ENDPOINT"]
s3 = client()
s3.create_bucket(Bucket=BUCKET)
s3.create_bucket(Bucket=TARGET)
s3.put_bucket_versioning(Bucket=TARGET, VersioningConfiguration={"Status": "Enabled"})


def eventually(what, timeout=120):
    """What it gives at last; it is asked again until then."""
    until = time.monotonic() + timeout
    while True:
        found = what()
        if found:
            return found
        assert time.monotonic() < until, what
        time.sleep(0.1)


def manage(verb, path, body=None):
    credentials = boto3.Session().get_credentials()
    data = None if body is None else json.dumps(body).encode()
    request = AWSRequest(verb, ENDPOINT + path, data=data, headers={"Content-Type": "application/json"})
    S3SigV4Auth(credentials, "s3", s3.meta.region_name).add_auth(request)
    sent = urllib.request.Request(ENDPOINT + path, data, dict(request.headers.items()), method=verb)
    with urllib.request.urlopen(sent) as answer:
        return answer.read()


def put(rules):
    s3.put_bucket_replication(Bucket=BUCKET, ReplicationConfiguration={"Role": ROLE, "Rules": rules})


first = {"ID": "one", "Prefix": "", "Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::" + TARGET, "StorageClass": SITE}}
second = {
    "ID": "two", "Priority": 1, "Filter": {"Prefix": ""}, "Status": "Enabled",
    "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
    "ExistingObjectReplication": {"Status": "Disabled"},
    "Destination": {
        "Bucket": "arn:aws:s3:::" + TARGET, "Account": "123456789012", "StorageClass": SITE + ":preferred_read",
        "Metrics": {"Status": "Enabled", "EventThreshold": {"Minutes": 15}},
    },
    "DeleteMarkerReplication": {"Status": "Enabled"},
}
refused("ReplicationConfigurationNotFoundError", 404, s3.get_bucket_replication, Bucket=BUCKET)
refused("MalformedXML", 400, put, [first])  # there is no such location
credentials = boto3.Session().get_credentials()
manage("POST", "/_/management/locations", {
    "name": SITE, "locationType": "location-ceph-radosgw-s3-v1",
    "details": {"endpoint": ENDPOINT, "bucketName": TARGET, "accessKey": credentials.access_key, "secretKey": credentials.secret_key},
})


def outcome(rules):
    """None where they are taken, else the code."""
    try:
        put(rules)
    except s3.exceptions.ClientError as e:
        return e.response["Error"]["Code"]


# All instances know of the location, and of versioning, before long.
eventually(lambda: outcome([first]) == "InvalidRequest")  # not versioned
s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
for rules in ([first], [second, {**second, "ID": "three", "Priority": 2, "Filter": {"And": {"Prefix": "a/", "Tags": [{"Key": "k", "Value": "v"}]}},
                                 "DeleteMarkerReplication": {"Status": "Disabled"}, "Status": "Disabled"}], [second]):
    eventually(lambda: outcome(rules) is None)
    got = s3.get_bucket_replication(Bucket=BUCKET)["ReplicationConfiguration"]
    assert got == {"Role": ROLE, "Rules": rules}, got
refused("InvalidBucketState", 409, s3.put_bucket_versioning, Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"})


def head(key, version=None):
    return s3.head_object(Bucket=BUCKET, Key=key, **({} if version is None else {"VersionId": version}))


def copied(key, version=None):
    """What is told of a version when its copy is there."""
    def status():
        told = head(key, version)
        assert told["ReplicationStatus"] in ("PENDING", "COMPLETED"), told["ReplicationStatus"]
        return told if told["ReplicationStatus"] == "COMPLETED" else None
    return eventually(status)


written = {}
for number, key in enumerate(KEYS):
    written[key] = s3.put_object(
        Bucket=BUCKET, Key=key, Body=b"body %d" % number, ContentType="x/y", Metadata={"colour": "blue"}, Tagging="k=v")["VersionId"]
for number, key in enumerate(KEYS):
    told = copied(key)
    assert told["VersionId"] == written[key]
    assert told["Metadata"]["colour"] == "blue" and told["Metadata"][SITE + "-replication-status"] == "COMPLETED", told["Metadata"]
    there = s3.get_object(Bucket=TARGET, Key=BUCKET + "/" + key)
    assert there["Body"].read() == b"body %d" % number and there["ContentType"] == "x/y"
    assert there["ReplicationStatus"] == "REPLICA" and there["Metadata"]["scal-version-id"] == written[key], there
    assert there["VersionId"] == told["Metadata"][SITE + "-version-id"]
    assert s3.get_object_tagging(Bucket=TARGET, Key=BUCKET + "/" + key)["TagSet"] == [{"Key": "k", "Value": "v"}]
    assert s3.get_object(Bucket=BUCKET, Key=key, Range="bytes=1-3")["Body"].read() == b"ody"  # from the copy, which is preferred

# Tags follow; a delete marker does, too; a removed version does not.
key = KEYS[0]
s3.put_object_tagging(Bucket=BUCKET, Key=key, Tagging={"TagSet": [{"Key": "k", "Value": "w"}]})
copied(key)
assert s3.get_object_tagging(Bucket=TARGET, Key=BUCKET + "/" + key)["TagSet"] == [{"Key": "k", "Value": "w"}]
s3.delete_object(Bucket=BUCKET, Key=key)
eventually(lambda: not s3.list_objects_v2(Bucket=TARGET, Prefix=BUCKET + "/" + key).get("Contents"))

# A large one, in parts; and rules that are gone.
large = os.urandom(24 << 20)
s3.put_object(Bucket=BUCKET, Key="large", Body=large)
copied("large")
assert s3.get_object(Bucket=TARGET, Key=BUCKET + "/large")["Body"].read() == large
s3.delete_bucket_replication(Bucket=BUCKET)
refused("ReplicationConfigurationNotFoundError", 404, s3.get_bucket_replication, Bucket=BUCKET)


def goes_nowhere():
    s3.put_object(Bucket=BUCKET, Key="after", Body=b"")
    return "ReplicationStatus" not in head("after")


eventually(goes_nowhere)
