// Containers, their listing, and the service.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { ContainerClient } from "@azure/storage-blob";
import { all, anonymous, check, isAzurite, refused, service, text } from "./checks.mjs";

await check("a container is made once, found, described and removed", async (container) => {
  await refused(container.create(), "ContainerAlreadyExists", 409);
  assert.equal((await container.createIfNotExists()).succeeded, false);
  assert.equal(await container.exists(), true);
  const properties = await container.getProperties();
  assert.match(properties.etag, /^"0x[0-9A-F]+"$/);
  assert(properties.lastModified instanceof Date);
  assert.equal(properties.leaseState, "available");
  assert.equal(properties.leaseStatus, "unlocked");
  assert.equal(properties.hasImmutabilityPolicy, false);
  assert.equal(properties.hasLegalHold, false);
  const other = service.getContainerClient(`c-${randomUUID()}`);
  assert.equal(await other.exists(), false);
  await refused(other.getProperties(), "ContainerNotFound", 404);
  await refused(other.delete(), "ContainerNotFound", 404);
  assert.equal((await other.deleteIfExists()).succeeded, false);
  await refused(other.getBlockBlobClient("b").upload("x", 1), "ContainerNotFound", 404);
});

await check("names that no container may have are refused", async () => {
  for (const name of ["ab", "UpperCase", "a--b", "-a-b", "a_b", "x".repeat(64)])
    await assert.rejects(service.getContainerClient(name).create(), (e) => e.statusCode === 400 && ["InvalidResourceName", "OutOfRangeInput"].includes(e.code), name);
});

await check("metadata of a container is set, replaced and removed", async (container) => {
  const before = (await container.getProperties()).etag;
  await container.setMetadata({ colour: "blue", Size: "large" });
  const first = await container.getProperties();
  assert.deepEqual(Object.fromEntries(Object.entries(first.metadata).map(([k, v]) => [k.toLowerCase(), v])), { colour: "blue", size: "large" });
  assert.notEqual(first.etag, before);
  await container.setMetadata({ colour: "red" });
  assert.deepEqual((await container.getProperties()).metadata, { colour: "red" });
  await container.setMetadata();
  assert.deepEqual((await container.getProperties()).metadata ?? {}, {});
});

await check("public access opens blobs, or blobs and their list", async (container) => {
  const blob = container.getBlockBlobClient("a b");
  await blob.upload("open", 4);
  const outsider = anonymous(ContainerClient, container.url);
  await refused(text(outsider.getBlobClient("a b")), isAzurite ? "AuthorizationFailure" : "ResourceNotFound");
  await container.setAccessPolicy("blob");
  assert.equal((await container.getProperties()).blobPublicAccess, "blob");
  assert.equal(await text(outsider.getBlobClient("a b")), "open");
  await assert.rejects(all(outsider.listBlobsFlat()));
  await container.setAccessPolicy("container");
  assert.equal((await container.getAccessPolicy()).blobPublicAccess, "container");
  assert.deepEqual((await all(outsider.listBlobsFlat())).map((b) => b.name), ["a b"]);
  await assert.rejects(outsider.getBlockBlobClient("new").upload("x", 1));
  await container.setAccessPolicy();
  await assert.rejects(text(outsider.getBlobClient("a b")));
});

await check("what is not public is not told from what is not there", async (container) => {
  await container.getBlockBlobClient("b").upload("x", 1);
  const outsider = anonymous(ContainerClient, container.url);
  await refused(text(outsider.getBlobClient("b")), "ResourceNotFound", 404);
  await refused(text(outsider.getBlobClient("none")), "ResourceNotFound", 404);
}, "answers 403 AuthorizationFailure");

await check("stored policies are kept as they were given", async (container) => {
  const policies = [
    { id: "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=", accessPolicy: { startsOn: new Date("2026-01-01T00:00:00Z"), expiresOn: new Date("2050-12-31T11:22:33.4567890Z"), permissions: "rwd" } },
    { id: "second", accessPolicy: { permissions: "r" } },
    { id: "empty", accessPolicy: {} },
  ];
  await container.setAccessPolicy(undefined, policies);
  const got = (await container.getAccessPolicy()).signedIdentifiers;
  assert.deepEqual(got.map((p) => p.id), policies.map((p) => p.id));
  assert.equal(+got[0].accessPolicy.expiresOn, +policies[0].accessPolicy.expiresOn);
  assert.equal(+got[0].accessPolicy.startsOn, +policies[0].accessPolicy.startsOn);
  assert.equal(got[0].accessPolicy.permissions, "rwd");
  assert.equal(got[1].accessPolicy.permissions, "r");
  await container.setAccessPolicy(undefined, []);
  assert.deepEqual((await container.getAccessPolicy()).signedIdentifiers, []);
});

await check("six stored policies are too many", async (container) => {
  const six = Array.from({ length: 6 }, (_, i) => ({ id: `${i}`, accessPolicy: { permissions: "r" } }));
  await assert.rejects(container.setAccessPolicy(undefined, six), { statusCode: 400 });
}, "takes any number");

