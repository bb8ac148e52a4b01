// Shared access signatures of each kind, and what is refused; batches, whose parts are signed one by one.
import assert from "node:assert/strict";
import {
  AccountSASPermissions, AccountSASResourceTypes, AccountSASServices, BlobClient, BlobSASPermissions, BlobServiceClient, BlockBlobClient, ContainerClient,
  ContainerSASPermissions, SASProtocol, StorageSharedKeyCredential, generateAccountSASQueryParameters, generateBlobSASQueryParameters,
} from "@azure/storage-blob";
import { all, anonymous, check, refused, service, text, unauthenticated } from "./checks.mjs";

const { credential } = service;
const hour = 3_600_000;
const times = () => ({ startsOn: new Date(Date.now() - hour), expiresOn: new Date(Date.now() + hour) });
const sas = (container, more = {}) => generateBlobSASQueryParameters({ containerName: container.containerName, ...times(), ...more }, credential).toString();
const account = (more = {}) => generateAccountSASQueryParameters({
  ...times(), services: AccountSASServices.parse("b").toString(), resourceTypes: AccountSASResourceTypes.parse("sco").toString(),
  permissions: AccountSASPermissions.parse("rwdlacuptfi"), ...more }, credential).toString();
const blobOf = (container, query, name = "b", type = BlockBlobClient) => anonymous(type, `${container.getBlobClient(name).url}?${query}`);
const containerOf = (container, query) => anonymous(ContainerClient, `${container.url}?${query}`);
const stored = async (container) => (await container.getBlockBlobClient("b").upload("secret", 6), container);

await check("an account SAS does what its letters say", async (container) => {
  const all_ = anonymous(BlobServiceClient, `${service.url}?${account()}`);
  assert((await all(all_.listContainers())).some((c) => c.name === container.containerName));
  const its = all_.getContainerClient(container.containerName);
  await its.getBlockBlobClient("b").upload("1", 1);
  assert.equal(await text(its.getBlobClient("b")), "1");
  assert.deepEqual((await all(its.listBlobsFlat())).map((b) => b.name), ["b"]);
  await its.getBlobClient("b").setTags({ a: "b" });
  await its.getBlobClient("b").delete();
  const readOnly = anonymous(BlobServiceClient, `${service.url}?${account({ permissions: AccountSASPermissions.parse("rl") })}`);
  await refused(readOnly.getContainerClient(container.containerName).getBlockBlobClient("b").upload("1", 1), "AuthorizationPermissionMismatch", 403);
  const objects = anonymous(BlobServiceClient, `${service.url}?${account({ resourceTypes: "o" })}`);
  await refused(all(objects.listContainers()), "AuthorizationResourceTypeMismatch", 403);
  const queues = anonymous(BlobServiceClient, `${service.url}?${account({ services: "q" })}`);
  await refused(all(queues.listContainers()), "AuthorizationServiceMismatch", 403);
});

await check("a container's SAS opens the container", async (container) => {
  await stored(container);
  const its = containerOf(container, sas(container, { permissions: ContainerSASPermissions.parse("racwdl") }));
  assert.deepEqual((await all(its.listBlobsFlat())).map((b) => b.name), ["b"]);
  assert.equal(await text(its.getBlobClient("b")), "secret");
  await its.getBlockBlobClient("c").uploadData(Buffer.from("new"));
  await its.getAppendBlobClient("d").create();
  await its.getAppendBlobClient("d").appendBlock("x", 1);
  await its.getBlobClient("c").delete();
  const reading = containerOf(container, sas(container, { permissions: ContainerSASPermissions.parse("r") }));
  await refused(all(reading.listBlobsFlat()), "AuthorizationPermissionMismatch", 403);
});

await check("a blob's SAS opens that blob, and sets the headers of its answer", async (container) => {
  await stored(container);
  const query = sas(container, { blobName: "b", permissions: BlobSASPermissions.parse("r"), contentType: "a/b", contentDisposition: "attachment", cacheControl: "x", contentLanguage: "de", contentEncoding: "identity" });
  const got = await blobOf(container, query).download();
  assert.deepEqual([got.contentType, got.contentDisposition, got.cacheControl, got.contentLanguage, got.contentEncoding], ["a/b", "attachment", "x", "de", "identity"]);
  await refused(blobOf(container, query).upload("x", 1), "AuthorizationPermissionMismatch", 403);
  await unauthenticated(text(blobOf(container, query, "other")));
});

await check("a SAS for creating does not overwrite", async (container) => {
  const query = sas(container, { blobName: "b", permissions: BlobSASPermissions.parse("c") });
  await blobOf(container, query).upload("1", 1);
  await assert.rejects(blobOf(container, query).upload("2", 1), (e) => e.statusCode === 403 || e.statusCode === 409);
});

await check("a snapshot's SAS opens the snapshot", async (container) => {
  const blob = container.getBlockBlobClient("b");
  await blob.upload("old", 3);
  const { snapshot } = await blob.createSnapshot();
  await blob.upload("new", 3);
  const query = sas(container, { blobName: "b", snapshotTime: snapshot, permissions: BlobSASPermissions.parse("r") });
  assert.equal(await text(anonymous(BlobClient, `${blob.withSnapshot(snapshot).url}&${query}`)), "old");
  await assert.rejects(text(blobOf(container, query)), { statusCode: 403 });
});

