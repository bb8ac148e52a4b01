import io
import os

from s3 import BUCKET, KEYS, client, md5

s3 = client()
s3.create_bucket(Bucket=BUCKET)
assert BUCKET in [b["Name"] for b in s3.list_buckets()["Buckets"]]
assert s3.get_bucket_location(Bucket=BUCKET)["LocationConstraint"] is None

# Awkward keys, and what goes with an object.
for key in KEYS:
    body = key.encode() * 100
    put = s3.put_object(
        Bucket=BUCKET, Key=key, Body=body, ContentType="text/x-test; charset=utf-8", CacheControl="no-cache",
        ContentDisposition='attachment; filename="x"', ContentEncoding="identity-test", ContentLanguage="de",
        Metadata={"colour": "blue", "with-dash": "two  blanks"})
    assert put["ETag"] == '"%s"' % md5(body)
    got = s3.get_object(Bucket=BUCKET, Key=key)
    assert got["Body"].read() == body
    assert got["ContentType"] == "text/x-test; charset=utf-8" and got["CacheControl"] == "no-cache"
    assert got["ContentDisposition"] == 'attachment; filename="x"' and got["ContentLanguage"] == "de"
    assert got["ContentEncoding"] == "identity-test", got["ContentEncoding"]
    assert got["Metadata"]["colour"] == "blue", got["Metadata"]
    assert s3.head_object(Bucket=BUCKET, Key=key)["ContentLength"] == len(body)

listed = [o["Key"] for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, PaginationConfig={"PageSize": 2})
          for o in page["Contents"]]
assert listed == sorted(KEYS, key=lambda k: k.encode()), listed
listed = [o["Key"] for page in s3.get_paginator("list_objects").paginate(Bucket=BUCKET, PaginationConfig={"PageSize": 3})
          for o in page["Contents"]]
assert listed == sorted(KEYS, key=lambda k: k.encode()), listed
rolled = s3.list_objects_v2(Bucket=BUCKET, Delimiter="/")
assert [p["Prefix"] for p in rolled["CommonPrefixes"]] == ["./", "a/", "trailing/", "uml\u00e4ut/"], rolled

# Ranges and conditions.
s3.put_object(Bucket=BUCKET, Key="range", Body=b"0123456789")
for header, wanted in (("bytes=0-0", b"0"), ("bytes=3-", b"3456789"), ("bytes=-2", b"89"), ("bytes=5-100", b"56789")):
    got = s3.get_object(Bucket=BUCKET, Key="range", Range=header)
    assert got["Body"].read() == wanted and got["ResponseMetadata"]["HTTPStatusCode"] == 206

# Every checksum that needs no native library.
for algorithm in ("CRC32", "SHA1", "SHA256"):
    put = s3.put_object(Bucket=BUCKET, Key="sum", Body=b"123456789", ChecksumAlgorithm=algorithm)
    got = s3.get_object(Bucket=BUCKET, Key="sum", ChecksumMode="ENABLED")
    assert got["Body"].read() == b"123456789"
    assert got["Checksum" + algorithm] == put["Checksum" + algorithm]
# A checksum that the caller computed.
s3.put_object(Bucket=BUCKET, Key="sum", Body=b"123456789", ChecksumCRC32="y/Q5Jg==")

# Streams, by the managed transfer (one PUT and several parts).
for size in (0, 1, 3_000_000, 9_000_000):
    data = os.urandom(size)
    s3.upload_fileobj(io.BytesIO(data), BUCKET, "stream", ExtraArgs={"Metadata": {"size": str(size)}})
    out = io.BytesIO()
    s3.download_fileobj(BUCKET, "stream", out)
    assert out.getvalue() == data

# Copies.
s3.copy_object(Bucket=BUCKET, Key="copied", CopySource={"Bucket": BUCKET, "Key": KEYS[2]})
assert s3.get_object(Bucket=BUCKET, Key="copied")["Metadata"]["colour"] == "blue"
s3.copy_object(Bucket=BUCKET, Key="copied", CopySource={"Bucket": BUCKET, "Key": "copied"}, MetadataDirective="REPLACE", Metadata={"a": "b"})
assert s3.head_object(Bucket=BUCKET, Key="copied")["Metadata"] == {"a": "b"}

# Deletions.
gone = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": k} for k in KEYS]})
assert sorted(d["Key"] for d in gone["Deleted"]) == sorted(KEYS), gone
for entry in s3.list_objects_v2(Bucket=BUCKET)["Contents"]:
    s3.delete_object(Bucket=BUCKET, Key=entry["Key"])
assert s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0
s3.delete_bucket(Bucket=BUCKET)
