"""What the scripts share: clients of the server that the environment names, and assertions."""
import hashlib
import os

import boto3
from botocore.client import Config
from botocore.exceptions import ClientError

BUCKET = os.environ["BUCKET"]
KEYS = ["plain", "with blank", "plus+percent%20", "uml\u00e4ut/\u00df", "emoji-\U0001F389", "a//b", "trailing/", "./dots/../x", "&<>\"'"]


def client(**config):
    config.setdefault("s3", {"addressing_style": "path"})
    config.setdefault("retries", {"max_attempts": 0})
    return boto3.client("s3", endpoint_url=os.environ["ENDPOINT"], config=Config(**config))


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