await check("containers are listed by prefix, in pages, with metadata", async () => {
  const prefix = `l-${randomUUID().slice(0, 8)}-`;
  const names = [1, 2, 3, 4, 5].map((n) => prefix + n);
  await Promise.all(names.map((name) => service.getContainerClient(name).create({ metadata: { of: name } })));
  const items = await all(service.listContainers({ prefix, includeMetadata: true }));
  assert.deepEqual(items.map((c) => c.name), names);
  assert.deepEqual(items.map((c) => c.metadata.of), names);
  assert.match(items[0].properties.etag, /0x/);
  assert.equal(items[0].properties.leaseState, "available");
  assert.deepEqual((await all(service.listContainers({ prefix })))[0].metadata ?? {}, {});
  const pages = await all(service.listContainers({ prefix }).byPage({ maxPageSize: 2 }));
  assert.deepEqual(pages.map((p) => p.containerItems.map((c) => c.name)), [names.slice(0, 2), names.slice(2, 4), names.slice(4)]);
  const second = await service.listContainers({ prefix }).byPage({ maxPageSize: 2, continuationToken: pages[0].continuationToken }).next();
  assert.deepEqual(second.value.containerItems.map((c) => c.name), names.slice(2, 4));
  await Promise.all(names.map((name) => service.getContainerClient(name).delete()));
});

await check("a lease of a container is acquired, renewed, changed, released and broken", async (container) => {
  const id = randomUUID(), next = randomUUID();
  const lease = container.getBlobLeaseClient(id);
  assert.equal((await lease.acquireLease(15)).leaseId, id);
  let properties = await container.getProperties();
  assert.deepEqual([properties.leaseState, properties.leaseStatus, properties.leaseDuration], ["leased", "locked", "fixed"]);
  await refused(container.getBlobLeaseClient(randomUUID()).acquireLease(15), "LeaseAlreadyPresent", 409);
  await refused(container.delete(), "LeaseIdMissing", 412);
  await refused(container.delete({ conditions: { leaseId: next } }), "LeaseIdMismatchWithContainerOperation", 412);
  await lease.renewLease();
  await lease.changeLease(next);
  await refused(container.getBlobLeaseClient(id).renewLease(), "LeaseIdMismatchWithLeaseOperation", 409);
  await lease.releaseLease();
  assert.equal((await container.getProperties()).leaseState, "available");
  await lease.acquireLease(-1);
  assert.equal((await container.getProperties()).leaseDuration, "infinite");
  await lease.breakLease(0);
  properties = await container.getProperties();
  assert.deepEqual([properties.leaseState, properties.leaseStatus], ["broken", "unlocked"]);
});

await check("the conditions of a container's changes hold", async (container) => {
  const past = new Date(Date.now() - 86_400_000);
  await refused(container.delete({ conditions: { ifUnmodifiedSince: past } }), "ConditionNotMet", 412);
  await refused(container.setMetadata({ a: "b" }, { conditions: { ifModifiedSince: new Date(Date.now() + 3_600_000) } }), "ConditionNotMet", 412);
  await container.delete({ conditions: { ifModifiedSince: past } });
});

await check("the properties of the service are kept", async () => {
  const before = await service.getProperties();
  await service.setProperties({
    blobAnalyticsLogging: { version: "1.0", deleteProperty: true, read: true, write: false, retentionPolicy: { enabled: true, days: 3 } },
    cors: [{ allowedHeaders: "x-ms-meta-*", allowedMethods: "GET,PUT", allowedOrigins: "http://a.example", exposedHeaders: "x-ms-meta-*", maxAgeInSeconds: 60 }],
    deleteRetentionPolicy: { enabled: true, days: 2 },
    defaultServiceVersion: "2020-10-02",
  });
  const got = await service.getProperties();
  assert.equal(got.cors[0].allowedOrigins, "http://a.example");
  assert.equal(got.cors[0].maxAgeInSeconds, 60);
  assert.equal(got.blobAnalyticsLogging.retentionPolicy.days, 3);
  assert.equal(got.deleteRetentionPolicy.days, 2);
  await service.setProperties({ cors: [], deleteRetentionPolicy: { enabled: false }, blobAnalyticsLogging: before.blobAnalyticsLogging });
  assert.deepEqual((await service.getProperties()).cors ?? [], []);
});

await check("a browser's question is answered by the rules for CORS", async (container) => {
  const blob = container.getBlockBlobClient("b");
  await blob.upload("x", 1);
  const ask = (origin, method = "GET") => fetch(blob.url, { method: "OPTIONS", headers: { Origin: origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": "x-ms-meta-a" } });
  await service.setProperties({ cors: [{ allowedHeaders: "x-ms-meta-*", allowedMethods: "GET", allowedOrigins: "http://a.example", exposedHeaders: "x-ms-meta-*", maxAgeInSeconds: 60 }] });
  try {
    const yes = await ask("http://a.example");
    assert.equal(yes.status, 200);
    assert.equal(yes.headers.get("access-control-allow-origin"), "http://a.example");
    assert.equal((await ask("http://b.example")).status, 403);
    assert.equal((await ask("http://a.example", "PUT")).status, 403);
  } finally {
    await service.setProperties({ cors: [] });
  }
});

await check("the account is told", async () => {
  const info = await service.getAccountInfo();
  assert.match(info.skuName, /^Standard_/);
  assert.match(info.accountKind, /Storage/);
});
