// Objects found by what they are, with completion, and searches that are kept.
import assert from "node:assert/strict";
import { CreateBucketCommand, DeleteObjectCommand, PutBucketVersioningCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { at, end, look, markup, opened, run, s3 } from "./browser.mjs";

const bucket = `search-${run}`;
await s3.send(new CreateBucketCommand({ Bucket: bucket }));
await s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: "Enabled" } }));
const put = (Key, more) => s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: "x", ...more }));
await Promise.all([
  ...Array.from({ length: 120 }, (_, i) => put(`many/${i}`, { Metadata: { color: i % 2 ? "blue" : "red" } })),
  put("2026/beach.JPG", { Tagging: "project=apollo", ContentType: "image/jpeg" }), put(markup, { Tagging: "project=apollo" }),
]);
await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: "2026/beach.JPG" }));

const page = await opened("search");
await page.getByLabel("Bucket").selectOption(bucket);
const field = page.getByRole("combobox", { name: "What objects are to be like" });
await field.pressSequentially("x-amz-m");
await page.getByRole("option", { name: "x-amz-meta-" }).waitFor();
await look(page, "search-completion");
await field.press("ArrowDown");
await field.press("Enter");
assert.equal(await field.inputValue(), "x-amz-meta-");
await field.pressSequentially('color = "bl');
assert.equal(await page.getByRole("listbox").isVisible(), false);
await field.pressSequentially('ue" an');
await page.getByRole("option", { name: "AND" }).click();
await field.pressSequentially("content-length = 1");
await field.press("Escape");
await field.press("Enter");
await page.getByRole("heading", { name: `Found in ${bucket}` }).waitFor();
assert.equal(await field.inputValue(), 'x-amz-meta-color = "blue" AND content-length = 1');
assert.equal(await page.locator("tbody tr").count(), 60);
await page.getByLabel("Keep this search as").fill(`<b>blue</b> ${run}`);
await page.getByRole("button", { name: "Save" }).click();
await page.getByRole("status").filter({ hasText: `<b>blue</b> ${run}` }).waitFor();
await look(page, "search-found");

await page.goto(`${at}/buckets/${bucket}`);
await page.getByRole("navigation", { name: "Bucket" }).getByRole("link", { name: "Search" }).click();
await field.fill('tags.project = "apollo"');
await field.press("Enter");
await page.getByRole("link", { name: markup }).waitFor();
assert.equal(await page.getByRole("region", { name: "What was found" }).locator("tbody tr").count(), 1);
await page.getByLabel("Older versions, too").check();
await field.press("Enter");
await page.getByRole("link", { name: "2026/beach.JPG" }).waitFor();
await page.getByText("Older", { exact: true }).waitFor();
await look(page, "search-versions");

await field.fill("nonsense ==");
await field.press("Enter");
await page.getByRole("alert").filter({ hasText: "cannot be searched for" }).waitFor();
await look(page, "search-refused");
await page.getByRole("link", { name: `<b>blue</b> ${run}` }).click();
await page.getByRole("heading", { name: `Found in ${bucket}` }).waitFor();
await page.getByRole("button", { name: `Remove <b>blue</b> ${run}` }).click();
await page.getByRole("link", { name: `<b>blue</b> ${run}` }).waitFor({ state: "detached" });
await field.fill('content-length > 7');
await field.press("Enter");
await page.getByRole("heading", { name: "Nothing was found" }).waitFor();
await end();
