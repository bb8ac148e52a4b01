// Blobs: reading and writing, properties, metadata, tags, conditions, leases, snapshots, versions, copies, tiers.
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { all, check, randomBytes, read, refused, service, text } from "./checks.mjs";

const md5 = (data) => createHash("md5").update(data).digest();

await check("a blob is written with its headers and metadata, and read whole and in ranges", async (container) => {
  const blob = container.getBlockBlobClient("dir/a b+c%25#ü.txt");
  const put = await blob.upload("hello world", 11, {
    metadata: { colour: "blue" },
    blobHTTPHeaders: { blobContentType: "text/plain", blobCacheControl: "no-cache", blobContentDisposition: "inline", blobContentEncoding: "identity", blobContentLanguage: "de" },
  });
  assert.match(put.etag, /^"0x[0-9A-F]+"$/);
  assert.deepEqual(Buffer.from(put.contentMD5), md5("hello world"));
  const got = await blob.getProperties();
  assert.deepEqual(
    [got.contentLength, got.contentType, got.cacheControl, got.contentDisposition, got.contentEncoding, got.contentLanguage, got.blobType, got.metadata, got.etag],
    [11, "text/plain", "no-cache", "inline", "identity", "de", "BlockBlob", { colour: "blue" }, put.etag]);
  assert(got.createdOn instanceof Date && got.acceptRanges === "bytes");
  assert.equal(await text(blob), "hello world");
  const part = await blob.download(6, 3);
  assert.equal(part.contentRange, "bytes 6-8/11");
  assert.equal(part._response.status, 206);
  assert.equal((await read(blob, 6)).toString(), "world");
  const sum = await blob.download(0, 5, { rangeGetContentMD5: true });
  assert.deepEqual(Buffer.from(sum.contentMD5), md5("hello"));
  assert.equal(await blob.exists(), true);
});

await check("a range behind the end is refused", async (container) => {
  const blob = container.getBlockBlobClient("b");
  await blob.upload("hello", 5);
  await refused(blob.download(5, 5), "InvalidRange", 416);
  await refused(blob.download(6), "InvalidRange", 416);
}, "answers nothing where the range begins at the end");

await check("an empty blob is a blob", async (container) => {
  const blob = container.getBlockBlobClient("empty");
  await blob.upload("", 0);
  assert.equal((await blob.getProperties()).contentLength, 0);
  assert.equal((await blob.download()).contentLength, 0);
});

await check("what is not there is told", async (container) => {
  const blob = container.getBlockBlobClient("none");
  assert.equal(await blob.exists(), false);
  await refused(blob.download(), "BlobNotFound", 404);
  await refused(blob.getProperties(), "BlobNotFound", 404);
  await refused(blob.delete(), "BlobNotFound", 404);
  await refused(blob.setMetadata({ a: "b" }), "BlobNotFound", 404);
  assert.equal((await blob.deleteIfExists()).succeeded, false);
});

await check("headers and metadata of a blob are set anew", async (container) => {
  const blob = container.getBlockBlobClient("b");
  const { etag } = await blob.upload("x", 1, { blobHTTPHeaders: { blobContentType: "a/b", blobContentLanguage: "en" }, metadata: { a: "1" } });
  await blob.setHTTPHeaders({ blobContentType: "c/d" });
  let got = await blob.getProperties();
  assert.deepEqual([got.contentType, got.contentLanguage, got.metadata], ["c/d", undefined, { a: "1" }]);
  assert.notEqual(got.etag, etag);
  await blob.setMetadata({ b: "2", c: "ü".normalize() === "ü" ? "plain" : "" });
  got = await blob.getProperties();
  assert.deepEqual(got.metadata, { b: "2", c: "plain" });
  await blob.setMetadata({});
  assert.deepEqual((await blob.getProperties()).metadata ?? {}, {});
  assert.equal(await text(blob), "x");
});

