// A bucket from its creation to its end: each of its settings, what the API says of them afterwards, and its emptying.
import assert from "node:assert/strict";
import {
  CreateBucketCommand, CreateMultipartUploadCommand, GetBucketAclCommand, GetBucketCorsCommand, GetBucketEncryptionCommand, GetBucketNotificationConfigurationCommand, GetBucketPolicyCommand, GetBucketTaggingCommand,
  GetBucketVersioningCommand, GetBucketWebsiteCommand, GetObjectLockConfigurationCommand, GetPublicAccessBlockCommand, ListObjectVersionsCommand, PutBucketCorsCommand, PutObjectCommand, PutObjectLegalHoldCommand,
} from "@aws-sdk/client-s3";
import { at, end, look, markup, opened, run, s3 } from "./browser.mjs";

const bucket = `console-${run}`, ask = (Command, more = {}) => s3.send(new Command({ Bucket: bucket, ...more }));
const page = await opened("new-bucket");
await page.getByLabel("Name").fill(bucket);
await page.getByLabel("Object lock").check();
await page.getByRole("button", { name: "Create bucket" }).click();
await page.getByRole("status").filter({ hasText: "was created" }).waitFor();
await page.getByRole("link", { name: "Settings" }).click();
await look(page, "bucket-settings");

async function change(name, fill, { saved = true, picture } = {}) {
  await page.goto(`${at}/buckets/${bucket}/settings`);
  await page.getByRole("link", { name: `Change ${name}`, exact: true }).click();
  await fill();
  if (picture) await look(page, picture);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole(saved ? "status" : "alert").waitFor();
}

await change("quota", async () => {
  await page.getByLabel("At most").fill("5");
  await page.getByLabel("Unit").selectOption("GiB");
}, { picture: "quota" });
await page.locator("dd", { hasText: "5.0 GiB" }).waitFor();
await change("object lock", async () => {
  await page.getByLabel("Governance").check();
  await page.getByLabel("For how long").fill("");
}, { saved: false, picture: "object-lock" });
await page.getByLabel("For how long").fill("1");
await page.getByLabel("None").check();
await page.getByRole("button", { name: "Save" }).click();
await page.getByRole("status").waitFor();
assert.equal((await ask(GetObjectLockConfigurationCommand)).ObjectLockConfiguration.Rule, undefined);
await change("versioning", () => page.getByLabel("Suspended").check(), { saved: false });
await page.getByRole("alert").filter({ hasText: /lock/i }).waitFor();
assert.equal((await ask(GetBucketVersioningCommand)).Status, "Enabled");
await change("encryption", () => page.getByLabel("With a key of this server").check());
assert.equal((await ask(GetBucketEncryptionCommand)).ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm, "AES256");
await change("public access block", () => page.getByLabel("A public policy from being set").check(), { picture: "public-access" });
assert.deepEqual((await ask(GetPublicAccessBlockCommand)).PublicAccessBlockConfiguration, { BlockPublicAcls: false, IgnorePublicAcls: false, BlockPublicPolicy: true, RestrictPublicBuckets: false });

await change("policy", async () => {
  await page.getByRole("link", { name: "Anyone may read objects" }).click();
  await page.getByLabel("Policy document").filter({ hasText: "PublicRead" }).waitFor();
}, { saved: false, picture: "policy" });
await change("public access block", () => page.getByLabel("A public policy from being set").uncheck());
await assert.rejects(ask(GetPublicAccessBlockCommand), { name: "NoSuchPublicAccessBlockConfiguration" });
await change("policy", () => page.getByRole("link", { name: "Anyone may read objects" }).click());
assert.equal(JSON.parse((await ask(GetBucketPolicyCommand)).Policy).Statement[0].Sid, "PublicRead");
await page.locator("dd", { hasText: /^Yes$/ }).waitFor();
await change("policy", () => page.getByLabel("Policy document").fill('{\n  "Version": "2012-10-17",\n  oops\n}'), { saved: false });
await page.getByRole("alert").filter({ hasText: "line 3" }).waitFor();
assert.match(await page.getByLabel("Policy document").inputValue(), /oops/);
await page.getByLabel("Policy document").fill("");
await page.getByRole("button", { name: "Save" }).click();
await page.getByRole("status").waitFor();
await assert.rejects(ask(GetBucketPolicyCommand), { name: "NoSuchBucketPolicy" });
await change("objects belong to", () => page.getByLabel("Their writer").check());
await change("grants beside the owner’s", () => page.getByLabel("Everybody, to list", { exact: false }).first().check());
assert.equal((await ask(GetBucketAclCommand)).Grants.length, 2);

