// Objects on the move: a location is added and checked, workflows copy, move and delete, what failed is sent again, a verification proves it, a bucket mirrors another.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { CreateBucketCommand, GetBucketLifecycleConfigurationCommand, GetBucketReplicationCommand, HeadObjectCommand, ListObjectsV2Command, PutBucketLifecycleConfigurationCommand, PutBucketVersioningCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { accessKeyId, at, end, endpoint, look, markup, opened, run, s3, secretAccessKey } from "./browser.mjs";

const [source, target, outside, mirror] = ["moved", "copies", "outside", "mirror"].map((name) => `${name}-${run}`);
const [site, ring] = ["site", "ring"].map((name) => `${name}-${run}`);
for (const Bucket of [source, target, outside]) await s3.send(new CreateBucketCommand({ Bucket }));
for (const Bucket of [target, outside]) await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
const put = (Bucket, Key, Body = "its bytes") => s3.send(new PutObjectCommand({ Bucket, Key, Body }));

/** Loads a page again until something is on it. */
async function until(page, what, seconds = 180) {
  for (const over = Date.now() + seconds * 1000; ; await new Promise((later) => setTimeout(later, 500))) {
    if (await page.locator(what).count() > 0) return;
    assert.ok(Date.now() < over, `${what} did not come to be at ${page.url()}: ${await page.locator("main").innerText()}`);
    await page.reload();
  }
}
const status = (page) => page.getByRole("status");

// A location, with a secret that is wrong at first.
const page = await opened("locations");
await look(page, "movement-locations");
await page.getByRole("link", { name: "Add location" }).first().click();
await look(page, "movement-location-types");
await page.getByRole("link", { name: "Anything else that speaks S3" }).click();
await page.getByLabel("Name", { exact: true }).fill(site);
await page.getByLabel("Address").fill(endpoint);
await page.getByRole("textbox", { name: "Bucket" }).fill(target);
await page.getByLabel("Access key").fill(accessKeyId);
await page.getByLabel("Secret key").fill("it is another");
await page.getByRole("button", { name: "Check first" }).click();
await page.getByRole("heading", { name: "It does not work yet" }).waitFor();
assert.equal(await page.getByLabel("Secret key").inputValue(), "it is another", "what was typed stays");
await look(page, "movement-location-wrong");
await page.getByLabel("Secret key").fill(secretAccessKey);
await page.getByRole("button", { name: "Check first" }).click();
await page.getByRole("heading", { name: "It works" }).waitFor();
await look(page, "movement-location-right");
// Nothing was kept of a check.
await page.goto(`${at}/locations/${site}`);
await page.getByRole("heading", { name: "There is no such location" }).waitFor();
await page.goto(`${at}/new-location?type=s3`);
await page.getByLabel("Name", { exact: true }).fill(site);
await page.getByLabel("Address").fill(endpoint);
await page.getByRole("textbox", { name: "Bucket" }).fill(target);
await page.getByLabel("Access key").fill(accessKeyId);
await page.getByLabel("Secret key").fill("it is another");
await page.getByRole("button", { name: "Add location" }).click();
await status(page).filter({ hasText: "was added" }).waitFor();
await look(page, "movement-location");

// A workflow that copies: what it does is told before, and what fails says why.
await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Workflows" }).click();
await look(page, "movement-workflows-first");
await page.goto(`${at}/new-workflow`);
await look(page, "movement-new-workflow");
await page.getByRole("link", { name: "Copy" }).click();
await page.getByLabel("Bucket", { exact: true }).fill(source);
await page.getByLabel("Names begin with").fill("papers/");
for (const box of await page.getByRole("group", { name: "Copy to" }).getByRole("checkbox").all()) await box.uncheck();
await page.getByRole("button", { name: "What will it do?" }).click();
await page.getByRole("alert").filter({ hasText: "at least one location" }).waitFor();
await page.getByLabel(site, { exact: true }).check();
await page.getByRole("button", { name: "What will it do?" }).click();
await page.getByText(`Objects under papers/ are copied to ${site} when they are written, and deletions, too.`).waitFor();
await look(page, "movement-replication-rule");
await page.getByRole("button", { name: "Save workflow" }).click();
await status(page).filter({ hasText: "was saved" }).waitFor();
const [copied] = (await s3.send(new GetBucketReplicationCommand({ Bucket: source }))).ReplicationConfiguration.Rules;
assert.deepEqual([copied.Filter.Prefix, copied.Status, copied.Destination.StorageClass, copied.DeleteMarkerReplication.Status], ["papers/", "Enabled", site, "Enabled"]);
await Promise.all([put(source, "papers/one"), put(source, "papers/two"), put(source, `papers/${markup}`)]);
await page.goto(`${at}/replication/failed?site=${site}&bucket=${source}`);
await until(page, "tbody tr:nth-child(3)");
await look(page, "movement-failed");