await check("a blob with an MD5 that it has not is refused", async (container) => {
  const blob = container.getBlockBlobClient("b");
  await assert.rejects(
    container.getBlockBlobClient("b").stageBlock(Buffer.from("1").toString("base64"), "x", 1, { transactionalContentMD5: md5("y") }), { statusCode: 400, code: "Md5Mismatch" });
  assert.equal(await blob.exists(), false);
});

await check("tags are set, told, and found by", async (container) => {
  const blob = container.getBlockBlobClient("tagged");
  await blob.upload("x", 1, { tags: { project: "a b", stage: "one" } });
  assert.deepEqual((await blob.getTags()).tags, { project: "a b", stage: "one" });
  assert.equal((await blob.getProperties()).tagCount, 2);
  await blob.setTags({ project: "a b", stage: "two" });
  await container.getBlockBlobClient("other").upload("x", 1, { tags: { stage: "one" } });
  const found = await all(service.findBlobsByTags(`@container='${container.containerName}' AND "stage"='two'`));
  assert.deepEqual(found.map((f) => [f.containerName, f.name, f.tags]), [[container.containerName, "tagged", { stage: "two" }]]);
  await refused(all(service.findBlobsByTags(`"${"k".repeat(129)}"='v'`)), "InvalidQueryParameterValue", 400);
  assert.deepEqual((await all(container.findBlobsByTags(`"stage">='one' AND "stage"<='two'`))).map((f) => f.name).sort(), ["other", "tagged"]);
  await assert.rejects(blob.download(0, undefined, { conditions: { tagConditions: `"stage"='one'` } }), { statusCode: 412 });
  assert.equal((await blob.download(0, undefined, { conditions: { tagConditions: `"stage"='two'` } })).contentLength, 1);
  await assert.rejects(blob.setTags(Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`k${i}`, "v"]))), { statusCode: 400 });
  await blob.setTags({});
  assert.deepEqual((await blob.getTags()).tags, {});
});

await check("conditions of reads and writes hold", async (container) => {
  const blob = container.getBlockBlobClient("b");
  const { etag, lastModified } = await blob.upload("1", 1, { conditions: { ifNoneMatch: "*" } });
  await refused(blob.upload("2", 1, { conditions: { ifNoneMatch: "*" } }), "BlobAlreadyExists", 409);
  await refused(blob.upload("2", 1, { conditions: { ifMatch: '"0x1"' } }), "ConditionNotMet", 412);
  await refused(blob.upload("2", 1, { conditions: { ifNoneMatch: etag } }), "ConditionNotMet", 412);
  assert.equal(await text(blob), "1");
  await assert.rejects(blob.download(0, undefined, { conditions: { ifNoneMatch: etag } }), { statusCode: 304 });
  await assert.rejects(blob.getProperties({ conditions: { ifNoneMatch: etag } }), { statusCode: 304 });
  await assert.rejects(blob.getProperties({ conditions: { ifModifiedSince: new Date(+lastModified + 5000) } }), { statusCode: 304 });
  await refused(blob.download(0, undefined, { conditions: { ifMatch: '"0x1"' } }), "ConditionNotMet", 412);
  await refused(blob.download(0, undefined, { conditions: { ifUnmodifiedSince: new Date(+lastModified - 60_000) } }), "ConditionNotMet", 412);
  await refused(blob.delete({ conditions: { ifMatch: '"0x1"' } }), "ConditionNotMet", 412);
  await refused(blob.setMetadata({ a: "b" }, { conditions: { ifMatch: '"0x1"' } }), "ConditionNotMet", 412);
  await refused(blob.setHTTPHeaders({}, { conditions: { ifMatch: '"0x1"' } }), "ConditionNotMet", 412);
  await refused(blob.createSnapshot({ conditions: { ifMatch: '"0x1"' } }), "ConditionNotMet", 412);
  const next = await blob.upload("3", 1, { conditions: { ifMatch: etag } });
  assert.notEqual(next.etag, etag);
  await refused(container.getBlockBlobClient("none").upload("x", 1, { conditions: { ifMatch: "*" } }), "ConditionNotMet", 412);
  await blob.delete({ conditions: { ifMatch: next.etag } });
});

