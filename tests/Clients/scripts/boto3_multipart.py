import hashlib
import os

from s3 import BUCKET, client, md5, refused

s3 = client()
s3.create_bucket(Bucket=BUCKET)
MIB = 1024 * 1024


def upload(key, parts, order=None, **create):
    made = s3.create_multipart_upload(Bucket=BUCKET, Key=key, **create)
    assert made["Key"] == key
    tags = {}
    for number in order or sorted(parts):
        tags[number] = s3.upload_part(
            Bucket=BUCKET, Key=key, UploadId=made["UploadId"], PartNumber=number, Body=parts[number])
    return made["UploadId"], tags


def named(tags):
    return {"Parts": [{"PartNumber": n, "ETag": tags[n]["ETag"]} for n in sorted(tags)]}


# Parts in any order, with gaps in their numbers, one of them sent twice.
parts = {2: os.urandom(5 * MIB), 7: os.urandom(6 * MIB), 900: os.urandom(10)}
upload_id, tags = upload("m/key \u00fc", parts, order=[900, 2, 7, 2], Metadata={"k": "v"}, ContentType="a/b")
done = s3.complete_multipart_upload(Bucket=BUCKET, Key="m/key \u00fc", UploadId=upload_id, MultipartUpload=named(tags))
sums = b"".join(hashlib.md5(parts[n]).digest() for n in sorted(parts))
assert done["ETag"] == '"%s-3"' % md5(sums), done
got = s3.get_object(Bucket=BUCKET, Key="m/key \u00fc")
assert got["Body"].read() == b"".join(parts[n] for n in sorted(parts))
assert got["Metadata"] == {"k": "v"} and got["ContentType"] == "a/b"
# A range over the seam of two parts, and a part by its number.
got = s3.get_object(Bucket=BUCKET, Key="m/key \u00fc", Range="bytes=%d-%d" % (5 * MIB - 3, 5 * MIB + 2))
assert got["Body"].read() == parts[2][-3:] + parts[7][:3]
got = s3.get_object(Bucket=BUCKET, Key="m/key \u00fc", PartNumber=3)
assert got["Body"].read() == parts[900] and got["PartsCount"] == 3
# The same Complete again gets the same answer.
assert s3.complete_multipart_upload(
    Bucket=BUCKET, Key="m/key \u00fc", UploadId=upload_id, MultipartUpload=named(tags))["ETag"] == done["ETag"]

# Listings.
upload_id, tags = upload("open", {n: b"x" * 10 for n in (1, 2, 3, 4, 5)})
pages = list(s3.get_paginator("list_parts").paginate(
    Bucket=BUCKET, Key="open", UploadId=upload_id, PaginationConfig={"PageSize": 2}))
assert [p["PartNumber"] for page in pages for p in page["Parts"]] == [1, 2, 3, 4, 5] and len(pages) == 3
others = [s3.create_multipart_upload(Bucket=BUCKET, Key=k)["UploadId"] for k in ("open", "p/1", "p/2")]
listed = [(u["Key"], u["UploadId"]) for page in s3.get_paginator("list_multipart_uploads").paginate(
    Bucket=BUCKET, PaginationConfig={"PageSize": 1}) for u in page["Uploads"]]
assert [k for k, _ in listed] == ["open", "open", "p/1", "p/2"] and {u for _, u in listed} == {upload_id, *others}

# Refusals.
refused("EntityTooSmall", 400, s3.complete_multipart_upload, Bucket=BUCKET, Key="open", UploadId=upload_id, MultipartUpload=named(tags))
wrong = named(tags)
wrong["Parts"].reverse()
refused("InvalidPartOrder", 400, s3.complete_multipart_upload, Bucket=BUCKET, Key="open", UploadId=upload_id, MultipartUpload=wrong)
wrong = named({1: {"ETag": '"%s"' % ("0" * 32)}})
refused("InvalidPart", 400, s3.complete_multipart_upload, Bucket=BUCKET, Key="open", UploadId=upload_id, MultipartUpload=wrong)
refused("NoSuchUpload", 404, s3.upload_part, Bucket=BUCKET, Key="open", UploadId="nonsense", PartNumber=1, Body=b"")
refused("InvalidArgument", 400, s3.upload_part, Bucket=BUCKET, Key="open", UploadId=upload_id, PartNumber=10001, Body=b"")
s3.abort_multipart_upload(Bucket=BUCKET, Key="open", UploadId=upload_id)
refused("NoSuchUpload", 404, s3.list_parts, Bucket=BUCKET, Key="open", UploadId=upload_id)

# Parts copied from an object, whole and by range.
made = s3.create_multipart_upload(Bucket=BUCKET, Key="copied")
source = {"Bucket": BUCKET, "Key": "m/key \u00fc"}
first = s3.upload_part_copy(Bucket=BUCKET, Key="copied", UploadId=made["UploadId"], PartNumber=1, CopySource=source)
second = s3.upload_part_copy(
    Bucket=BUCKET, Key="copied", UploadId=made["UploadId"], PartNumber=2, CopySource=source, CopySourceRange="bytes=1-5")
tags = {1: first["CopyPartResult"], 2: second["CopyPartResult"]}
s3.complete_multipart_upload(Bucket=BUCKET, Key="copied", UploadId=made["UploadId"], MultipartUpload=named(tags))
whole = b"".join(parts[n] for n in sorted(parts))
assert s3.get_object(Bucket=BUCKET, Key="copied")["Body"].read() == whole + whole[1:6]

# Checksums of parts and of the whole.
for algorithm in ("CRC32", "SHA256"):
    made = s3.create_multipart_upload(Bucket=BUCKET, Key="sums", ChecksumAlgorithm=algorithm)
    tags = {}
    for number in (1, 2):
        tags[number] = s3.upload_part(
            Bucket=BUCKET, Key="sums", UploadId=made["UploadId"], PartNumber=number, Body=b"y" * 5 * MIB, ChecksumAlgorithm=algorithm)
    chosen = {"Parts": [{"PartNumber": n, "ETag": tags[n]["ETag"], "Checksum" + algorithm: tags[n]["Checksum" + algorithm]}
                        for n in sorted(tags)]}
    done = s3.complete_multipart_upload(Bucket=BUCKET, Key="sums", UploadId=made["UploadId"], MultipartUpload=chosen)
    assert done["Checksum" + algorithm].endswith("-2"), done

for u in s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []):
    s3.abort_multipart_upload(Bucket=BUCKET, Key=u["Key"], UploadId=u["UploadId"])
for o in s3.list_objects_v2(Bucket=BUCKET)["Contents"]:
    s3.delete_object(Bucket=BUCKET, Key=o["Key"])
s3.delete_bucket(Bucket=BUCKET)
