// minio-js against the server that the environment names.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import * as Minio from "minio";

const bucket = process.env.BUCKET;
const at = new URL(process.env.ENDPOINT);
const client = new Minio.Client({
  endPoint: at.hostname, port: Number(at.port), useSSL: false, pathStyle: true,
  accessKey: process.env.AWS_ACCESS_KEY_ID, secretKey: process.env.AWS_SECRET_ACCESS_KEY,
});
const bytesOf = async (stream) => Buffer.concat(await stream.toArray());
const list = async (...more) => (await client.listObjectsV2(bucket, ...more).toArray());

assert.equal(await client.bucketExists(bucket), false);
await client.makeBucket(bucket, "us-east-1");
assert.equal(await client.bucketExists(bucket), true);
assert((await client.listBuckets()).some((b) => b.name === bucket));

const keys = ["plain", "with blank", "plus+percent%20", "umläut/ß", "emoji-🎉", "dir/(x)'!*~"];
for (const key of keys) {
  await client.putObject(bucket, key, Buffer.from(key), undefined, { "Content-Type": "x/y", "X-Amz-Meta-Colour": "blue" });
  assert.equal((await bytesOf(await client.getObject(bucket, key))).toString(), key);
  const stat = await client.statObject(bucket, key);
  assert.equal(stat.size, Buffer.byteLength(key));
  assert.equal(stat.metaData.colour, "blue");
}
assert.deepEqual((await list("", true)).map((o) => o.name).toSorted(), keys.toSorted());
assert.deepEqual((await list("", false)).filter((o) => o.prefix).map((o) => o.prefix), ["dir/", "umläut/"]);

// Streams of unknown length go up by parts.
for (const size of [100, 70_000_000]) {
  const data = randomBytes(size);
  await client.putObject(bucket, "stream", Readable.from([data]));
  assert(data.equals(await bytesOf(await client.getObject(bucket, "stream"))), `stream of ${size}`);
}
const part = await bytesOf(await client.getPartialObject(bucket, "plain", 1, 3));
assert.equal(part.toString(), "lai");

await client.copyObject(bucket, "copied", `/${bucket}/umläut/ß`);
assert.equal((await bytesOf(await client.getObject(bucket, "copied"))).toString(), "umläut/ß");

const get = await client.presignedGetObject(bucket, "with blank", 60);
assert.equal(await (await fetch(get)).text(), "with blank");
const put = await client.presignedPutObject(bucket, "signed", 60);
assert.equal((await fetch(put, { method: "PUT", body: "by address" })).status, 200);

await assert.rejects(client.statObject(bucket, "none"), { code: "NotFound" });
await assert.rejects(client.removeBucket(bucket), { code: "BucketNotEmpty" });
await client.removeObjects(bucket, (await list("", true)).map((o) => o.name));
assert.deepEqual(await list("", true), []);
await client.removeBucket(bucket);
