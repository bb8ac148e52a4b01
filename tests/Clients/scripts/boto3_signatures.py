"""Every form of signature that botocore makes, in headers and in addresses, with signed and unsigned payloads."""
import urllib.error
import urllib.request

from s3 import BUCKET, KEYS, client

client().create_bucket(Bucket=BUCKET)


def fetch(url, method="GET", data=None, headers=None):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=data, method=method, headers=headers or {})) as reply:
            return reply.status, reply.read()
    except urllib.error.HTTPError as e:
        return e.code, e.read()


CONFIGS = [
    dict(signature_version="s3v4"),
    dict(signature_version="s3v4", s3={"addressing_style": "path", "payload_signing_enabled": True}),
    dict(signature_version="s3v4", s3={"addressing_style": "path", "payload_signing_enabled": False}),
    dict(signature_version="s3"),
]
for config in CONFIGS:
    s3 = client(**config)
    for key in KEYS:
        body = ("%s %s" % (key, config)).encode()
        s3.put_object(Bucket=BUCKET, Key=key, Body=body, Metadata={"m": "1 2"})
        assert s3.get_object(Bucket=BUCKET, Key=key, ResponseContentType="a/b")["ContentType"] == "a/b"
        assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == body

        url = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": key, "ResponseContentType": "x/y"}, ExpiresIn=60)
        assert fetch(url) == (200, body), (config, key, url, fetch(url))
        assert fetch(url.replace("x%2Fy", "x%2Fz"))[0] == 403

        url = s3.generate_presigned_url("put_object", Params={"Bucket": BUCKET, "Key": key}, ExpiresIn=60)
        status, answer = fetch(url, "PUT", b"presigned", {"Content-Type": ""} if config["signature_version"] == "s3" else {})
        assert status == 200, (config, key, status, answer)
        assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == b"presigned"
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix="", Delimiter="\u00df")
    assert listed["KeyCount"] == len(KEYS), listed
    s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": k} for k in KEYS]})

expired = client(signature_version="s3v4").generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "x"}, ExpiresIn=1)
expired = expired.replace("X-Amz-Expires=1&", "X-Amz-Expires=-1&")
assert fetch(expired)[0] in (400, 403), fetch(expired)
assert fetch(client().meta.endpoint_url + "/" + BUCKET)[0] == 403
client().delete_bucket(Bucket=BUCKET)