await check("a lease of a blob keeps others out", async (container) => {
  const blob = container.getBlockBlobClient("b");
  await blob.upload("1", 1);
  const lease = blob.getBlobLeaseClient(randomUUID());
  const { leaseId } = await lease.acquireLease(30);
  const got = await blob.getProperties();
  assert.deepEqual([got.leaseState, got.leaseStatus, got.leaseDuration], ["leased", "locked", "fixed"]);
  await refused(blob.upload("2", 1), "LeaseIdMissing", 412);
  await refused(blob.upload("2", 1, { conditions: { leaseId: randomUUID() } }), "LeaseIdMismatchWithBlobOperation", 412);
  await refused(blob.delete(), "LeaseIdMissing", 412);
  await refused(blob.setMetadata({ a: "b" }), "LeaseIdMissing", 412);
  await refused(blob.setHTTPHeaders({}), "LeaseIdMissing", 412);
  await refused(blob.stageBlock("MQ==", "x", 1), "LeaseIdMissing", 412);
  assert.equal(await text(blob), "1");
  await blob.upload("3", 1, { conditions: { leaseId } });
  assert.equal((await blob.getProperties()).leaseState, "leased");
  await refused(blob.getBlobLeaseClient(randomUUID()).acquireLease(15), "LeaseAlreadyPresent", 409);
  await lease.renewLease();
  const changed = randomUUID();
  await lease.changeLease(changed);
  await lease.releaseLease();
  await refused(blob.download(0, undefined, { conditions: { leaseId } }), "LeaseNotPresentWithBlobOperation", 412);
  await lease.acquireLease(-1);
  const { leaseTime } = await lease.breakLease(0);
  assert.equal(leaseTime, 0);
  assert.equal((await blob.getProperties()).leaseState, "broken");
  await blob.delete();
});

await check("lease times that are not allowed are refused", async (container) => {
  const blob = container.getBlockBlobClient("b");
  await blob.upload("1", 1);
  for (const seconds of [0, 14, 61]) await assert.rejects(blob.getBlobLeaseClient(randomUUID()).acquireLease(seconds), { statusCode: 400 });
});

await check("snapshots are read, described, listed and deleted", async (container) => {
  const blob = container.getBlockBlobClient("b");
  await blob.upload("old", 3, { metadata: { a: "1" } });
  const { snapshot } = await blob.createSnapshot();
  assert.match(snapshot, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/);
  const { snapshot: other } = await blob.createSnapshot({ metadata: { b: "2" } });
  assert.notEqual(snapshot, other);
  await blob.upload("new", 3);
  const [first, second] = [blob.withSnapshot(snapshot), blob.withSnapshot(other)];
  assert.equal(await text(first), "old");
  assert.deepEqual((await first.getProperties()).metadata, { a: "1" });
  assert.deepEqual((await second.getProperties()).metadata, { b: "2" });
  assert.equal(await text(blob), "new");
  assert.deepEqual((await all(container.listBlobsFlat({ includeSnapshots: true }))).map((b) => b.snapshot || "").sort(), ["", snapshot, other]);
  assert.equal((await all(container.listBlobsFlat())).length, 1);
  await refused(blob.delete(), "SnapshotsPresent", 409);
  await first.delete();
  await assert.rejects(first.getProperties(), { statusCode: 404 });
  await blob.delete({ deleteSnapshots: "only" });
  assert.equal((await all(container.listBlobsFlat({ includeSnapshots: true }))).length, 1);
  await blob.createSnapshot();
  await blob.delete({ deleteSnapshots: "include" });
  assert.equal((await all(container.listBlobsFlat({ includeSnapshots: true }))).length, 0);
});

