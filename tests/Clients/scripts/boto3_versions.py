"""Versions and their order, null versions, delete markers, conditions on versions, tags of versions."""
from s3 import BUCKET, KEYS, client, refused

s3 = client()
s3.create_bucket(Bucket=BUCKET)
assert "Status" not in s3.get_bucket_versioning(Bucket=BUCKET)


def versioning(status):
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": status})
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == status


def put(key, body):
    return s3.put_object(Bucket=BUCKET, Key=key, Body=body).get("VersionId", "null")


def read(key, version):
    got = s3.get_object(Bucket=BUCKET, Key=key, VersionId=version)
    assert got["VersionId"] == version, got
    return got["Body"].read()


def listed(size=1000):
    """(key, id, is latest, is marker), versions before markers page by page."""
    found = []
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=BUCKET, PaginationConfig={"PageSize": size}):
        found += [(v["Key"], v["VersionId"], v["IsLatest"], False) for v in page.get("Versions", [])]
        found += [(v["Key"], v["VersionId"], v["IsLatest"], True) for v in page.get("DeleteMarkers", [])]
    return found


key = KEYS[3]
ids = [put(key, b"0")]
versioning("Enabled")
ids += [put(key, b"1"), put(key, b"2")]
assert ids[0] == "null" and len(set(ids)) == 3, ids
assert [read(key, i) for i in ids] == [b"0", b"1", b"2"]
gone = s3.delete_object(Bucket=BUCKET, Key=key)
assert gone["DeleteMarker"] is True
marker = gone["VersionId"]
headers = refused("NoSuchKey", 404, s3.get_object, Bucket=BUCKET, Key=key)["ResponseMetadata"]["HTTPHeaders"]
assert headers["x-amz-delete-marker"] == "true" and headers["x-amz-version-id"] == marker, headers
refused("405", 405, s3.head_object, Bucket=BUCKET, Key=key, VersionId=marker)
assert listed() == [(key, i, False, False) for i in reversed(ids)] + [(key, marker, True, True)]

# Suspended: the null version is replaced, others stay; a deletion puts a null marker in its place.
versioning("Suspended")
put(key, b"3")
assert read(key, "null") == b"3"
assert s3.delete_object(Bucket=BUCKET, Key=key)["VersionId"] == "null"
assert sorted(entry[1] for entry in listed()) == sorted([ids[1], ids[2], marker, "null"])
versioning("Enabled")
gone = s3.delete_object(Bucket=BUCKET, Key=key, VersionId="null")
assert gone["VersionId"] == "null" and gone["DeleteMarker"] is True, gone
s3.delete_object(Bucket=BUCKET, Key=key, VersionId=marker)
assert s3.get_object(Bucket=BUCKET, Key=key)["VersionId"] == ids[2]
refused("NoSuchVersion", 404, s3.get_object, Bucket=BUCKET, Key=key, VersionId=marker)
refused("InvalidArgument", 400, s3.get_object, Bucket=BUCKET, Key=key, VersionId="")

# Small pages hold what one page holds, under awkward keys too.
for key in KEYS:
    for body in (b"a", b"b"):
        put(key, body)
whole = sorted(listed())
assert len(whole) == 2 * len(KEYS) + 2, whole
for size in (1, 3, 7):
    assert sorted(listed(size=size)) == whole, size

# Tags and copies of a version.
old = [entry for entry in whole if entry[0] == KEYS[1] and not entry[2]][0][1]
s3.put_object_tagging(Bucket=BUCKET, Key=KEYS[1], VersionId=old, Tagging={"TagSet": [{"Key": "colour", "Value": "b l\u00fc"}]})
assert s3.get_object_tagging(Bucket=BUCKET, Key=KEYS[1])["TagSet"] == []
assert s3.get_object_tagging(Bucket=BUCKET, Key=KEYS[1], VersionId=old)["TagSet"] == [{"Key": "colour", "Value": "b l\u00fc"}]
assert s3.get_object(Bucket=BUCKET, Key=KEYS[1], VersionId=old)["TagCount"] == 1
copy = s3.copy_object(Bucket=BUCKET, Key="copy", CopySource={"Bucket": BUCKET, "Key": KEYS[1], "VersionId": old})
assert copy["CopySourceVersionId"] == old and copy["VersionId"] != old, copy
assert s3.get_object(Bucket=BUCKET, Key="copy")["Body"].read() == b"a"
assert s3.get_object_tagging(Bucket=BUCKET, Key="copy")["TagSet"] == [{"Key": "colour", "Value": "b l\u00fc"}]

# All go at once, each by its id.
gone = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": entry[0], "VersionId": entry[1]} for entry in listed()]})
assert "Errors" not in gone and len(gone["Deleted"]) == len(whole) + 1, gone
assert listed() == []
s3.delete_bucket(Bucket=BUCKET)