await check("a stored policy gives, and takes away", async (container) => {
  await stored(container);
  const set = (permissions, expiresOn = new Date(Date.now() + hour)) => container.setAccessPolicy(undefined, [{ id: "p", accessPolicy: { startsOn: new Date(Date.now() - hour), expiresOn, permissions } }]);
  const query = generateBlobSASQueryParameters({ containerName: container.containerName, identifier: "p" }, credential).toString();
  await assert.rejects(text(blobOf(container, query)), { statusCode: 403 });
  await set("r");
  assert.equal(await text(blobOf(container, query)), "secret");
  await assert.rejects(blobOf(container, query).upload("x", 1), { statusCode: 403 });
  await set("rw");
  await blobOf(container, query).upload("secret", 6);
  await set("rw", new Date(Date.now() - 60_000));
  await assert.rejects(text(blobOf(container, query)), { statusCode: 403 });
  await container.setAccessPolicy(undefined, []);
  await assert.rejects(text(blobOf(container, query)), { statusCode: 403 });
});

await check("a SAS holds from its time to its time", async (container) => {
  await stored(container);
  const permissions = BlobSASPermissions.parse("r");
  const old = sas(container, { blobName: "b", permissions, expiresOn: new Date(Date.now() - 60_000) });
  const early = sas(container, { blobName: "b", permissions, startsOn: new Date(Date.now() + hour / 2) });
  await unauthenticated(text(blobOf(container, old)));
  await unauthenticated(text(blobOf(container, early)));
});

await check("a SAS holds for its addresses and protocol", async (container) => {
  await stored(container);
  const permissions = BlobSASPermissions.parse("r");
  const with_ = (more) => sas(container, { blobName: "b", permissions, ...more });
  assert.equal(await text(blobOf(container, with_({ ipRange: { start: "127.0.0.0", end: "127.0.0.255" } }))), "secret");
  await refused(text(blobOf(container, with_({ protocol: SASProtocol.Https }))), "AuthorizationProtocolMismatch", 403);
  assert.equal(await text(blobOf(container, with_({ protocol: SASProtocol.HttpsAndHttp }))), "secret");
});

await check("a SAS for another address is refused", async (container) => {
  await stored(container);
  const query = sas(container, { blobName: "b", permissions: BlobSASPermissions.parse("r"), ipRange: { start: "8.8.8.8" } });
  await refused(text(blobOf(container, query)), "AuthorizationSourceIPMismatch", 403);
}, "does not look at sip");

await check("a SAS that was tampered with is refused", async (container) => {
  await stored(container);
  const query = new URLSearchParams(sas(container, { blobName: "b", permissions: BlobSASPermissions.parse("r") }));
  for (const [name, value] of [["sp", "rw"], ["se", "2099-01-01T00:00:00Z"], ["sig", Buffer.alloc(32, 1).toString("base64")], ["sr", "c"]]) {
    const changed = new URLSearchParams(query);
    changed.set(name, value);
    await unauthenticated(text(blobOf(container, changed)));
  }
});

await check("a wrong key is refused, and an unknown account", async (container) => {
  await stored(container);
  const wrong = new StorageSharedKeyCredential(credential.accountName, Buffer.alloc(64, 7).toString("base64"));
  await unauthenticated(text(new BlobClient(container.getBlobClient("b").url, wrong, { retryOptions: { maxTries: 1 } })));
  const forged = generateBlobSASQueryParameters({ containerName: container.containerName, ...times(), permissions: ContainerSASPermissions.parse("r") }, wrong).toString();
  await unauthenticated(text(blobOf(container, forged)));
  const stranger = new StorageSharedKeyCredential("nobodyknows", Buffer.alloc(64, 7).toString("base64"));
  await assert.rejects(text(new BlobClient(container.getBlobClient("b").url, stranger, { retryOptions: { maxTries: 1 } })), { statusCode: 403 });
});

await check("a signature that is wrong is told as that", async (container) => {
  await stored(container);
  const query = sas(container, { blobName: "b", permissions: BlobSASPermissions.parse("r"), expiresOn: new Date(Date.now() - 60_000) });
  await refused(text(blobOf(container, query)), "AuthenticationFailed", 403);
}, "says AuthorizationFailure");

await check("a batch deletes blobs, and tells of each", async (container) => {
  const blobs = ["a", "b c", "ü"].map((name) => container.getBlockBlobClient(name));
  for (const blob of blobs) await blob.upload("x", 1);
  const { subResponses, subResponsesSucceededCount } = await service.getBlobBatchClient().deleteBlobs([...blobs, container.getBlobClient("none")].map((b) => b.url), credential);
  assert.deepEqual(subResponses.map((r) => r.status), [202, 202, 202, 404]);
  assert.equal(subResponses[3].errorCode, "BlobNotFound");
  assert.equal(subResponsesSucceededCount, 3);
  assert.equal((await all(container.listBlobsFlat())).length, 0);
});

await check("a batch sets tiers, for a container alone, too", async (container) => {
  const blobs = ["a", "b"].map((name) => container.getBlockBlobClient(name));
  for (const blob of blobs) await blob.upload("x", 1);
  const answer = await container.getBlobBatchClient().setBlobsAccessTier(blobs, "Cool");
  assert.deepEqual(answer.subResponses.map((r) => r.status), [200, 200]);
  assert.equal((await blobs[1].getProperties()).accessTier, "Cool");
});

await check("a batch with a SAS does what the SAS may", async (container) => {
  await stored(container);
  const with_ = (letters) => containerOf(container, sas(container, { permissions: ContainerSASPermissions.parse(letters) }));
  const refusal = await with_("r").getBlobBatchClient().deleteBlobs([with_("r").getBlobClient("b")]);
  assert.equal(refusal.subResponses[0].status, 403);
  const done = await with_("d").getBlobBatchClient().deleteBlobs([with_("d").getBlobClient("b")]);
  assert.equal(done.subResponses[0].status, 202);
});
