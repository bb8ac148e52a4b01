"""Zenko's parameter search on the three listings, added to the requests before they are signed; page by page."""
from urllib.parse import quote

from s3 import BUCKET, client, refused

s3 = client()
s3.create_bucket(Bucket=BUCKET)
s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
for i in range(12):
    s3.put_object(Bucket=BUCKET, Key=f"k{i:02}", Body=b"x" * i, Metadata={"color": "blue" if i % 3 else "red"}, Tagging=f"number={i}")
s3.put_object(Bucket=BUCKET, Key="k00", Body=b"x", Metadata={"color": "blue"})
s3.delete_object(Bucket=BUCKET, Key="k03")

expression = None


def search(request, **_):
    if expression is not None:
        request.url += ("&" if "?" in request.url else "?") + "search=" + quote(expression, safe="")


for operation in ("ListObjects", "ListObjectsV2", "ListObjectVersions"):
    s3.meta.events.register(f"before-sign.s3.{operation}", search)


def found(operation, what, entries="Contents", size=2):
    global expression
    expression = what
    try:
        pages = s3.get_paginator(operation).paginate(Bucket=BUCKET, PaginationConfig={"PageSize": size})
        return [entry["Key"] for page in pages for entry in page.get(entries, [])]
    finally:
        expression = None


for operation in ("list_objects", "list_objects_v2"):
    assert found(operation, 'x-amz-meta-color = "red"') == ["k06", "k09"], operation
    assert found(operation, "content-length >= 9 AND tags.number LIKE '^1'") == ["k10", "k11"], operation
    assert found(operation, 'key LIKE "/K0[01]/i"') == ["k00", "k01"], operation
    assert found(operation, "key = none") == [], operation
assert found("list_object_versions", "x-amz-meta-color = red", "Versions") == ["k00", "k03", "k06", "k09"]
assert found("list_object_versions", "isDeleteMarker = true", "DeleteMarkers") == ["k03"]
assert len(found("list_objects_v2", "x-amz-meta-color != green", size=1000)) == 11
refused("InvalidArgument", 400, lambda: found("list_objects_v2", "color = red"))
refused("InvalidArgument", 400, lambda: found("list_objects", "key LIKE '('"))
