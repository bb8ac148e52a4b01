// Writing in blocks, in streams and from files, append blobs, and from other addresses.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createReadStream, openSync, writeSync, closeSync, mkdtempSync, rmSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { check, randomBytes, read, refused, text } from "./checks.mjs";

const id = (n) => Buffer.from(String(n).padStart(6, "0")).toString("base64");
const sha = (data) => createHash("sha256").update(data).digest("hex");
const hour = () => new Date(Date.now() + 3_600_000);

await check("blocks are staged, listed and committed in any order", async (container) => {
  const blob = container.getBlockBlobClient("b");
  await blob.stageBlock(id(1), "one,", 4);
  await blob.stageBlock(id(2), "two,", 4);
  await blob.stageBlock(id(3), "never", 5);
  let list = await blob.getBlockList("all");
  assert.deepEqual(list.uncommittedBlocks.map((b) => [b.name, b.size]), [[id(1), 4], [id(2), 4], [id(3), 5]]);
  assert.deepEqual(list.committedBlocks ?? [], []);
  assert.equal(await blob.exists(), false);
  await blob.commitBlockList([id(2), id(1), id(2)], { metadata: { a: "1" }, blobHTTPHeaders: { blobContentType: "x/y" }, tags: { t: "1" } });
  assert.equal(await text(blob), "two,one,two,");
  list = await blob.getBlockList("all");
  assert.deepEqual(list.committedBlocks.map((b) => [b.name, b.size]), [[id(2), 4], [id(1), 4], [id(2), 4]]);
  assert.deepEqual(list.uncommittedBlocks ?? [], []);
  const got = await blob.getProperties();
  assert.deepEqual([got.metadata, got.contentType, got.tagCount, got.contentLength], [{ a: "1" }, "x/y", 1, 12]);
});

await check("committed and new blocks make the next blob", async (container) => {
  const blob = container.getBlockBlobClient("b");
  for (const n of [1, 2, 3]) await blob.stageBlock(id(n), `${n}`, 1);
  await blob.commitBlockList([1, 2, 3].map(id));
  await blob.stageBlock(id(2), "new", 3);
  await blob.commitBlockList([id(3), id(2)]);
  assert.equal(await text(blob), "3new");
});

await check("block lists that cannot be are refused", async (container) => {
  const blob = container.getBlockBlobClient("b");
  await blob.stageBlock(id(1), "x", 1);
  await refused(blob.commitBlockList([id(1), id(9)]), "InvalidBlockList", 400);
  await refused(blob.commitBlockList([id(1)], { conditions: { ifMatch: '"0x1"' } }), "ConditionNotMet", 412);
  await blob.commitBlockList([id(1)], { conditions: { ifNoneMatch: "*" } });
  await blob.stageBlock(id(1), "y", 1);
  await refused(blob.commitBlockList([id(1)], { conditions: { ifNoneMatch: "*" } }), "BlobAlreadyExists", 409);
  assert.equal(await text(blob), "x");
});

await check("a condition on tags holds for a list of blocks", async (container) => {
  const blob = container.getBlockBlobClient("b");
  await blob.stageBlock(id(1), "x", 1);
  await blob.commitBlockList([id(1)], { tags: { stage: "one" } });
  await blob.stageBlock(id(1), "y", 1);
  await refused(blob.commitBlockList([id(1)], { conditions: { tagConditions: `stage<>'one'` } }), "ConditionNotMet", 412);
  assert.equal(await text(blob), "x");
  await blob.commitBlockList([id(1)], { conditions: { tagConditions: `stage='one'` } });
  assert.equal(await text(blob), "y");
});

await check("block ids of one blob have one length", async (container) => {
  const blob = container.getBlockBlobClient("b");
  await blob.stageBlock(id(1), "x", 1);
  await refused(blob.stageBlock("MQ==", "x", 1), "InvalidBlobOrBlock", 400);
});

await check("an empty list of blocks makes an empty blob", async (container) => {
  const blob = container.getBlockBlobClient("b");
  await blob.commitBlockList([]);
  assert.equal((await blob.getProperties()).contentLength, 0);
});

await check("a stream of unknown length is written in parallel blocks", async (container) => {
  const data = randomBytes(9 * 1024 * 1024 + 7);
  const blob = container.getBlockBlobClient("b");
  let told = 0;
  await blob.uploadStream(Readable.from([data.subarray(0, 5e6), data.subarray(5e6)]), 1024 * 1024, 4, { onProgress: (p) => { told = p.loadedBytes; }, metadata: { a: "1" } });
  assert.equal(told, data.length);
  assert.equal(sha(await read(blob)), sha(data));
  assert.equal((await blob.getBlockList("committed")).committedBlocks.length, 10);
  assert.deepEqual(await read(blob, 1024 * 1024 - 5, 10), data.subarray(1024 * 1024 - 5, 1024 * 1024 + 5));
});

