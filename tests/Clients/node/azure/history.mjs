// What a blob was and will be: versions, deleted blobs, blobs whose blocks wait for a list; page blobs; and keys that users sign with.
import assert from "node:assert/strict";
import {
  AnonymousCredential, BlobSASPermissions, BlobServiceClient, ContainerClient, generateBlobSASQueryParameters, newPipeline,
} from "@azure/storage-blob";
import { PutBucketVersioningCommand, S3Client } from "@aws-sdk/client-s3";
import { all, anonymous, check, isAzurite, refused, service, text } from "./checks.mjs";

const origin = new URL(service.url).origin;

await check("versions are told, listed, read, restored and removed", async (container) => {
  if (!isAzurite) {
    const s3 = new S3Client({ endpoint: origin, region: "us-east-1", forcePathStyle: true });
    await s3.send(new PutBucketVersioningCommand({ Bucket: container.containerName, VersioningConfiguration: { Status: "Enabled" } }));
  }
  const blob = container.getBlockBlobClient("b");
  const first = await blob.upload("first", 5);
  const second = await blob.upload("second", 6);
  assert(first.versionId && second.versionId && first.versionId !== second.versionId);
  const listed = await all(container.listBlobsFlat({ includeVersions: true }));
  assert.deepEqual(listed.map((item) => [item.versionId, item.isCurrentVersion ?? false]), [[first.versionId, false], [second.versionId, true]]);
  assert.deepEqual([await text(blob), await text(blob.withVersion(first.versionId))], ["second", "first"]);
  assert.equal((await blob.withVersion(first.versionId).getProperties()).versionId, first.versionId);
  await (await blob.beginCopyFromURL(blob.withVersion(first.versionId).url)).pollUntilDone();
  assert.equal(await text(blob), "first");
  await blob.delete();
  await refused(blob.getProperties(), [undefined, "BlobNotFound"], 404);
  assert.equal(await text(blob.withVersion(second.versionId)), "second");
  await blob.undelete();
  assert.equal(await text(blob), "first");
  await blob.withVersion(second.versionId).delete();
  assert.equal((await all(container.listBlobsFlat({ includeVersions: true }))).length, 2);
}, "keeps no versions");

await check("a deleted blob is listed on request, and comes back", async (container) => {
  await service.setProperties({ deleteRetentionPolicy: { enabled: true, days: 7 } });
  try {
    const blob = container.getBlockBlobClient("b");
    await blob.upload("kept", 4, { metadata: { a: "1" } });
    await blob.delete();
    assert.deepEqual(await all(container.listBlobsFlat()), []);
    const [deleted, ...others] = await all(container.listBlobsFlat({ includeDeleted: true }));
    assert.deepEqual([deleted.name, deleted.deleted, deleted.properties.remainingRetentionDays, others], ["b", true, 6, []]);
    await blob.undelete();
    assert.deepEqual([await text(blob), (await blob.getProperties()).metadata], ["kept", { a: "1" }]);
  } finally {
    await service.setProperties({ deleteRetentionPolicy: { enabled: false } });
  }
}, "removes it for good");

await check("a blob whose blocks wait for their list is listed on request", async (container) => {
  await container.getBlockBlobClient("waits").stageBlock(Buffer.from("1").toString("base64"), "x", 1);
  await container.getBlockBlobClient("is").upload("x", 1);
  assert.deepEqual((await all(container.listBlobsFlat())).map((item) => item.name), ["is"]);
  assert.deepEqual((await all(container.listBlobsFlat({ includeUncommitedBlobs: true }))).map((item) => [item.name, item.properties.contentLength]), [["is", 1], ["waits", 0]]);
});

await check("pages are written, cleared, told and cut off", async (container) => {
  const pages = container.getPageBlobClient("disk");
  await pages.create(2048, { blobSequenceNumber: 7 });
  await pages.uploadPages("a".repeat(1024), 512, 1024);
  await pages.clearPages(1024, 512);
  assert.equal(await text(pages), "\0".repeat(512) + "a".repeat(512) + "\0".repeat(1024));
  // The SDK tells how far the end is from the start.
  assert.deepEqual((await pages.getPageRanges()).pageRange, [{ offset: 512, count: 511 }]);
  await pages.updateSequenceNumber("increment");
  await refused(pages.uploadPages("b".repeat(512), 0, 512, { conditions: { ifSequenceNumberLessThan: 8 } }), "SequenceNumberConditionNotMet", 412);
  await pages.resize(512);
  const got = await pages.getProperties();
  assert.deepEqual([got.blobType, got.contentLength, got.blobSequenceNumber], ["PageBlob", 512, 8]);
  await refused(pages.uploadPages("b".repeat(512), 512, 512), isAzurite ? "Requested Range Not Satisfiable" : "InvalidPageRange", 416);
});

await check("a user's delegation key signs for a blob", async (container) => {
  const asked = await fetch(`${origin}/adfs/oauth2/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials", scope: "https://storage.azure.com/.default",
      client_id: process.env.AWS_ACCESS_KEY_ID ?? "", client_secret: process.env.AWS_SECRET_ACCESS_KEY ?? "",
    }),
  });
  const { access_token: token } = await asked.json();
  // The SDK sends tokens over TLS alone, so this one is put in by hand.
  const pipeline = newPipeline(new AnonymousCredential(), { retryOptions: { maxTries: 1 } });
  pipeline.factories.unshift({
    create: (next) => ({ sendRequest: (request) => { request.headers.set("authorization", `Bearer ${token}`); return next.sendRequest(request); } }),
  });
  const [now, later] = [new Date(Date.now() - 60_000), new Date(Date.now() + 600_000)];
  const key = await new BlobServiceClient(service.url, pipeline).getUserDelegationKey(now, later);
  const blob = container.getBlockBlobClient("b");
  await blob.upload("signed", 6);
  const sas = (permissions) => generateBlobSASQueryParameters(
    { containerName: container.containerName, blobName: "b", permissions: BlobSASPermissions.parse(permissions), startsOn: now, expiresOn: later }, key, service.accountName);
  const signed = (parameters) => anonymous(ContainerClient, `${container.url}?${parameters}`).getBlockBlobClient("b");
  assert.equal(await text(signed(sas("r"))), "signed");
  await refused(signed(sas("r")).delete(), "AuthorizationPermissionMismatch", 403);
  await refused(signed(sas("r").toString().replace("sp=r", "sp=rd")).delete(), "AuthenticationFailed", 403);
}, "takes tokens over HTTPS alone");