await ask(PutBucketCorsCommand, { CORSConfiguration: { CORSRules: [{ ID: "one", AllowedOrigins: ["https://a.example", "https://b.example"], AllowedMethods: ["GET", "PUT"], ExposeHeaders: ["ETag"], MaxAgeSeconds: 60 }] } });
await change("cors", async () => {
  const fresh = page.getByRole("group", { name: "New rule" });
  await fresh.getByLabel("Origins").fill("*");
  await fresh.getByLabel("HEAD", { exact: true }).check();
}, { picture: "cors" });
const { CORSRules: rules } = await ask(GetBucketCorsCommand);
assert.deepEqual(rules[0], { ID: "one", AllowedOrigins: ["https://a.example", "https://b.example"], AllowedMethods: ["GET", "PUT"], ExposeHeaders: ["ETag"], MaxAgeSeconds: 60 });
assert.deepEqual([rules[1].AllowedOrigins, rules[1].AllowedMethods], [["*"], ["HEAD"]]);
await change("tags", async () => {
  await page.getByRole("group", { name: "New tag" }).first().getByLabel("Name").fill("team");
  await page.getByRole("group", { name: "New tag" }).first().getByLabel("Value").fill("a b");
});
assert.deepEqual((await ask(GetBucketTaggingCommand)).TagSet, [{ Key: "team", Value: "a b" }]);
await change("notifications", async () => {
  await page.getByLabel("Target").fill("arn:aws:sqs:us-east-1:000000000001:nobody");
  await page.getByLabel("Written").check();
}, { saved: false, picture: "notifications" });
assert.equal((await ask(GetBucketNotificationConfigurationCommand)).QueueConfigurations, undefined);
await change("website", async () => {
  await page.getByLabel("Page of a folder").fill("index.html");
  await page.getByLabel("Page for errors").fill("404.html");
});
assert.equal((await ask(GetBucketWebsiteCommand)).ErrorDocument.Key, "404.html");
// Of its own: what is logged comes when it comes.
await ask(CreateBucketCommand, { Bucket: `${bucket}-log` });
await change("access log", () => page.getByLabel("Write to the bucket").fill(`${bucket}-log`));
await change("direct reads", () => page.getByLabel("From so many MiB on").fill("8"));
await change("who pays", () => page.getByLabel("Whoever asks").check());
await change("who pays", () => page.getByLabel("The bucket’s owner").check());
await change("access log", () => page.getByLabel("Write to the bucket").fill(""));
await look(page, "bucket-settings-full");

// Emptying: all but what is on hold, then the rest.
const puts = Array.from({ length: 300 }, (_, i) => ask(PutObjectCommand, { Key: `logs/${i}`, Body: "x" }));
puts.push(ask(PutObjectCommand, { Key: markup, Body: "x" }), ask(PutObjectCommand, { Key: "held", Body: "x" }), ask(CreateMultipartUploadCommand, { Key: "begun" }));
await Promise.all(puts);
await ask(PutObjectLegalHoldCommand, { Key: "held", LegalHold: { Status: "ON" } });
// A client that had no answer has put a key twice.
const { Versions: all } = await ask(ListObjectVersionsCommand);
assert.ok(all.length >= 302);
await page.goto(`${at}/buckets/${bucket}/settings`);
await page.getByRole("link", { name: "Empty bucket…" }).click();
await page.getByLabel("Type the bucket’s name").fill("another");
await page.getByRole("button", { name: "Remove everything" }).click();
await page.getByRole("alert").filter({ hasText: "not its name" }).waitFor();
await look(page, "empty-bucket");
await page.getByLabel("Type the bucket’s name").fill(bucket);
await page.getByRole("button", { name: "Remove everything" }).click();
await page.getByText(new RegExp(`^${all.length - 1} versions removed \\(${all.length - 1} bytes\\), \\d unfinished uploads? ended, 1 kept`)).waitFor({ timeout: 180_000 });
await page.getByRole("heading", { name: "Emptied" }).waitFor();
await look(page, "bucket-emptied");
const { Versions: left } = await ask(ListObjectVersionsCommand);
assert.deepEqual(left.map((version) => version.Key), ["held"]);
await ask(PutObjectLegalHoldCommand, { Key: "held", LegalHold: { Status: "OFF" } });
await page.getByLabel("Type the bucket’s name").fill(bucket);
await page.getByRole("button", { name: "Remove everything" }).click();
await page.getByRole("link", { name: "Delete the bucket, too…" }).click();
await page.getByLabel("Type the bucket’s name").fill(bucket);
await page.getByRole("button", { name: "Delete bucket" }).click();
await page.getByRole("status").filter({ hasText: "was deleted" }).waitFor();
await end();
