// Named checks with @azure/storage-blob, of the service that the environment names: BLOB_CONNECTION. Each file of checks runs through to its
// end and prints one line a check. Where BLOB_IS is "azurite", a check with a note is one that is known to fail there: that is a
// difference, and failing is what it must do.
import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { BlobServiceClient } from "@azure/storage-blob";

export const connection = process.env.BLOB_CONNECTION;
export const isAzurite = process.env.BLOB_IS === "azurite";
const once = { retryOptions: { maxTries: 1 } };

/** The service by its account's key. */
export const service = BlobServiceClient.fromConnectionString(connection, once);

/** A client without any credential, or with what stands in the address. */
export const anonymous = (type, url) => new type(url, undefined, once);

/** The bytes of a blob, or of a range. */
export const read = async (blob, ...range) => blob.downloadToBuffer(...range);

/** The text of a blob. */
export const text = async (blob) => (await read(blob)).toString();

/** All of an iteration. */
export const all = async (iteration) => {
  const items = [];
  for await (const item of iteration) items.push(item);
  return items;
};

/** That a call is refused with this code of Azure's, or one of them. */
export const refused = async (call, code, status) => {
  await assert.rejects(call, (e) => {
    const told = e.code ?? e.details?.errorCode; // a download's refusal has it in its details
    assert([code].flat().includes(told), `${told} and not ${code}: ${e.message}`);
    if (status) assert.equal(e.statusCode, status);
    return true;
  });
};

/** That a call is refused because of its signature. */
export const unauthenticated = (call) => refused(call, isAzurite ? "AuthorizationFailure" : "AuthenticationFailed", 403);

export { randomBytes };

/** One check with a container of its own; `note` tells why Azurite fails it. */
export const check = async (name, body, note) => {
  const container = service.getContainerClient(`c-${randomUUID()}`);
  let failure;
  try {
    await container.create();
    await body(container);
    await container.delete().catch((e) => { if (e.statusCode !== 404 && e.code !== "LeaseIdMissing") throw e; });
  } catch (e) {
    failure = e;
  }
  const known = isAzurite && note;
  if (!failure && !known) console.log(`ok      ${name}`);
  else if (failure && known) console.log(`differs ${name}: ${note}${process.env.WHY ? failure.stack : ""}`);
  else {
    process.exitCode = 1;
    console.log(`FAILED  ${name}: ${failure ? failure.stack ?? failure : `passes, although it is noted: ${note}`}`);
  }
};
