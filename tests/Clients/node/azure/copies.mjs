// Copies that outlast their request, and page blobs with their snapshots.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { check, randomBytes, refused } from "./checks.mjs";

const MiB = 1024 * 1024;

/** A blob of 272 MiB, more than is copied within a request, and its hash. */
const large = async (blob) => {
  const hash = createHash("sha256");
  const ids = [];
  for (let i = 0; i < 17; i++) {
    const piece = randomBytes(16 * MiB);
    hash.update(piece);
    ids.push(Buffer.from(String(i).padStart(6, "0")).toString("base64"));
    await blob.stageBlock(ids[i], piece, piece.length);
  }
  await blob.commitBlockList(ids, { metadata: { a: "1" } });
  return hash.digest("hex");
};

const hashOf = async (blob) => {
  const hash = createHash("sha256");
  for await (const piece of (await blob.download()).readableStreamBody) hash.update(piece);
  return hash.digest("hex");
};

await check("the copy of a large blob is pending until it has come", async (container) => {
  const [from, to] = [container.getBlockBlobClient("from"), container.getBlockBlobClient("to")];
  const sum = await large(from);
  const seen = [];
  const poller = await to.beginCopyFromURL(from.url, { intervalInMs: 50, onProgress: (state) => seen.push(state.copyProgress) });
  const begun = await to.getProperties();
  assert.deepEqual([begun.copyStatus, begun.contentLength], ["pending", 0]);
  await refused(to.upload("x", 1), "PendingCopyOperation", 409);
  const done = await poller.pollUntilDone();
  assert.equal(done.copyStatus, "success");
  const got = await to.getProperties();
  assert.deepEqual([got.copyStatus, got.copyProgress, got.contentLength, got.metadata], ["success", `${272 * MiB}/${272 * MiB}`, 272 * MiB, { a: "1" }]);
  assert(seen.length > 0 && seen.every((told) => told === undefined || told.endsWith(`/${272 * MiB}`)));
  assert.equal(await hashOf(to), sum);
}, "copies within the request, whatever the size");

await check("the copy of a large blob is aborted, and leaves an empty blob", async (container) => {
  const [from, to] = [container.getBlockBlobClient("from"), container.getBlockBlobClient("to")];
  await large(from);
  const poller = await to.beginCopyFromURL(from.url, { intervalInMs: 50 });
  const { copyId } = poller.getOperationState();
  await to.abortCopyFromURL(copyId);
  const got = await to.getProperties();
  assert.deepEqual([got.copyStatus, got.contentLength, got.metadata], ["aborted", 0, { a: "1" }]);
  await refused(to.abortCopyFromURL(copyId), "NoPendingCopyOperation", 409);
  await to.upload("x", 1);
}, "copies within the request, whatever the size");

// The client takes the last byte for the first one behind it.
const spans = (list) => list.map(({ offset, count }) => [offset, count + 1]);

await check("a page blob and its snapshots tell their pages", async (container) => {
  const blob = container.getPageBlobClient("disk");
  await blob.create(8 * MiB);
  await blob.uploadPages(randomBytes(1024), 0, 1024);
  await blob.uploadPages(randomBytes(512), 5 * MiB, 512);
  const { snapshot } = await blob.createSnapshot();
  await blob.clearPages(0, 512);
  const before = (await blob.withSnapshot(snapshot).getPageRanges()).pageRange;
  assert.deepEqual(spans(before), [[0, 1024], [5 * MiB, 512]]);
  assert.deepEqual(spans((await blob.getPageRanges()).pageRange), [[512, 512], [5 * MiB, 512]]);
});

await check("pages that have changed since a snapshot are told", async (container) => {
  const blob = container.getPageBlobClient("disk");
  await blob.create(8 * MiB);
  await blob.uploadPages(randomBytes(1024), 0, 1024);
  const { snapshot } = await blob.createSnapshot();
  await blob.clearPages(0, 512);
  await blob.uploadPages(randomBytes(512), 4 * MiB, 512);
  const diff = await blob.getPageRangesDiff(0, 8 * MiB, snapshot);
  assert.deepEqual([spans(diff.pageRange), spans(diff.clearRange)], [[[4 * MiB, 512]], [[0, 512]]]);
}, "tells all pages that were written");

await check("the copy of a page blob is one", async (container) => {
  const [from, to] = [container.getPageBlobClient("from"), container.getPageBlobClient("to")];
  await from.create(8 * MiB, { blobSequenceNumber: 7 });
  const data = randomBytes(1024);
  await from.uploadPages(data, 4 * MiB - 512, 1024);
  await (await to.beginCopyFromURL(from.url, { intervalInMs: 50 })).pollUntilDone();
  assert.deepEqual(spans((await to.getPageRanges()).pageRange), [[4 * MiB - 512, 1024]]);
  assert.deepEqual(await to.downloadToBuffer(4 * MiB - 512, 1024), data);
  const got = await to.getProperties();
  assert.deepEqual([got.blobType, got.contentLength, got.blobSequenceNumber], ["PageBlob", 8 * MiB, 7]);
});
