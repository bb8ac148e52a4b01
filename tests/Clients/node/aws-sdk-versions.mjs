// Versions, and a browser's rules of origin, by @aws-sdk/client-s3 and fetch.
import assert from "node:assert/strict";
import {
  CopyObjectCommand, CreateBucketCommand, DeleteBucketCommand, DeleteObjectCommand, DeleteObjectsCommand, GetObjectAttributesCommand,
  GetObjectCommand, GetObjectTaggingCommand, ListObjectVersionsCommand, PutBucketCorsCommand, PutBucketVersioningCommand, PutObjectCommand,
  PutObjectTaggingCommand, S3Client,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

const Bucket = process.env.BUCKET;
const s3 = new S3Client({ endpoint: process.env.ENDPOINT, region: "us-east-1", forcePathStyle: true, maxAttempts: 1 });
const send = (Command, more = {}) => s3.send(new Command({ Bucket, ...more }));
const textOf = async (Key, VersionId) => (await send(GetObjectCommand, { Key, VersionId })).Body.transformToString();

await send(CreateBucketCommand);
await send(PutBucketVersioningCommand, { VersioningConfiguration: { Status: "Enabled" } });
const Key = "umläut/ß (1)'!*~";
const ids = [];
for (const Body of ["one", "two"]) ids.push((await send(PutObjectCommand, { Key, Body })).VersionId);
const large = Buffer.alloc(5 * 1024 * 1024 + 1, "three");
ids.push((await new Upload({ client: s3, params: { Bucket, Key, Body: large } }).done()).VersionId);
assert.equal(new Set(ids).size, 3);
assert.equal(await textOf(Key, ids[0]), "one");
assert.equal((await textOf(Key)).length, large.length);
const attributes = await send(GetObjectAttributesCommand, { Key, VersionId: ids[2], ObjectAttributes: ["ObjectSize", "ObjectParts"] });
assert.deepEqual([attributes.ObjectSize, attributes.ObjectParts.TotalPartsCount], [large.length, 2]);

// A deletion hides; to delete what hides brings the object back.
const marker = await send(DeleteObjectCommand, { Key });
assert.equal(marker.DeleteMarker, true);
await assert.rejects(send(GetObjectCommand, { Key }), { name: "NoSuchKey" });
await assert.rejects(send(GetObjectCommand, { Key, VersionId: marker.VersionId }), { name: "MethodNotAllowed" });
const listed = await send(ListObjectVersionsCommand, { Prefix: "umläut/" });
assert.deepEqual(listed.Versions.map((v) => v.VersionId), ids.toReversed());
assert.deepEqual(listed.DeleteMarkers.map((m) => [m.VersionId, m.IsLatest]), [[marker.VersionId, true]]);
await send(DeleteObjectCommand, { Key, VersionId: marker.VersionId });
await send(CopyObjectCommand, { Key, CopySource: `${Bucket}/${encodeURIComponent(Key)}?versionId=${ids[1]}` });
assert.equal(await textOf(Key), "two");
await send(PutObjectTaggingCommand, { Key, VersionId: ids[0], Tagging: { TagSet: [{ Key: "stage", Value: "ü+1" }] } });
assert.deepEqual((await send(GetObjectTaggingCommand, { Key, VersionId: ids[0] })).TagSet, [{ Key: "stage", Value: "ü+1" }]);

// A page of app.example asks as its browser would: first whether it may, then with its origin.
const origin = "https://app.example";
await send(PutBucketCorsCommand, {
  CORSConfiguration: { CORSRules: [{ AllowedOrigins: ["https://*.example"], AllowedMethods: ["GET", "PUT"], AllowedHeaders: ["content-type", "x-amz-*"], ExposeHeaders: ["ETag", "x-amz-version-id"], MaxAgeSeconds: 60 }] },
});
const put = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: "from a page" }), { expiresIn: 60 });
const preflight = (from, method, headers) => fetch(put, { method: "OPTIONS", headers: { origin: from, "access-control-request-method": method, "access-control-request-headers": headers } });
const may = await preflight(origin, "PUT", "content-type,x-amz-meta-a");
assert.equal(may.status, 200);
assert.equal(may.headers.get("access-control-allow-origin"), origin);
assert.match(may.headers.get("access-control-allow-methods"), /PUT/);
assert.equal(may.headers.get("access-control-allow-headers").toLowerCase(), "content-type, x-amz-meta-a");
assert.equal(may.headers.get("access-control-max-age"), "60");
for (const refused of [["https://evil.test", "PUT", "content-type"], [origin, "DELETE", ""], [origin, "PUT", "x-other"]]) assert.equal((await preflight(...refused)).status, 403, refused);
const written = await fetch(put, { method: "PUT", body: "written by a page", headers: { origin, "content-type": "text/plain" } });
assert.equal(written.status, 200);
assert.equal(written.headers.get("access-control-allow-origin"), origin);
assert.match(written.headers.get("access-control-expose-headers"), /etag/i);
const get = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: "from a page" }), { expiresIn: 60 });
for (const [from, allowed] of [[origin, origin], ["https://evil.test", null]]) {
  const read = await fetch(get, { headers: { origin: from } });
  assert.equal(await read.text(), "written by a page");
  assert.equal(read.headers.get("access-control-allow-origin"), allowed);
}

const left = await send(ListObjectVersionsCommand);
await send(DeleteObjectsCommand, { Delete: { Objects: left.Versions.map((v) => ({ Key: v.Key, VersionId: v.VersionId })) } });
await send(DeleteBucketCommand);