// The secret is set right, and one, then all are sent again.
await page.goto(`${at}/locations/${site}`);
await page.getByRole("link", { name: "Change", exact: true }).click();
await page.getByRole("button", { name: "Check first" }).click();
await page.getByRole("heading", { name: "It does not work yet" }).waitFor();
await page.getByLabel("Secret key").fill(secretAccessKey);
await page.getByText("Advanced").click();
await page.getByLabel("Size limit in GB").fill("500");
await look(page, "movement-location-edit");
await page.getByRole("button", { name: "Save" }).click();
await status(page).filter({ hasText: "was changed" }).waitFor();
await page.getByRole("link", { name: "Change", exact: true }).click();
await page.getByLabel("Bandwidth").fill("100000000");
await page.getByRole("button", { name: "Save" }).click();
await status(page).filter({ hasText: "was changed" }).waitFor();
await page.getByRole("button", { name: "Check now" }).click();
await page.getByRole("heading", { name: "It works" }).waitFor();
await page.goto(`${at}/replication/failed?site=${site}`);
await page.getByRole("button", { name: "Send again papers/one" }).click();
await status(page).filter({ hasText: "Sent again: 1 of 1" }).waitFor();
await page.getByRole("button", { name: "Send all again" }).click();
await status(page).filter({ hasText: "You can leave this page" }).or(page.locator(".tag.good")).first().waitFor();
await until(page, ".tag.good");
await page.getByRole("heading", { name: "Send failed copies again" }).waitFor();
for (const Key of ["papers/one", "papers/two", `papers/${markup}`]) {
  for (const over = Date.now() + 180_000; (await s3.send(new HeadObjectCommand({ Bucket: source, Key }))).ReplicationStatus !== "COMPLETED"; await new Promise((later) => setTimeout(later, 300))) assert.ok(Date.now() < over, `${Key} was not copied`);
}
await look(page, "movement-task");

// A verification, and its report.
await page.goto(`${at}/workflows?bucket=${source}`);
await page.getByRole("link", { name: "Verify…" }).click();
assert.equal(await page.getByLabel("Location", { exact: true }).inputValue(), site);
await page.getByLabel("Read and compare all bytes").check();
await look(page, "movement-new-task");
await page.getByRole("button", { name: "Start" }).click();
await until(page, "text=Read the report");
await page.getByRole("link", { name: "Read the report" }).click();
await page.getByText("Complete: each of").waitFor();
await look(page, "movement-report");
const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download as JSON" }).click()]);
const report = JSON.parse(await readFile(await download.path(), "utf8"));
assert.deepEqual([report.bucket, report.site, report.isComplete, report.signature.alg], [source, site, true, "ES256"]);
await page.goto(`${at}/reports?bucket=${source}`);
assert.equal(await page.locator("tbody tr").count(), 1);
await look(page, "movement-reports");
await page.goto(`${at}/new-task?purpose=verify&bucket=${source}&site=${site}`);
await page.getByLabel("When").selectOption("24");
await page.getByRole("button", { name: "Start" }).click();
await status(page).filter({ hasText: "the timer is set" }).waitFor();
await look(page, "movement-timers");
await page.getByRole("button", { name: `Remove Verify copies, ${source} to ${site}` }).click();
await status(page).filter({ hasText: "The timer was removed" }).waitFor();
await page.goto(`${at}/tasks?bucket=${source}`);
await look(page, "movement-tasks");

// What another client put is shown, and not damaged when some of it is changed.
const theirs = { ID: "theirs <b>", Status: "Enabled", Filter: { And: { Prefix: " logs/", Tags: [{ Key: "a=b", Value: "c" }], ObjectSizeGreaterThan: 1048576 } }, Expiration: { Days: 400 }, Transitions: [{ Days: 30, StorageClass: "STANDARD_IA" }, { Days: 90, StorageClass: "GLACIER" }] };
await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket: source, LifecycleConfiguration: { Rules: [theirs] } }));
await page.goto(`${at}/workflows?bucket=${source}&kind=lifecycle`);
await page.getByText("larger than 1.0 MiB are deleted 400 days after they were written").waitFor();
await page.getByRole("link", { name: "Change theirs" }).click();
await page.getByText("1 more move").waitFor();
await page.getByLabel("Days after they were written").last().fill("500");
await look(page, "movement-lifecycle-theirs");
await page.getByRole("button", { name: "Save workflow" }).click();
await status(page).filter({ hasText: "was saved" }).waitFor();
const rules = async () => (await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket: source }))).Rules;
assert.deepEqual(await rules(), [{ ...theirs, Expiration: { Days: 500 } }]);