await check("a file of 70 MB is written in blocks and read in parallel", async (container) => {
  const folder = mkdtempSync(join(tmpdir(), "blob-"));
  try {
    const [from, to] = [join(folder, "from"), join(folder, "to")];
    const piece = randomBytes(1_000_000);
    const file = openSync(from, "w");
    for (let i = 0; i < 70; i++) writeSync(file, piece.fill(i, 0, 100));
    closeSync(file);
    const blob = container.getBlockBlobClient("b");
    await blob.uploadFile(from, { blockSize: 8 * 1024 * 1024, concurrency: 4, maxSingleShotSize: 1024 * 1024, blobHTTPHeaders: { blobContentType: "x/y" } });
    assert.equal((await blob.getProperties()).contentLength, 70_000_000);
    const whole = sha(readFileSync(from));
    assert.equal(sha(await blob.downloadToBuffer(0, undefined, { blockSize: 4 * 1024 * 1024, concurrency: 4 })), whole);
    await blob.downloadToFile(to);
    assert.equal(sha(readFileSync(to)), whole);
    await container.getBlockBlobClient("streamed").uploadStream(createReadStream(to), 16 * 1024 * 1024, 2);
    assert.equal(sha(await read(container.getBlockBlobClient("streamed"))), whole);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

await check("large data goes in one request", async (container) => {
  const data = randomBytes(20_000_000);
  const blob = container.getBlockBlobClient("b");
  await blob.uploadData(data, { maxSingleShotSize: 32 * 1024 * 1024 });
  assert.equal(sha(await read(blob)), sha(data));
});

await check("an append blob grows, and says where", async (container) => {
  const blob = container.getAppendBlobClient("log");
  await blob.create({ metadata: { a: "1" }, blobHTTPHeaders: { blobContentType: "text/plain" } });
  assert.equal((await blob.createIfNotExists()).succeeded, false);
  const first = await blob.appendBlock("one\n", 4);
  assert.equal(first.blobAppendOffset, "0");
  const { createdOn } = await blob.getProperties();
  const second = await blob.appendBlock("two\n", 4, { conditions: { appendPosition: 4 } });
  assert.deepEqual([second.blobAppendOffset, second.blobCommittedBlockCount], ["4", 2]);
  await refused(blob.appendBlock("x", 1, { conditions: { appendPosition: 4 } }), "AppendPositionConditionNotMet", 412);
  await refused(blob.appendBlock("x", 1, { conditions: { maxSize: 8 } }), "MaxBlobSizeConditionNotMet", 412);
  await refused(blob.appendBlock("x", 1, { conditions: { ifMatch: first.etag } }), "ConditionNotMet", 412);
  assert.equal(await text(blob), "one\ntwo\n");
  const got = await blob.getProperties();
  assert.deepEqual(got.createdOn, createdOn);
  assert.deepEqual([got.blobType, got.contentLength, got.blobCommittedBlockCount, got.metadata, got.contentType], ["AppendBlob", 8, 2, { a: "1" }, "text/plain"]);
  await refused(container.getBlockBlobClient("log").stageBlock(id(1), "x", 1), "InvalidBlobType", 409);
  const block = container.getBlockBlobClient("block");
  await block.upload("x", 1);
  await refused(container.getAppendBlobClient("block").appendBlock("x", 1), "InvalidBlobType", 409);
  await refused(container.getAppendBlobClient("none").appendBlock("x", 1), "BlobNotFound", 404);
});

await check("a sealed append blob grows no more", async (container) => {
  const blob = container.getAppendBlobClient("log");
  await blob.create();
  await blob.appendBlock("one", 3);
  await blob.seal();
  assert.equal((await blob.getProperties()).isSealed, true);
  await refused(blob.appendBlock("x", 1), "BlobIsSealed", 409);
  assert.equal(await text(blob), "one");
});

await check("a blob is written from an address", async (container) => {
  const from = container.getBlockBlobClient("from");
  await from.upload("0123456789", 10, { blobHTTPHeaders: { blobContentType: "x/y" } });
  const source = await from.generateSasUrl({ permissions: "r", expiresOn: hour() });
  const to = container.getBlockBlobClient("to");
  await to.syncUploadFromURL(source);
  assert.equal(await text(to), "0123456789");
  assert.equal((await to.getProperties()).contentType, "x/y");
}, "has no Put Blob From URL");

await check("blocks are staged from an address", async (container) => {
  const from = container.getBlockBlobClient("from");
  await from.upload("0123456789", 10);
  const source = await from.generateSasUrl({ permissions: "r", expiresOn: hour() });
  const to = container.getBlockBlobClient("to");
  await to.stageBlockFromURL(id(1), source, 5, 3);
  await to.stageBlockFromURL(id(2), source);
  await to.commitBlockList([id(1), id(2)]);
  assert.equal(await text(to), "5670123456789");
});

await check("an append blob grows from an address", async (container) => {
  const from = container.getBlockBlobClient("from");
  await from.upload("0123456789", 10);
  const blob = container.getAppendBlobClient("log");
  await blob.create();
  await blob.appendBlockFromURL(await from.generateSasUrl({ permissions: "r", expiresOn: hour() }), 2, 4);
  assert.equal(await text(blob), "2345");
}, "has no Append Block From URL");
