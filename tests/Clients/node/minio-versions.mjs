// Versions, retention, holds and settings of buckets by minio-js.
import assert from "node:assert/strict";
import * as Minio from "minio";

const bucket = process.env.BUCKET;
const at = new URL(process.env.ENDPOINT);
const client = new Minio.Client({
  endPoint: at.hostname, port: Number(at.port), useSSL: false, pathStyle: true,
  accessKey: process.env.AWS_ACCESS_KEY_ID, secretKey: process.env.AWS_SECRET_ACCESS_KEY,
});
const textOf = async (key, versionId) => Buffer.concat(await (await client.getObject(bucket, key, { versionId })).toArray()).toString();
const list = () => client.listObjects(bucket, "", true, { IncludeVersion: true }).toArray();

await client.makeBucket(bucket, "us-east-1", { ObjectLocking: true });
assert.equal((await client.getBucketVersioning(bucket)).Status, "Enabled");
assert.equal((await client.getObjectLockConfig(bucket)).objectLockEnabled, "Enabled");
const key = "dir/ü (1)";
const ids = [];
for (const text of ["one", "two"]) ids.push((await client.putObject(bucket, key, text)).versionId);
assert.notEqual(ids[0], ids[1]);
assert.equal(await textOf(key, ids[0]), "one");
assert.equal((await client.statObject(bucket, key, { versionId: ids[0] })).versionId, ids[0]);
await client.removeObject(bucket, key);
await assert.rejects(client.statObject(bucket, key), { code: "NotFound" });
const listed = await list();
assert.deepEqual(listed.filter((o) => !o.isDeleteMarker).map((o) => o.versionId), ids.toReversed());
const [marker] = listed.filter((o) => o.isDeleteMarker);
assert.equal(marker.name, key);
await client.removeObject(bucket, key, { versionId: marker.versionId });
assert.equal(await textOf(key), "two");

// Retention and holds keep versions; governance gives way to whoever says so.
const until = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+/, "");
await client.putObjectRetention(bucket, key, { mode: "GOVERNANCE", retainUntilDate: until, versionId: ids[0] });
const retention = await client.getObjectRetention(bucket, key, { versionId: ids[0] });
assert.deepEqual([retention.mode, new Date(retention.retainUntilDate).getTime()], ["GOVERNANCE", Date.parse(until)]);
await assert.rejects(client.removeObject(bucket, key, { versionId: ids[0] }), { code: "AccessDenied" });
await client.setObjectLegalHold(bucket, key, { status: "ON", versionId: ids[0] });
assert.deepEqual(await client.getObjectLegalHold(bucket, key, { versionId: ids[0] }), { Status: "ON" });
await assert.rejects(client.removeObject(bucket, key, { versionId: ids[0], governanceBypass: true }), { code: "AccessDenied" });
await client.setObjectLegalHold(bucket, key, { status: "OFF", versionId: ids[0] });
await client.removeObject(bucket, key, { versionId: ids[0], governanceBypass: true });
await client.setObjectLockConfig(bucket, { mode: "GOVERNANCE", unit: "Days", validity: 1 });
assert.deepEqual(await client.getObjectLockConfig(bucket), { objectLockEnabled: "Enabled", mode: "GOVERNANCE", unit: "Days", validity: 1 });
const { versionId } = await client.putObject(bucket, "by default", "x");
await assert.rejects(client.removeObject(bucket, "by default", { versionId }), { code: "AccessDenied" });
await client.removeObject(bucket, "by default", { versionId, governanceBypass: true });

// Settings that it writes and reads in its own way (tags of buckets it can set nowhere but on MinIO: it takes AWS's 204 for an error).
await client.setObjectTagging(bucket, key, { stage: "ü 1" });
assert.deepEqual(await client.getObjectTagging(bucket, key), [{ Key: "stage", Value: "ü 1" }]);
await client.setBucketLifecycle(bucket, { Rule: [{ ID: "old", Status: "Enabled", Filter: { Prefix: "tmp/" }, Expiration: { Days: 7 } }] });
assert.equal((await client.getBucketLifecycle(bucket)).Rule.ID, "old");
await client.setBucketEncryption(bucket, { Rule: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }] });
assert.equal((await client.getBucketEncryption(bucket)).ServerSideEncryptionConfiguration.Rule.ApplyServerSideEncryptionByDefault.SSEAlgorithm, "AES256");

const left = await list();
await client.removeObjects(bucket, left.map((o) => ({ name: o.name, versionId: o.versionId })));
assert.deepEqual(await list(), []);
await client.removeBucket(bucket);
