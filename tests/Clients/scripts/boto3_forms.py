"""A browser's upload: boto3 signs the form, curl sends it as a browser would."""
import os
import subprocess
import tempfile

from s3 import BUCKET, client, of, session

s3 = client()
s3.create_bucket(Bucket=BUCKET)
directory = tempfile.mkdtemp()
path = os.path.join(directory, "bild \u00fc.png")
body = os.urandom(300_000)
with open(path, "wb") as file:
    file.write(body)


def send(form, **changes):
    """The status, headers and body of what the server answers."""
    fields = {**form["fields"], **changes}
    arguments = [argument for name, value in fields.items() if value is not None for argument in ("--form-string", f"{name}={value}")]
    answer = subprocess.run(
        ["curl", "-sS", "-D", "-", "-w", "\n%{http_code}", *arguments, "-F", f"file=@{path};type=image/png", form["url"]],
        check=True, capture_output=True).stdout.decode()
    head, rest = answer.replace("HTTP/1.1 100 Continue\r\n\r\n", "").split("\r\n\r\n", 1)
    return int(rest[rest.rindex("\n") + 1:]), head.lower(), rest[:rest.rindex("\n")]


def read(key):
    got = s3.get_object(Bucket=BUCKET, Key=key)
    return got["Body"].read(), got


for signer in (s3, client(signature_version="s3"), of("s3", *session(of("sts").get_session_token()["Credentials"]))):
    form = signer.generate_presigned_post(
        BUCKET, "up/${filename}",
        Fields={"Content-Type": "image/png", "x-amz-meta-colour": "blue", "success_action_status": "201", "acl": "private"},
        Conditions=[{"Content-Type": "image/png"}, {"x-amz-meta-colour": "blue"}, {"success_action_status": "201"}, {"acl": "private"},
                    ["content-length-range", 1, 400_000]])
    status, head, answer = send(form)
    assert status == 201 and "<Key>up/bild \u00fc.png</Key>" in answer, (status, answer)
    data, got = read("up/bild \u00fc.png")
    assert data == body and got["ContentType"] == "image/png" and got["Metadata"] == {"colour": "blue"}, got

    # What the policy does not allow, and what was tampered with.
    for changes, code in (
            ({"x-amz-meta-colour": "red"}, "AccessDenied"), ({"key": "elsewhere"}, "AccessDenied"), ({"x-amz-meta-more": "x"}, "AccessDenied"),
            ({"policy": form["fields"]["policy"][:-8] + "AAAAAAA="}, None)):
        status, _, answer = send(form, **changes)
        assert status in (400, 403) and (code is None or f"<Code>{code}</Code>" in answer), (changes, status, answer)

small = s3.generate_presigned_post(BUCKET, "small", Conditions=[["content-length-range", 1, 1000]])
status, _, answer = send(small)
assert status == 400 and "<Code>EntityTooLarge</Code>" in answer, (status, answer)
late = s3.generate_presigned_post(BUCKET, "late", ExpiresIn=-1)
status, _, answer = send(late)
assert status == 403 and "expired" in answer.lower(), (status, answer)

# Back to the page it came from.
there = "http://app.example/done?a=b"
form = s3.generate_presigned_post(BUCKET, "page", Fields={"success_action_redirect": there}, Conditions=[["starts-with", "$success_action_redirect", "http://app.example/"]])
status, head, _ = send(form)
assert status == 303 and f"location: {there}&bucket={BUCKET}&key=page&etag=" in head, (status, head)
assert read("page")[0] == body

# Nobody's form: into a bucket that everybody may write to, and nowhere else.
url = form["url"]
status, _, answer = send({"url": url, "fields": {"key": "nobody"}})
assert status == 403 and "<Code>AccessDenied</Code>" in answer, (status, answer)
s3.put_bucket_acl(Bucket=BUCKET, ACL="public-read-write")
assert send({"url": url, "fields": {"key": "nobody"}})[0] == 204
assert sorted(o["Key"] for o in s3.list_objects_v2(Bucket=BUCKET)["Contents"]) == ["nobody", "page", "up/bild \u00fc.png"]

os.remove(path)
os.rmdir(directory)
s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": key} for key in ("nobody", "page", "up/bild \u00fc.png")]})
s3.delete_bucket(Bucket=BUCKET)
