import json

from s3 import BUCKET, allow, client, of, policy, refused, session

NAME = BUCKET.replace("-", "")
root, iam, sts = client(), of("iam"), of("sts")
account = sts.get_caller_identity()["Account"]
assert sts.get_caller_identity()["Arn"] == f"arn:aws:iam::{account}:root"
root.create_bucket(Bucket=BUCKET)

# A user without policies may do nothing.
user = iam.create_user(UserName=NAME, Path="/team/")["User"]
assert user["Arn"] == f"arn:aws:iam::{account}:user/team/{NAME}", user
assert iam.get_user(UserName=NAME.upper())["User"] == user
assert [u["UserName"] for u in iam.list_users(PathPrefix="/team/")["Users"] if u["UserName"] == NAME] == [NAME]
refused("EntityAlreadyExists", 409, iam.create_user, UserName=NAME)
refused("NoSuchEntity", 404, iam.get_user, UserName=NAME + "x")
made = iam.create_access_key(UserName=NAME)["AccessKey"]
key = made["AccessKeyId"], made["SecretAccessKey"]
mine = of("s3", key)
assert of("sts", key).get_caller_identity()["Arn"] == user["Arn"]
refused("AccessDenied", 403, mine.put_object, Bucket=BUCKET, Key="k", Body=b"1")
refused("AccessDenied", 403, mine.list_buckets)
refused("AccessDenied", 403, of("iam", key).list_users)

# With one it may do that, and no more.
document = policy(allow(["s3:PutObject", "s3:GetObject"], f"arn:aws:s3:::{BUCKET}/own/*"), allow("iam:GetUser", user["Arn"]))
iam.put_user_policy(UserName=NAME, PolicyName="own", PolicyDocument=json.dumps(document))
assert iam.get_user_policy(UserName=NAME, PolicyName="own")["PolicyDocument"] == document
assert iam.list_user_policies(UserName=NAME)["PolicyNames"] == ["own"]
assert iam.list_attached_user_policies(UserName=NAME)["AttachedPolicies"] == []
mine.put_object(Bucket=BUCKET, Key="own/k", Body=b"1")
refused("AccessDenied", 403, mine.put_object, Bucket=BUCKET, Key="k", Body=b"1")
assert of("iam", key).get_user()["User"]["UserName"] == NAME
refused("AccessDenied", 403, of("iam", key).get_user, UserName=NAME + "x")
refused("MalformedPolicyDocument", 400, iam.put_user_policy, UserName=NAME, PolicyName="p", PolicyDocument="{")
refused("ValidationError", 400, iam.put_user_policy, UserName=NAME, PolicyName="a b", PolicyDocument=json.dumps(document))
big = json.dumps(policy(*[allow("s3:GetObject", "arn:aws:s3:::" + "x" * 60) for _ in range(20)]))
refused("LimitExceeded", 409, iam.put_user_policy, UserName=NAME, PolicyName="p", PolicyDocument=big)

# Sessions of the user: as much as the user, but no IAM; they sign every form of request with their token.
credentials = of("sts", key).get_session_token(DurationSeconds=900)["Credentials"]
assert credentials["AccessKeyId"].startswith("ASIA")
key2, token = session(credentials)
for config in [{}, {"signature_version": "s3"}, {"request_checksum_calculation": "when_required"}]:
    temporary = of("s3", key2, token, **config)
    temporary.put_object(Bucket=BUCKET, Key="own/t", Body=b"x" * 100_000)
    assert temporary.get_object(Bucket=BUCKET, Key="own/t")["Body"].read() == b"x" * 100_000
    refused("AccessDenied", 403, temporary.get_object, Bucket=BUCKET, Key="k")
import urllib.request
for version in ["s3v4", "s3"]:
    url = of("s3", key2, token, signature_version=version).generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "own/k"})
    assert urllib.request.urlopen(url).read() == b"1"
refused("InvalidAccessKeyId", 403, of("s3", key2).list_buckets)
refused("InvalidToken", 400, of("s3", key2, token[:-4] + "AAAA").list_buckets)
refused("InvalidToken", 400, of("s3", key, token).list_buckets)
refused("InvalidClientTokenId", 403, of("iam", key2, token).get_user)
refused("AccessDenied", 403, of("sts", key2, token).get_session_token)