// One of our own, switched off and on, and deleted.
await page.goto(`${at}/workflows/lifecycle?for=delete&bucket=${source}`);
await page.getByLabel("Names begin with").fill("tmp/");
await page.getByLabel("Days after they were written").fill("30");
await page.getByLabel("Days after they were replaced").fill("7");
await page.getByRole("button", { name: "What will it do?" }).click();
await page.getByText("Objects under tmp/ are deleted 30 days after they were written.").waitFor();
await look(page, "movement-lifecycle-rule");
await page.getByRole("button", { name: "Save workflow" }).click();
await status(page).filter({ hasText: "was saved" }).waitFor();
await page.goto(`${at}/workflows/lifecycle?for=move&bucket=${source}`);
await page.getByLabel("To", { exact: true }).first().selectOption(site);
await page.getByRole("button", { name: "Save workflow" }).click();
await page.getByRole("alert").filter({ hasText: "after how many days" }).waitFor();
await page.getByLabel("Days after they were written").fill("60");
await page.getByRole("button", { name: "Save workflow" }).click();
await status(page).filter({ hasText: "was saved" }).waitFor();
const ours = (await rules()).find((rule) => rule.Filter.Prefix === "tmp/").ID;
await page.getByRole("button", { name: `Switch off ${ours}` }).click();
await status(page).filter({ hasText: "is off" }).waitFor();
assert.equal((await rules()).find((rule) => rule.ID === ours).Status, "Disabled");
await look(page, "movement-workflows");
await page.getByRole("link", { name: `Delete… ${ours}` }).click();
await look(page, "movement-workflow-delete");
await page.getByRole("button", { name: `Delete ${ours}` }).click();
await status(page).filter({ hasText: "was deleted" }).waitFor();
assert.deepEqual((await rules()).map((rule) => rule.ID).includes(ours), false);

// A pause that ends by itself, taken back.
await page.goto(`${at}/locations/${site}`);
await page.getByLabel("Replication: until").selectOption("6");
await page.getByRole("button", { name: "Pause Replication" }).click();
await page.getByText("Paused until").waitFor();
await look(page, "movement-location-paused");
await page.getByRole("button", { name: "Keep paused Replication" }).click();
await page.getByText("Paused", { exact: true }).waitFor();
await page.getByRole("button", { name: "Resume Replication" }).click();
await status(page).filter({ hasText: "It goes on" }).waitFor();
await page.goto(`${at}/replication`);
await look(page, "movement-replication");

// A bucket that mirrors another.
await put(outside, "from elsewhere.txt");
await page.goto(`${at}/new-location?type=s3`);
await page.getByLabel("Name", { exact: true }).fill(ring);
await page.getByLabel("Address").fill(endpoint);
await page.getByRole("textbox", { name: "Bucket" }).fill(outside);
await page.getByLabel("Access key").fill(accessKeyId);
await page.getByLabel("Secret key").fill(secretAccessKey);
await page.getByLabel("Write objects without prefix").check();
await page.getByRole("button", { name: "Add location" }).click();
await status(page).filter({ hasText: "was added" }).waitFor();
await page.goto(`${at}/new-bucket`);
await page.getByLabel("Name").fill(mirror);
await page.getByLabel("Location").selectOption(`${ring}:ingest`);
await page.getByRole("button", { name: "Create bucket" }).click();
await status(page).filter({ hasText: "was created" }).waitFor();
await page.goto(`${at}/mirrors`);
await page.getByRole("button", { name: `Compare now ${mirror}` }).click();
await status(page).filter({ hasText: "is being compared" }).waitFor();
await until(page, `tr:has-text("${mirror}"):has-text("Up to date")`);
await look(page, "movement-mirrors");
assert.deepEqual((await s3.send(new ListObjectsV2Command({ Bucket: mirror }))).Contents.map((object) => object.Key), ["from elsewhere.txt"]);
await page.goto(`${at}/locations/${ring}`);
await page.getByText("mirrors it").waitFor();

// What is needed stays; what is not goes by its name.
await page.goto(`${at}/locations/${site}`);
await page.getByRole("link", { name: "Remove location…" }).click();
await page.getByLabel("Type the location’s name").fill("another");
await page.getByRole("button", { name: "Remove location" }).click();
await page.getByRole("alert").filter({ hasText: "not its name" }).waitFor();
await page.getByLabel("Type the location’s name").fill(site);
await page.getByRole("button", { name: "Remove location" }).click();
await page.getByRole("alert").filter({ hasText: source }).waitFor();
await look(page, "movement-location-remove");
for (const kind of ["replication", "lifecycle"]) {
  await page.goto(`${at}/workflows?bucket=${source}&kind=${kind}`);
  while (await page.getByRole("link", { name: "Delete…" }).count() > 0) {
    await page.getByRole("link", { name: "Delete…" }).first().click();
    await page.getByRole("button", { name: /^Delete / }).click();
    await status(page).filter({ hasText: "was deleted" }).waitFor();
    await page.goto(`${at}/workflows?bucket=${source}&kind=${kind}`);
  }
}
await page.goto(`${at}/locations/${site}/remove`);
await page.getByLabel("Type the location’s name").fill(site);
await page.getByRole("button", { name: "Remove location" }).click();
await status(page).filter({ hasText: "was removed" }).waitFor();
await end();