await check("what is sent to a snapshot does not change its blob", async (container) => {
  const blob = container.getBlockBlobClient("b");
  await blob.upload("x", 1, { tags: { a: "1" }, metadata: { a: "1" } });
  const snapshot = blob.withSnapshot((await blob.createSnapshot()).snapshot);
  await snapshot.setTags({ a: "2" }).catch((e) => assert.equal(e.statusCode, 400));
  await snapshot.setMetadata({ a: "2" }).catch((e) => assert.equal(e.statusCode, 400));
  assert.deepEqual((await blob.getTags()).tags, { a: "1" });
  assert.deepEqual((await blob.getProperties()).metadata, { a: "1" });
}, "sets the metadata of the blob");

await check("snapshots are listed before their blob, the oldest first", async (container) => {
  const blob = container.getBlockBlobClient("b");
  await blob.upload("x", 1);
  const { snapshot: first } = await blob.createSnapshot();
  const { snapshot: second } = await blob.createSnapshot();
  assert.deepEqual((await all(container.listBlobsFlat({ includeSnapshots: true }))).map((b) => b.snapshot || ""), [first, second, ""]);
}, "lists the newest first");

await check("a snapshot is copied back over its blob", async (container) => {
  const blob = container.getBlockBlobClient("b");
  await blob.upload("old", 3);
  const { snapshot } = await blob.createSnapshot();
  await blob.upload("new", 3);
  const poller = await blob.beginCopyFromURL(blob.withSnapshot(snapshot).url, { intervalInMs: 50 });
  await poller.pollUntilDone();
  assert.equal(await text(blob), "old");
});

await check("a blob is copied with what belongs to it, or with other metadata", async (container) => {
  const from = container.getBlockBlobClient("from ü");
  const data = randomBytes(300_000);
  await from.upload(data, data.length, { metadata: { a: "1" }, blobHTTPHeaders: { blobContentType: "x/y" } });
  const to = container.getBlockBlobClient("to");
  const poller = await to.beginCopyFromURL(from.url, { intervalInMs: 50 });
  const done = await poller.pollUntilDone();
  assert.equal(done.copyStatus, "success");
  assert.deepEqual(await read(to), data);
  const got = await to.getProperties();
  assert.deepEqual([got.metadata, got.contentType, got.copyStatus, got.copyId], [{ a: "1" }, "x/y", "success", done.copyId]);
  assert.equal(got.copyProgress, "300000/300000");
  assert.equal(decodeURI(got.copySource.split("?")[0]), decodeURI(from.url));
  const other = container.getBlockBlobClient("other");
  await (await other.beginCopyFromURL(from.url, { metadata: { b: "2" }, intervalInMs: 50 })).pollUntilDone();
  assert.deepEqual((await other.getProperties()).metadata, { b: "2" });
  await refused(to.abortCopyFromURL(done.copyId), "NoPendingCopyOperation", 409);
  await assert.rejects(container.getBlockBlobClient("x").beginCopyFromURL(container.getBlobClient("none").url), { statusCode: 404 });
  await assert.rejects(to.beginCopyFromURL(from.url, { sourceConditions: { ifMatch: '"0x1"' } }), { statusCode: 412 });
});

await check("a copy is made within the request", async (container) => {
  const from = container.getBlockBlobClient("from");
  await from.upload("copied", 6, { metadata: { a: "1" } });
  const source = await from.generateSasUrl({ permissions: "r", expiresOn: new Date(Date.now() + 3_600_000) }).catch(() => from.url);
  const to = container.getBlockBlobClient("to");
  const done = await to.syncCopyFromURL(source);
  assert.equal(done.copyStatus, "success");
  assert.equal(await text(to), "copied");
  assert.deepEqual((await to.getProperties()).metadata, { a: "1" });
  await to.syncCopyFromURL(source, { metadata: { c: "3" } });
  assert.deepEqual((await to.getProperties()).metadata, { c: "3" });
});