# A role that trusts the user.
trust = {"Effect": "Allow", "Principal": {"AWS": user["Arn"]}, "Action": "sts:AssumeRole",
         "Condition": {"StringEquals": {"sts:ExternalId": "one"}}}
role = iam.create_role(RoleName=NAME, AssumeRolePolicyDocument=json.dumps(policy(trust)), Description="d", MaxSessionDuration=7200)["Role"]
assert iam.get_role(RoleName=NAME)["Role"]["AssumeRolePolicyDocument"] == policy(trust)
assert NAME in [r["RoleName"] for r in iam.list_roles()["Roles"]]
iam.put_role_policy(RoleName=NAME, PolicyName="all", PolicyDocument=json.dumps(policy(allow("s3:*"))))
assert iam.get_role_policy(RoleName=NAME, PolicyName="all")["PolicyDocument"] == policy(allow("s3:*"))
assert iam.list_role_policies(RoleName=NAME)["PolicyNames"] == ["all"]
assume = dict(RoleArn=role["Arn"], RoleSessionName="tester", ExternalId="one")
refused("AccessDenied", 403, of("sts", key).assume_role, **{**assume, "ExternalId": "two"})
refused("AccessDenied", 403, of("sts", key).assume_role, **{**assume, "RoleArn": role["Arn"] + "x"})
refused("AccessDenied", 403, sts.assume_role, **assume)
refused("ValidationError", 400, of("sts", key).assume_role, **{**assume, "DurationSeconds": 7201})
answer = of("sts", key).assume_role(**assume)
assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{account}:assumed-role/{NAME}/tester"
assumed, assumed_token = session(answer["Credentials"])
assert of("sts", assumed, assumed_token).get_caller_identity()["Arn"] == answer["AssumedRoleUser"]["Arn"]
s3 = of("s3", assumed, assumed_token)
s3.put_object(Bucket=BUCKET, Key="k", Body=b"2")
assert s3.get_object(Bucket=BUCKET, Key="k")["Body"].read() == b"2"

# A session policy takes away, and never adds.
narrow = of("sts", key).assume_role(**assume, Policy=json.dumps(policy(allow("s3:GetObject"), allow("iam:*"))))["Credentials"]
reader = of("s3", *session(narrow))
assert reader.get_object(Bucket=BUCKET, Key="k")["Body"].read() == b"2"
refused("AccessDenied", 403, reader.put_object, Bucket=BUCKET, Key="k", Body=b"3")
refused("AccessDenied", 403, of("iam", *session(narrow)).list_users)

# What a session came from ends it.
iam.delete_role_policy(RoleName=NAME, PolicyName="all")
refused("AccessDenied", 403, s3.get_object, Bucket=BUCKET, Key="k")
iam.delete_role(RoleName=NAME)
refused("InvalidAccessKeyId", 403, s3.get_object, Bucket=BUCKET, Key="k")
iam.update_access_key(UserName=NAME, AccessKeyId=key[0], Status="Inactive")
assert iam.list_access_keys(UserName=NAME)["AccessKeyMetadata"][0]["Status"] == "Inactive"
refused("InvalidAccessKeyId", 403, mine.get_object, Bucket=BUCKET, Key="own/k")
refused("InvalidAccessKeyId", 403, of("s3", key2, token).get_object, Bucket=BUCKET, Key="own/k")

refused("DeleteConflict", 409, iam.delete_user, UserName=NAME)
iam.delete_access_key(UserName=NAME, AccessKeyId=key[0])
refused("NoSuchEntity", 404, iam.delete_access_key, UserName=NAME, AccessKeyId=key[0])
refused("DeleteConflict", 409, iam.delete_user, UserName=NAME)
iam.delete_user_policy(UserName=NAME, PolicyName="own")
refused("NoSuchEntity", 404, iam.delete_user_policy, UserName=NAME, PolicyName="own")
iam.delete_user(UserName=NAME)
refused("NoSuchEntity", 404, iam.get_user, UserName=NAME)
for name in ["own/k", "own/t", "k"]:
    root.delete_object(Bucket=BUCKET, Key=name)
root.delete_bucket(Bucket=BUCKET)
