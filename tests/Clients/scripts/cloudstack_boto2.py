"""boto 2 as CloudStack's users have it: OrdinaryCallingFormat over plain HTTP, with the path of the S3 servlet and without; and its registration."""
import os
from io import BytesIO
from urllib.parse import urlsplit

from boto.connection import AWSQueryConnection
from boto.exception import S3CreateError, S3ResponseError
from boto.s3.connection import OrdinaryCallingFormat, S3Connection

KEY, SECRET = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
at, prefix = urlsplit(os.environ["ENDPOINT"]), os.environ["PREFIX"]


def connect(secret=SECRET, path="/"):
    return S3Connection(KEY, secret, is_secure=False, host=at.hostname, port=at.port, path=path, calling_format=OrdinaryCallingFormat())


def refused(status, code, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except (S3ResponseError, S3CreateError) as e:
        assert (e.status, e.error_code) == (status, code), (e.status, e.error_code, e.body)
        return
    raise AssertionError("not refused: " + code)


for number, path in enumerate(["/", prefix, prefix + "/"]):
    s3 = connect(path=path)
    name = "%s-%d" % (os.environ["BUCKET"], number)
    bucket = s3.create_bucket(name, location=os.environ["LOCATION"])
    assert bucket.get_location() == os.environ["LOCATION"]
    assert name in [b.name for b in s3.get_all_buckets()]

    key = bucket.new_key("a folder/uml\u00e4ut + 100%")
    key.set_metadata("colour", "blue")
    key.set_contents_from_string("hello", headers={"Content-Type": "text/x-mine"})
    read = bucket.get_key(key.name)
    assert (read.size, read.etag, read.content_type, read.get_metadata("colour")) == (5, '"5d41402abc4b2a76b9719d911017c592"', "text/x-mine", "blue")
    assert read.get_contents_as_string(encoding="utf-8") == "hello"
    assert read.get_contents_as_string(headers={"Range": "bytes=1-2"}) == b"el"
    bucket.copy_key("copy", name, key.name)
    assert [k.name for k in bucket.list()] == [key.name, "copy"]
    assert [p.name for p in bucket.list(delimiter="/")] == ["copy", "a folder/"]

    bucket.get_key("copy").set_acl("public-read")
    grants = bucket.get_key("copy").get_acl().acl.grants
    assert ("http://acs.amazonaws.com/groups/global/AllUsers", "READ") in [(g.uri, g.permission) for g in grants]

    parts = [os.urandom(5 << 20), b"the end"]
    upload = bucket.initiate_multipart_upload("large")
    for i, part in enumerate(parts):
        upload.upload_part_from_file(BytesIO(part), i + 1)
    assert [p.part_number for p in upload] == [1, 2]
    assert [u.key_name for u in bucket.list_multipart_uploads()] == ["large"]
    upload.complete_upload()
    assert bucket.get_key("large").get_contents_as_string() == b"".join(parts)

    # CloudStack answered these in plain text, with 404 for most.
    refused(404, "NoSuchKey", bucket.new_key("nothing").get_contents_as_string)
    refused(404, "NoSuchBucket", s3.get_bucket("nobody-has-this", validate=False).get_all_keys)
    refused(400, "InvalidBucketName", s3.create_bucket, "no_")
    refused(409, "BucketNotEmpty", bucket.delete)
    refused(404, "NoSuchCORSConfiguration", bucket.get_cors)
    refused(403, "SignatureDoesNotMatch", connect("wrong", path).get_all_buckets)

    bucket.configure_versioning(True)
    bucket.new_key("copy").set_contents_from_string("second")
    assert len([v for v in bucket.list_versions(prefix="copy")]) == 2
    deleted = bucket.delete_keys([(v.name, v.version_id) for v in bucket.list_versions()])
    assert len(deleted.deleted) == 4 and not deleted.errors, deleted.errors
    bucket.delete()

for path in ["/", prefix]:
    cloud = AWSQueryConnection(KEY, SECRET, is_secure=False, host=at.hostname, port=at.port, path=path)
    cloud.APIVersion = "2010-11-15"
    cloud._required_auth_capability = lambda: ["ec2"]
    cloud._auth_handler = __import__("boto.auth").auth.QuerySignatureV2AuthHandler(at.netloc, __import__("boto").config, cloud.provider)
    pem = open(os.environ["CERTIFICATE"]).read()

    def call(action, status=200, **params):
        answer = cloud.make_request(action, params, "/", "GET")
        body = answer.read().decode()
        assert answer.status == status, (action, answer.status, body)
        return body

    assert call("CloudS3Version").endswith("<CloudS3Version>1.04</CloudS3Version>")
    call("SetUserKeys", accesskey=KEY, secretkey="is not looked at")
    call("SetCertificate", cert=pem)
    call("DeleteCertificate")
    assert "<Code>NoSuchCertificate</Code>" in call("DeleteCertificate", 404)
    assert "<Code>InvalidCertificate</Code>" in call("SetCertificate", 400, cert="nothing")
