"""What the scripts share: clients of the server that the environment names, and assertions."""
import hashlib
import os

import boto3
from botocore.client import Config
from botocore.exceptions import ClientError

BUCKET = os.environ["BUCKET"]
KEYS = ["plain", "with blank", "plus+percent%20", "uml\u00e4ut/\u00df", "emoji-\U0001F389", "a//b", "trailing/", "./dots/../x", "&<>\"'"]
if os.environ.get("DOTS") == "lost":  # on the way, as segments of a path
    KEYS.remove("./dots/../x")


def of(service, key=None, token=None, **config):
    """A client of that service; with the key (id, secret) of somebody else than the root account."""
    config.setdefault("retries", {"max_attempts": 0})
    names = {} if key is None else {"aws_access_key_id": key[0], "aws_secret_access_key": key[1], "aws_session_token": token}
    if service == "s3":
        config.setdefault("s3", {"addressing_style": "path"})
    return boto3.client(service, endpoint_url=os.environ["ENDPOINT"], config=Config(**config), **names)


def client(**config):
    return of("s3", **config)


def session(credentials):
    return (credentials["AccessKeyId"], credentials["SecretAccessKey"]), credentials["SessionToken"]


def policy(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def md5(data):
    return hashlib.md5(data).hexdigest()


def refused(code, status, call, *args, **kwargs):
    """Asserts that the call is refused with that code and status."""
    try:
        call(*args, **kwargs)
    except ClientError as e:
        got = (e.response["Error"]["Code"], e.response["ResponseMetadata"]["HTTPStatusCode"])
        assert got == (code, status), got
        return e.response
    raise AssertionError("not refused: " + code)
