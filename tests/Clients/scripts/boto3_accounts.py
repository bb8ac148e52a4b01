"""Two accounts: policies, ACLs and roles across them, and requesters who pay."""
import json
import os

from s3 import BUCKET, allow, client, of, policy, refused, session

OTHER = os.environ["OTHER_ACCESS_KEY_ID"], os.environ["OTHER_SECRET_ACCESS_KEY"]
NAME = BUCKET.replace("-", "")
mine, theirs = client(), of("s3", OTHER)
me = of("sts").get_caller_identity()["Account"]
they = of("sts", OTHER).get_caller_identity()["Account"]
assert me != they
IN = f"arn:aws:s3:::{BUCKET}/"
mine.create_bucket(Bucket=BUCKET)
mine.put_object(Bucket=BUCKET, Key="shared/a", Body=b"a", Tagging="team=blue")
mine.put_object(Bucket=BUCKET, Key="shared/b", Body=b"b")
refused("BucketAlreadyExists", 409, theirs.create_bucket, Bucket=BUCKET)
refused("AccessDenied", 403, theirs.get_object, Bucket=BUCKET, Key="shared/a")
refused("403", 403, theirs.head_bucket, Bucket=BUCKET)

# The bucket's policy lets the other account in, as far as it says.
root = {"Principal": {"AWS": f"arn:aws:iam::{they}:root"}}
document = policy(
    allow("s3:GetObject", IN + "shared/*", **root, Condition={"StringEquals": {"s3:ExistingObjectTag/team": "blue"}}),
    allow("s3:PutObject", IN + "inbox/*", **root, Condition={"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}),
    allow("s3:ListBucket", IN[:-1], **root, Condition={"StringLike": {"s3:prefix": "shared/*"}}),
    {**allow("s3:*", IN + "shared/secret*", Principal="*"), "Effect": "Deny"})
mine.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(document))
assert json.loads(mine.get_bucket_policy(Bucket=BUCKET)["Policy"]) == document
assert theirs.get_object(Bucket=BUCKET, Key="shared/a")["Body"].read() == b"a"
refused("AccessDenied", 403, theirs.get_object, Bucket=BUCKET, Key="shared/b")
refused("AccessDenied", 403, mine.put_object, Bucket=BUCKET, Key="shared/secret", Body=b"")
assert [o["Key"] for o in theirs.list_objects_v2(Bucket=BUCKET, Prefix="shared/")["Contents"]] == ["shared/a", "shared/b"]
refused("AccessDenied", 403, theirs.list_objects_v2, Bucket=BUCKET)
refused("AccessDenied", 403, theirs.put_object, Bucket=BUCKET, Key="inbox/1", Body=b"1")
theirs.put_object(Bucket=BUCKET, Key="inbox/1", Body=b"1", ACL="bucket-owner-full-control")
assert mine.get_object(Bucket=BUCKET, Key="inbox/1")["Body"].read() == b"1"
refused("AccessDenied", 403, theirs.delete_object, Bucket=BUCKET, Key="inbox/1")
refused("AccessDenied", 403, theirs.get_bucket_policy, Bucket=BUCKET)

# A user of the other account needs both: the bucket's policy, and one of its own.
iam = of("iam", OTHER)
iam.create_user(UserName=NAME)
made = iam.create_access_key(UserName=NAME)["AccessKey"]
key = made["AccessKeyId"], made["SecretAccessKey"]
user = of("s3", key)
refused("AccessDenied", 403, user.get_object, Bucket=BUCKET, Key="shared/a")
iam.put_user_policy(UserName=NAME, PolicyName="all", PolicyDocument=json.dumps(policy(allow("s3:*"))))
assert user.get_object(Bucket=BUCKET, Key="shared/a")["Body"].read() == b"a"
refused("AccessDenied", 403, user.get_object, Bucket=BUCKET, Key="shared/b")
refused("AccessDenied", 403, user.delete_object, Bucket=BUCKET, Key="shared/a")

# A role of this account that the other one's user may take on; its session has the role's rights, not the user's.
trust = policy({"Effect": "Allow", "Principal": {"AWS": they}, "Action": "sts:AssumeRole"})
role = of("iam").create_role(RoleName=NAME, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
of("iam").put_role_policy(RoleName=NAME, PolicyName="read", PolicyDocument=json.dumps(policy(allow(["s3:GetObject", "s3:PutObject"], IN + "*"))))
refused("AccessDenied", 403, of("sts", key).assume_role, RoleArn=role, RoleSessionName="visit")
iam.put_user_policy(UserName=NAME, PolicyName="assume", PolicyDocument=json.dumps(policy(allow("sts:AssumeRole", role))))
visit = of("s3", *session(of("sts", key).assume_role(RoleArn=role, RoleSessionName="visit")["Credentials"]))
assert visit.get_object(Bucket=BUCKET, Key="shared/b")["Body"].read() == b"b"
visit.put_object(Bucket=BUCKET, Key="from-role", Body=b"r")
assert mine.get_object_acl(Bucket=BUCKET, Key="from-role")["Owner"] == mine.get_bucket_acl(Bucket=BUCKET)["Owner"]
refused("AccessDenied", 403, visit.delete_object, Bucket=BUCKET, Key="from-role")
refused("AccessDenied", 403, visit.get_object, Bucket=BUCKET, Key="shared/secret")
# The bucket's policy can name the session's role, to keep it out.
keep_out = {**allow("s3:GetObject", IN + "shared/b", Principal={"AWS": role}), "Effect": "Deny"}
mine.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy(*document["Statement"], keep_out)))
refused("AccessDenied", 403, visit.get_object, Bucket=BUCKET, Key="shared/b")

