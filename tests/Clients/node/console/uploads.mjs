// Files and folders sent by a browser: a large one over a connection that is cut, paused and resumed, a folder, a drop, names that are taken, what is refused, a page that is left.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, open as openFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { CreateBucketCommand, DeleteBucketPolicyCommand, GetObjectCommand, HeadObjectCommand, ListMultipartUploadsCommand, ListObjectsV2Command, PutBucketPolicyCommand } from "@aws-sdk/client-s3";
import { Relay } from "./cut.mjs";

const MiB = 1 << 20, { CONSOLE, ENDPOINT } = process.env, large = Number(process.env.LARGE_MIB ?? 300) * MiB;
// By HTTPS both are at one port, and the console may be on another host.
const objects = CONSOLE.startsWith("https:") ? `127.0.0.1:${new URL(CONSOLE).port}` : new URL(ENDPOINT).host;
const relay = await Relay.to(`http://${objects}`);
process.env.CHROMIUM_ARGS = `--host-resolver-rules=MAP ${objects} 127.0.0.1:${relay.port}`;
const { at, end, expected, look, opened, run, s3 } = await import("./browser.mjs");

const Bucket = `uploads-${run}`, folder = await mkdtemp(path.join(tmpdir(), "uploads-"));
const file = (name) => path.join(folder, name);
const sha = async (stream) => { const hash = createHash("sha256"); for await (const bytes of stream) hash.update(bytes); return hash.digest("hex"); };
const stored = async (Key) => sha((await s3.send(new GetObjectCommand({ Bucket, Key }))).Body);
const until = async (condition, what) => { for (const limit = Date.now() + 180_000; !await condition();) { assert.ok(Date.now() < limit, what); await new Promise((done) => setTimeout(done, 20)); } };
const unfinished = async () => (await s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? [];
const fill = async (name, size) => { const to = await openFile(file(name), "w"); for (let i = 0; i < size; i += MiB) await to.write(randomBytes(Math.min(MiB, size - i))); await to.close(); };

await s3.send(new CreateBucketCommand({ Bucket }));
const page = await opened(`buckets/${Bucket}`);
const list = page.getByRole("list", { name: "Files" }), choose = page.getByLabel("Choose files");
await look(page, "upload-empty");

// Sent over a connection that a person pauses, and somebody cuts.
await fill("film.mp4", large);
const mine = await sha(createReadStream(file("film.mp4")));
relay.limit = large * 0.2;
await choose.setInputFiles(file("film.mp4"));
await until(() => relay.through >= relay.limit, "a fifth is sent");
await look(page, "uploading");
await page.getByRole("button", { name: "Pause" }).click();
await list.getByText(/Paused at/).waitFor();
await look(page, "upload-paused");
relay.limit = relay.through + large * 0.3;
const paused = relay.through;
await page.getByRole("button", { name: "Resume" }).click();
await until(() => relay.through >= relay.limit, "half is sent");
assert.ok(relay.through > paused);
expected.push(/ERR_CONNECTION_(RESET|CLOSED)|ERR_SOCKET_NOT_CONNECTED|ERR_EMPTY_RESPONSE/);
relay.cut();
await list.getByText(/Connection lost/).waitFor();
await look(page, "upload-cut");
assert.equal((await unfinished()).length, 1);
relay.limit = Infinity;
relay.mend();
await page.getByRole("status").filter({ hasText: "1 file was uploaded" }).waitFor();
assert.equal(await stored("film.mp4"), mine);
assert.match((await s3.send(new HeadObjectCommand({ Bucket, Key: "film.mp4" }))).ContentType, /^video\/mp4/);
// What had arrived was not sent again: but for the parts that pause and cut broke off.
assert.ok(relay.through < large + 100 * MiB, `${relay.through / MiB} MiB were sent for ${large / MiB}`);
await page.getByRole("link", { name: "film.mp4" }).waitFor();

// A page that is left in the middle; the same file goes on.
const fresh = () => page.goto(`${at}/buckets/${Bucket}`);
await fresh();
await fill("again.bin", 60 * MiB);
relay.limit = relay.through + 40 * MiB;
await choose.setInputFiles(file("again.bin"));
await until(() => relay.through >= relay.limit, "two thirds are sent");
page.removeAllListeners("dialog");
const asked = new Promise((done) => page.once("dialog", (dialog) => { done(dialog.type()); relay.limit = Infinity; dialog.accept(); }));
await page.reload();
assert.equal(await asked, "beforeunload");
assert.equal((await unfinished()).length, 1);
const before = relay.through;
await choose.setInputFiles(file("again.bin"));
await page.getByRole("status").filter({ hasText: "1 file was uploaded" }).waitFor();
assert.equal(await stored("again.bin"), await sha(createReadStream(file("again.bin"))));
assert.ok(relay.through - before < 58 * MiB, `${(relay.through - before) / MiB} MiB were sent once more`);

// What is cancelled leaves nothing.
await fill("no.bin", 40 * MiB);
relay.limit = relay.through + 20 * MiB;
await choose.setInputFiles(file("no.bin"));
await until(() => relay.through >= relay.limit, "half is sent");
await page.getByRole("button", { name: "Cancel no.bin" }).click();
await list.getByText("Cancelled").waitFor();
relay.limit = Infinity;
await until(async () => (await unfinished()).length === 0, "the upload is aborted");
await fresh();

// A folder of a folder, by the button; names that are markup.
const markup = `<img src=x onerror="document.title='owned'">&amp;.txt`;
await mkdir(file("trip/day one"), { recursive: true });
for (const name of ["a.txt", "day one/b.html", "day one/ü #?%20.svg", markup, "empty"]) await writeFile(path.join(file("trip"), name), name === "empty" ? "" : `it is ${name}`);
await page.getByLabel("Choose a folder").setInputFiles(file("trip"));
await page.getByRole("status").filter({ hasText: "5 files were uploaded" }).waitFor();
const keys = async (Prefix) => ((await s3.send(new ListObjectsV2Command({ Bucket, Prefix }))).Contents ?? []).map((each) => each.Key).sort();
assert.deepEqual(await keys("trip/"), ["a.txt", "day one/b.html", "day one/ü #?%20.svg", markup, "empty"].map((name) => `trip/${name}`).sort());
assert.match((await s3.send(new HeadObjectCommand({ Bucket, Key: "trip/day one/b.html" }))).ContentType, /^text\/html/);

// Names that are taken: nothing is overwritten unasked.
await fresh();
await writeFile(path.join(file("trip"), "a.txt"), "another");
await page.getByLabel("Choose a folder").setInputFiles(file("trip"));
await page.getByText("5 already there").waitFor();
await look(page, "upload-taken");
assert.equal(await (await s3.send(new GetObjectCommand({ Bucket, Key: "trip/a.txt" }))).Body.transformToString(), "it is a.txt");
await page.getByRole("button", { name: "Skip trip/empty" }).click();
await page.getByRole("button", { name: "Replace all" }).click();
await page.getByRole("status").filter({ hasText: "4 files were uploaded" }).waitFor();
assert.equal(await (await s3.send(new GetObjectCommand({ Bucket, Key: "trip/a.txt" }))).Body.transformToString(), "another");

// A new folder, and a drop into it.
await page.getByText("New folder").click();
await page.getByLabel("Name", { exact: true }).fill("dropped <b>here</b>");
await page.getByRole("button", { name: "Create folder" }).click();
await page.getByRole("status").filter({ hasText: "folder was created" }).waitFor();
const session = await page.context().newCDPSession(page);
const data = { items: [], files: [file("trip"), file("again.bin")], dragOperationsMask: 1 };
for (const type of ["dragEnter", "dragOver", "drop"]) await session.send("Input.dispatchDragEvent", { type, x: 600, y: 400, data });
await page.getByRole("status").filter({ hasText: "6 files were uploaded" }).waitFor();
assert.deepEqual(await keys("dropped <b>here</b>/"), ["", "again.bin", "trip/a.txt", "trip/day one/b.html", "trip/day one/ü #?%20.svg", `trip/${markup}`, "trip/empty"].map((name) => `dropped <b>here</b>/${name}`).sort());

// The folder leads to where it is emptied, by its name.
await page.getByRole("link", { name: "Empty this folder…" }).click();
await page.getByText("dropped <b>here</b>/").first().waitFor();

// What may not be written is told, and goes once it may.
await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: "2012-10-17", Statement: { Effect: "Deny", Principal: "*", Action: "s3:PutObject", Resource: `arn:aws:s3:::${Bucket}/*` } }) }));
await writeFile(file("small.txt"), "small");
await fresh();
const refused = async () => {
  await choose.setInputFiles([file("small.txt"), file("no.bin")]);
  await page.getByText("2 failed").waitFor();
};
await until(async () => { await refused(); return await list.getByText(/You may not/).count() === 2; }, "both are refused");
await look(page, "upload-refused");
await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
await until(async () => {
  await page.getByRole("button", { name: "Retry all" }).click({ timeout: 1000 }).catch(() => {});
  return await page.getByRole("status").filter({ hasText: "files were uploaded" }).count() > 0;
}, "both are sent");
assert.equal(await stored("no.bin"), await sha(createReadStream(file("no.bin"))));
assert.deepEqual(await unfinished(), []);
await rm(folder, { recursive: true });
await end();