await check("tiers are set and told", async (container) => {
  const blob = container.getBlockBlobClient("b");
  await blob.upload("x", 1, { tier: "Cool" });
  let got = await blob.getProperties();
  assert.equal(got.accessTier, "Cool");
  assert(!got.accessTierInferred);
  await blob.setAccessTier("Hot");
  assert.equal((await blob.getProperties()).accessTier, "Hot");
  const { accessTier } = (await all(container.listBlobsFlat()))[0].properties;
  assert.equal(accessTier, "Hot");
  await assert.rejects(blob.setAccessTier("Lukewarm"));
  const plain = container.getBlockBlobClient("plain");
  await plain.upload("x", 1);
  got = await plain.getProperties();
  assert.deepEqual([got.accessTier, got.accessTierInferred], ["Hot", true]);
});

await check("the tier Cold is known", async (container) => {
  const blob = container.getBlockBlobClient("b");
  await blob.upload("x", 1, { tier: "Cold" });
  assert.equal((await blob.getProperties()).accessTier, "Cold");
});

await check("an archived blob is not read until it is warm again", async (container) => {
  const blob = container.getBlockBlobClient("b");
  await blob.upload("x", 1, { tier: "Archive" });
  await refused(blob.download(), "BlobArchived", 409);
  await blob.setAccessTier("Hot");
  await blob.getProperties();
});

await check("blobs are listed flat, in pages, by prefix, with what is asked for", async (container) => {
  const names = ["a", "a/1", "a/2", "b c", "d+e%20f", "z/ü/x", "日本語"];
  for (const name of names) await container.getBlockBlobClient(name).upload(name, Buffer.byteLength(name), { metadata: { of: encodeURIComponent(name) }, tags: { t: "1" } });
  const items = await all(container.listBlobsFlat({ includeMetadata: true, includeTags: true }));
  assert.deepEqual(items.map((b) => b.name), names);
  assert.deepEqual(items.map((b) => decodeURIComponent(b.metadata.of)), names);
  assert.deepEqual(items.map((b) => b.tags?.t), names.map(() => "1"));
  const { properties } = items[0];
  assert.deepEqual([properties.contentLength, properties.blobType, properties.accessTier], [1, "BlockBlob", "Hot"]);
  assert(properties.createdOn && properties.lastModified && properties.etag && properties.contentMD5);
  const pages = await all(container.listBlobsFlat().byPage({ maxPageSize: 3 }));
  assert.deepEqual(pages.map((p) => p.segment.blobItems.map((b) => b.name)), [names.slice(0, 3), names.slice(3, 6), names.slice(6)]);
  const second = await container.listBlobsFlat().byPage({ maxPageSize: 3, continuationToken: pages[0].continuationToken }).next();
  assert.deepEqual(second.value.segment.blobItems.map((b) => b.name), names.slice(3, 6));
  assert.deepEqual((await all(container.listBlobsFlat({ prefix: "a/" }))).map((b) => b.name), ["a/1", "a/2"]);
});

await check("blobs are listed by hierarchy, in pages", async (container) => {
  for (const name of ["a", "a/1", "a/2", "b/1", "b/c/1", "d"]) await container.getBlockBlobClient(name).upload("x", 1);
  const list = async (delimiter, options) => (await all(container.listBlobsByHierarchy(delimiter, options))).map((i) => (i.kind === "prefix" ? `${i.name}*` : i.name));
  assert.deepEqual((await list("/")).sort(), ["a", "a/*", "b/*", "d"]);
  assert.deepEqual((await list("/", { prefix: "b/" })).sort(), ["b/1", "b/c/*"]);
  const pages = await all(container.listBlobsByHierarchy("/").byPage({ maxPageSize: 1 }));
  const seen = pages.flatMap((p) => [...(p.segment.blobPrefixes ?? []).map((x) => x.name), ...p.segment.blobItems.map((x) => x.name)]);
  assert.deepEqual(seen.sort(), ["a", "a/", "b/", "d"]);
});

await check("a listing begins where it is told to", async (container) => {
  for (const name of ["a", "b", "c"]) await container.getBlockBlobClient(name).upload("x", 1);
  assert.deepEqual((await all(container.listBlobsFlat({ startFrom: "b" }))).map((b) => b.name), ["b", "c"]);
});