# Requesters pay, and say so; nobody cannot pay.
everybody = policy(allow(["s3:GetObject", "s3:ListBucket"], [IN + "*", IN[:-1]], Principal="*"))
mine.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(everybody))
theirs.list_objects_v2(Bucket=BUCKET)
mine.put_bucket_request_payment(Bucket=BUCKET, RequestPaymentConfiguration={"Payer": "Requester"})
assert mine.get_bucket_request_payment(Bucket=BUCKET)["Payer"] == "Requester"
refused("AccessDenied", 403, theirs.get_object, Bucket=BUCKET, Key="shared/b")
refused("AccessDenied", 403, theirs.list_objects_v2, Bucket=BUCKET)
got = theirs.get_object(Bucket=BUCKET, Key="shared/b", RequestPayer="requester")
assert (got["Body"].read(), got["RequestCharged"]) == (b"b", "requester")
theirs.list_objects_v2(Bucket=BUCKET, RequestPayer="requester")
assert "RequestCharged" not in mine.get_object(Bucket=BUCKET, Key="shared/b")
mine.put_bucket_request_payment(Bucket=BUCKET, RequestPaymentConfiguration={"Payer": "BucketOwner"})
mine.delete_bucket_policy(Bucket=BUCKET)

# Grants of ACLs, by canonical id and by e-mail address.
their_id = theirs.list_buckets()["Owner"]["ID"]
mine.put_object_acl(Bucket=BUCKET, Key="shared/b", GrantRead=f'id="{their_id}"')
assert theirs.get_object(Bucket=BUCKET, Key="shared/b")["Body"].read() == b"b"
refused("AccessDenied", 403, theirs.get_object_acl, Bucket=BUCKET, Key="shared/b")
mine.put_object_acl(Bucket=BUCKET, Key="shared/b", ACL="private")
refused("AccessDenied", 403, theirs.get_object, Bucket=BUCKET, Key="shared/b")
mine.put_bucket_acl(Bucket=BUCKET, GrantWrite='emailAddress="alt@example.com"', GrantFullControl=f'id="{mine.list_buckets()["Owner"]["ID"]}"')
theirs.put_object(Bucket=BUCKET, Key="theirs", Body=b"t")
assert mine.get_object_attributes(Bucket=BUCKET, Key="shared/b", ObjectAttributes=["ObjectSize"])["ObjectSize"] == 1

of("iam").delete_role_policy(RoleName=NAME, PolicyName="read")
of("iam").delete_role(RoleName=NAME)
for name in ("all", "assume"):
    iam.delete_user_policy(UserName=NAME, PolicyName=name)
iam.delete_access_key(UserName=NAME, AccessKeyId=key[0])
iam.delete_user(UserName=NAME)
for entry in mine.list_objects_v2(Bucket=BUCKET)["Contents"]:
    mine.delete_object(Bucket=BUCKET, Key=entry["Key"])
mine.delete_bucket(Bucket=BUCKET)
