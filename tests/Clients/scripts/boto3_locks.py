"""Object Lock, with the MD5s and CRCs that its requests carry."""
import base64
import hashlib
import zlib
from datetime import datetime, timedelta, timezone

from s3 import BUCKET, client, refused

s3 = client()
now = datetime.now(timezone.utc).replace(microsecond=0)
soon, later = now + timedelta(hours=1), now + timedelta(hours=2)
s3.create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True)
assert s3.get_object_lock_configuration(Bucket=BUCKET)["ObjectLockConfiguration"] == {"ObjectLockEnabled": "Enabled"}
rule = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}}}


def md5(data):
    return base64.b64encode(hashlib.md5(data).digest()).decode()


def crc32(data):
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


def spoil(operation):
    """The digests of that operation's next request are those of something else."""
    def wrong(params, **_):
        params["headers"]["Content-MD5"] = md5(b"something else")
    s3.meta.events.register_first("before-call.s3." + operation, wrong, unique_id="spoil")
    return lambda: s3.meta.events.unregister("before-call.s3." + operation, unique_id="spoil")


# A request whose digest is wrong changes nothing; each kind of digest will do.
restore = spoil("PutObjectLockConfiguration")
refused("BadDigest", 400, s3.put_object_lock_configuration, Bucket=BUCKET, ObjectLockConfiguration=rule)
restore()
assert "Rule" not in s3.get_object_lock_configuration(Bucket=BUCKET)["ObjectLockConfiguration"]
for algorithm in ("CRC32", "SHA1", "SHA256"):
    s3.put_object_lock_configuration(Bucket=BUCKET, ObjectLockConfiguration=rule, ChecksumAlgorithm=algorithm)
assert s3.get_object_lock_configuration(Bucket=BUCKET)["ObjectLockConfiguration"] == rule
s3.put_object_lock_configuration(Bucket=BUCKET, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"})

# With the object itself, its bytes checked.
body = b"123456789"
lock = dict(Bucket=BUCKET, Key="k", Body=body, ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=soon)
refused("BadDigest", 400, s3.put_object, **lock, ContentMD5=md5(b"x"))
refused("BadDigest", 400, s3.put_object, **lock, ChecksumCRC32=crc32(b"x"))
refused("NoSuchKey", 404, s3.get_object, Bucket=BUCKET, Key="k")
for more in (dict(ContentMD5=md5(body)), dict(ChecksumCRC32=crc32(body)), dict(ChecksumAlgorithm="SHA256")):
    put = s3.put_object(**lock, **more)
head = s3.head_object(Bucket=BUCKET, Key="k")
assert (head["ObjectLockMode"], head["ObjectLockRetainUntilDate"]) == ("GOVERNANCE", soon), head
version = put["VersionId"]
at = dict(Bucket=BUCKET, Key="k", VersionId=version)
refused("AccessDenied", 403, s3.delete_object, **at)
answer = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": "k", "VersionId": version}, {"Key": "none"}]})
assert [e["Code"] for e in answer["Errors"]] == ["AccessDenied"] and [d["Key"] for d in answer["Deleted"]] == ["none"], answer

# Retention: longer at any time, shorter by the bypass only.
restore = spoil("PutObjectRetention")
refused("BadDigest", 400, s3.put_object_retention, **at, Retention={"Mode": "GOVERNANCE", "RetainUntilDate": later})
restore()
s3.put_object_retention(**at, Retention={"Mode": "GOVERNANCE", "RetainUntilDate": later}, ChecksumAlgorithm="CRC32")
assert s3.get_object_retention(**at)["Retention"] == {"Mode": "GOVERNANCE", "RetainUntilDate": later}
refused("AccessDenied", 403, s3.put_object_retention, **at, Retention={"Mode": "GOVERNANCE", "RetainUntilDate": soon})
s3.put_object_retention(**at, Retention={"Mode": "GOVERNANCE", "RetainUntilDate": soon}, BypassGovernanceRetention=True)
refused("InvalidArgument", 400, s3.put_object_retention, **at, Retention={"Mode": "GOVERNANCE", "RetainUntilDate": now - timedelta(hours=1)})
refused("MalformedXML", 400, s3.put_object_retention, **at, Retention={"Mode": "governance", "RetainUntilDate": later})

# A hold, beside retention; on what is made by parts and by copies too.
upload = s3.create_multipart_upload(Bucket=BUCKET, Key="parts", ObjectLockLegalHoldStatus="ON", ChecksumAlgorithm="CRC32")["UploadId"]
part = s3.upload_part(Bucket=BUCKET, Key="parts", UploadId=upload, PartNumber=1, Body=body, ChecksumCRC32=crc32(body))
done = s3.complete_multipart_upload(
    Bucket=BUCKET, Key="parts", UploadId=upload,
    MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"], "ChecksumCRC32": part["ChecksumCRC32"]}]})
held = dict(Bucket=BUCKET, Key="parts", VersionId=done["VersionId"])
refused("AccessDenied", 403, s3.delete_object, **held, BypassGovernanceRetention=True)
copied = s3.copy_object(Bucket=BUCKET, Key="copy", CopySource=held)["VersionId"]
refused("NoSuchObjectLockConfiguration", 404, s3.get_object_legal_hold, Bucket=BUCKET, Key="copy")
s3.put_object_legal_hold(Bucket=BUCKET, Key="copy", LegalHold={"Status": "ON"}, ChecksumAlgorithm="SHA1")
refused("AccessDenied", 403, s3.delete_object, Bucket=BUCKET, Key="copy", VersionId=copied)
for key in ("parts", "copy"):
    s3.put_object_legal_hold(Bucket=BUCKET, Key=key, LegalHold={"Status": "OFF"})
    assert s3.get_object_legal_hold(Bucket=BUCKET, Key=key)["LegalHold"] == {"Status": "OFF"}

for entry in (v for page in s3.get_paginator("list_object_versions").paginate(Bucket=BUCKET) for v in page.get("Versions", []) + page.get("DeleteMarkers", [])):
    s3.delete_object(Bucket=BUCKET, Key=entry["Key"], VersionId=entry["VersionId"], BypassGovernanceRetention=True)
s3.delete_bucket(Bucket=BUCKET)
