// @aws-sdk/client-s3 and lib-storage against the server that the environment names.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import {
  CompleteMultipartUploadCommand, CopyObjectCommand, CreateBucketCommand, DeleteBucketCommand, DeleteObjectsCommand,
  GetObjectCommand, HeadObjectCommand, ListBucketsCommand, ListObjectsV2Command, PutObjectCommand, S3Client,
  paginateListObjectsV2,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

const Bucket = process.env.BUCKET;
const s3 = new S3Client({ endpoint: process.env.ENDPOINT, region: "us-east-1", forcePathStyle: true, maxAttempts: 1 });
const bytesOf = async (Key, more = {}) => {
  const got = await s3.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return Buffer.from(await got.Body.transformToByteArray());
};
const md5 = (data) => `"${createHash("md5").update(data).digest("hex")}"`;

await s3.send(new CreateBucketCommand({ Bucket }));
assert((await s3.send(new ListBucketsCommand({}))).Buckets.some((b) => b.Name === Bucket));

// Buffers, under awkward keys.
const keys = ["plain", "with blank", "plus+percent%20", "umläut/ß", "emoji-🎉", "a//b", "(x)'!*~"];
for (const Key of keys) {
  const Body = Buffer.from(Key.repeat(50));
  const put = await s3.send(new PutObjectCommand({ Bucket, Key, Body, Metadata: { colour: "blue" }, ContentType: "x/y" }));
  assert.equal(put.ETag, md5(Body));
  assert.deepEqual(await bytesOf(Key), Body);
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key }));
  assert.deepEqual(head.Metadata, { colour: "blue" });
  assert.equal(head.ContentType, "x/y");
}
const listed = [];
for await (const page of paginateListObjectsV2({ client: s3, pageSize: 2 }, { Bucket })) listed.push(...page.Contents.map((o) => o.Key));
assert.deepEqual(listed, keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));

// A stream: chunked transfer of aws-chunked bytes with a trailing checksum.
for (const size of [0, 1, 70_000, 3_000_000]) {
  const data = randomBytes(size);
  const chunks = Array.from({ length: Math.ceil(size / 50_000) }, (_, i) => data.subarray(i * 50_000, (i + 1) * 50_000));
  await s3.send(new PutObjectCommand({ Bucket, Key: "stream", Body: Readable.from(chunks), ContentLength: size }));
  assert.deepEqual(await bytesOf("stream"), data);
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "stream", ChecksumMode: "ENABLED" }));
  assert(head.ChecksumCRC32, "the trailing checksum is stored");
  assert.equal(head.ContentEncoding, undefined);
}
for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"]) {
  try {
    await s3.send(new PutObjectCommand({ Bucket, Key: "sum", Body: "123456789", ChecksumAlgorithm }));
  } catch (e) {
    if (ChecksumAlgorithm === "CRC64NVME" && /CRT|crc64/i.test(e.message) && !e.$response) continue; // its optional package is absent
    throw e;
  }
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: "sum", ChecksumMode: "ENABLED" }));
  assert.equal(await got.Body.transformToString(), "123456789");
  assert(got[`Checksum${ChecksumAlgorithm}`], ChecksumAlgorithm);
}

// lib-storage: parts at once, of a stream of unknown length.
const big = randomBytes(17 * 1024 * 1024 + 5);
const upload = new Upload({
  client: s3, queueSize: 4, partSize: 5 * 1024 * 1024,
  params: { Bucket, Key: "big ü", Body: Readable.from([big.subarray(0, 1e7), big.subarray(1e7)]), Metadata: { a: "b" } },
});
const done = await upload.done();
assert.match(done.ETag, /-4"$/);
assert.deepEqual(await bytesOf("big ü"), big);
assert.deepEqual(await bytesOf("big ü", { Range: "bytes=5242870-5242890" }), big.subarray(5242870, 5242891));

const copy = await s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/${encodeURIComponent("big ü")}` }));
assert(copy.CopyObjectResult.ETag);
assert.deepEqual(await bytesOf("copy"), big);

// Presigned addresses.
const get = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: keys[3] }), { expiresIn: 60 });
assert.equal(await (await fetch(get)).text(), keys[3].repeat(50));
const put = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: "signed" }), { expiresIn: 60 });
assert.equal((await fetch(put, { method: "PUT", body: "by address" })).status, 200);
assert.equal((await bytesOf("signed")).toString(), "by address");

// Refusals.
await assert.rejects(s3.send(new GetObjectCommand({ Bucket, Key: "none" })), { name: "NoSuchKey" });
await assert.rejects(s3.send(new HeadObjectCommand({ Bucket, Key: "none" })), { name: "NotFound" });
await assert.rejects(s3.send(new PutObjectCommand({ Bucket, Key: "copy", Body: "x", IfNoneMatch: "*" })), { name: "PreconditionFailed" });
await assert.rejects(
  s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: "x", UploadId: "none", MultipartUpload: { Parts: [{ PartNumber: 1, ETag: '"0"' }] } })),
  { name: "NoSuchUpload" });

const left = await s3.send(new ListObjectsV2Command({ Bucket }));
await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: left.Contents.map((o) => ({ Key: o.Key })), Quiet: true } }));
await s3.send(new DeleteBucketCommand({ Bucket }));
