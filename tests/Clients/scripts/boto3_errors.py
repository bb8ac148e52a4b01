from s3 import BUCKET, client, refused

s3 = client()
# No refused upload is empty here: botocore 1.43 waits for "100 Continue" even then, and after a refusal instead of it takes the next
# answer of the connection for a part of it, unless the server closes it, which a proxy in front need not do.
refused("NoSuchBucket", 404, s3.list_objects_v2, Bucket=BUCKET)
refused("NoSuchBucket", 404, s3.put_object, Bucket=BUCKET, Key="k", Body=b"x")
refused("404", 404, s3.head_bucket, Bucket=BUCKET)
s3.create_bucket(Bucket=BUCKET)
refused("NoSuchKey", 404, s3.get_object, Bucket=BUCKET, Key="none")
refused("404", 404, s3.head_object, Bucket=BUCKET, Key="none")
s3.delete_object(Bucket=BUCKET, Key="none")

put = s3.put_object(Bucket=BUCKET, Key="k", Body=b"1", IfNoneMatch="*")
refused("PreconditionFailed", 412, s3.put_object, Bucket=BUCKET, Key="k", Body=b"2", IfNoneMatch="*")
assert s3.get_object(Bucket=BUCKET, Key="k")["Body"].read() == b"1"
refused("304", 304, s3.get_object, Bucket=BUCKET, Key="k", IfNoneMatch=put["ETag"])
refused("PreconditionFailed", 412, s3.get_object, Bucket=BUCKET, Key="k", IfMatch='"0"')
refused("InvalidRange", 416, s3.get_object, Bucket=BUCKET, Key="k", Range="bytes=10-")
refused("BadDigest", 400, s3.put_object, Bucket=BUCKET, Key="k", Body=b"2", ContentMD5="1B2M2Y8AsgTpgAmY7PhCfg==")
refused("InvalidDigest", 400, s3.put_object, Bucket=BUCKET, Key="k", Body=b"2", ContentMD5="nonsense")
refused("BadDigest", 400, s3.put_object, Bucket=BUCKET, Key="k", Body=b"2", ChecksumSHA256="47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
assert s3.get_object(Bucket=BUCKET, Key="k")["Body"].read() == b"1"
refused("KeyTooLongError", 400, s3.put_object, Bucket=BUCKET, Key="x" * 1025, Body=b"x")
s3.put_object(Bucket=BUCKET, Key="y" * 1024, Body=b"long")
assert s3.get_object(Bucket=BUCKET, Key="y" * 1024)["Body"].read() == b"long"
refused("MetadataTooLarge", 400, s3.put_object, Bucket=BUCKET, Key="k", Body=b"x", Metadata={"m": "x" * 2137})
refused("BucketNotEmpty", 409, s3.delete_bucket, Bucket=BUCKET)
refused("InvalidBucketName", 400, s3.create_bucket, Bucket="UPPER_case")
s3.delete_object(Bucket=BUCKET, Key="y" * 1024)
s3.delete_object(Bucket=BUCKET, Key="k")
s3.delete_bucket(Bucket=BUCKET)
refused("NoSuchBucket", 404, s3.delete_bucket, Bucket=BUCKET)
