// The first hour of a person with a new server: sign-in, the first bucket, objects whose names are markup, versions, download, deletion, sign-out.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { PutObjectCommand, DeleteObjectCommand } from "@aws-sdk/client-s3";
import { accessKeyId, ask, at, end, endpoint, look, markup, open, s3, secretAccessKey, signIn } from "./browser.mjs";

const page = await open();
await page.goto(`${at}/buckets?q=photo`);
await look(page, "sign-in");
await signIn(page, accessKeyId, "not the secret");
await page.getByRole("alert").waitFor();
await signIn(page);
await page.getByRole("heading", { name: "Buckets", exact: true }).waitFor();
assert.equal(new URL(page.url()).search, "?q=photo");

await page.getByRole("link", { name: "Dashboard" }).click();
await look(page, "dashboard-empty");
await page.getByRole("link", { name: "Create your first bucket" }).click();
await page.getByLabel("Name").fill("holiday-photos");
await page.getByLabel("Encrypt at rest").check();
await look(page, "new-bucket");
await page.getByRole("button", { name: "Create bucket" }).click();
await page.getByRole("status").filter({ hasText: "was created" }).waitFor();
await look(page, "bucket-empty");

for (const bucket of ["backups", "website-assets", "logs-2026"]) {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Buckets" }).click();
  await page.getByRole("link", { name: "New bucket" }).click();
  await page.getByLabel("Name").fill(bucket);
  await page.getByRole("button", { name: "Create bucket" }).click();
  await page.getByRole("status").filter({ hasText: "was created" }).waitFor();
}
const put = (Bucket, Key, size, more = {}) => s3.send(new PutObjectCommand({ Bucket, Key, Body: Buffer.alloc(size, "x"), ...more }));
await Promise.all([
  put("holiday-photos", "2026/summer/beach.jpg", 2_345_678, { ContentType: "image/jpeg", Metadata: { camera: "<b>X100</b>", place: "Brittany" }, Tagging: "year=2026&rating=5" }),
  put("holiday-photos", "2026/winter/snow.jpg", 1_234_567, { ContentType: "image/jpeg" }),
  put("holiday-photos", "index.html", 512, { ContentType: "text/html" }),
  put("holiday-photos", "notes/a very long name that goes on and on so that a table has to break it somewhere, as names of objects do.txt", 99),
  put("holiday-photos", markup, 77, { ContentType: "text/html", Metadata: { note: markup } }),
  put("backups", "database.dump", 9_876_543),
  put("website-assets", "style.css", 4_321),
  ...Array.from({ length: 120 }, (_, i) => put("logs-2026", `access/${String(i).padStart(3, "0")}.log`, 1000 + i)),
]);
await put("holiday-photos", "index.html", 640, { ContentType: "text/html" });
await s3.send(new DeleteObjectCommand({ Bucket: "holiday-photos", Key: "2026/winter/snow.jpg" }));

await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Buckets" }).click();
await look(page, "buckets");
await page.getByRole("link", { name: "Stored" }).click();
await page.getByRole("link", { name: "Stored" }).click();
assert.match(await page.locator("tbody tr").first().innerText(), /backups/);
await page.getByLabel("Filter by name").fill("photo");
await page.getByRole("button", { name: "Filter" }).click();
assert.equal(await page.locator("tbody tr").count(), 1);
await page.getByRole("link", { name: "holiday-photos" }).click();
assert.equal(await page.locator("tbody tr").count(), 4);
await look(page, "objects");
await page.getByRole("link", { name: markup }).click();
await page.getByRole("heading", { name: markup }).waitFor();
await look(page, "object-markup");
await page.goBack();
await page.getByRole("switch", { name: "Show versions" }).click();
assert.equal(await page.getByRole("switch").getAttribute("aria-checked"), "true");
assert.equal(await page.getByRole("link", { name: "index.html" }).count(), 2);
await look(page, "versions");
await page.getByRole("switch").click();
await page.getByRole("link", { name: "2026/" }).click();
await page.getByRole("link", { name: "summer/" }).click();
await page.getByRole("link", { name: "beach.jpg" }).click();
await look(page, "object");
const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download" }).click()]);
assert.equal(download.suggestedFilename(), "beach.jpg");
assert.equal((await readFile(await download.path())).length, 2_345_678);
assert.equal(new URL(download.url()).origin, new URL(endpoint).origin);

await page.goto(`${at}/buckets/logs-2026?prefix=access/`);
assert.equal(await page.locator("tbody tr").count(), 100);
await page.getByRole("link", { name: "Next" }).click();
assert.equal(await page.locator("tbody tr").count(), 20);
await page.goto(`${at}/buckets/holiday-photos`);
await page.getByRole("link", { name: "Settings" }).click();
await look(page, "settings");
await page.getByRole("link", { name: "Delete bucket…" }).click();
await page.getByLabel("Type the bucket’s name").fill("holiday");
await page.getByRole("button", { name: "Delete bucket" }).click();
await page.getByRole("alert").filter({ hasText: "not its name" }).waitFor();
await page.getByLabel("Type the bucket’s name").fill("holiday-photos");
await page.getByRole("button", { name: "Delete bucket" }).click();
await page.getByRole("alert").filter({ hasText: "not empty" }).waitFor();
await look(page, "delete");
await page.getByRole("link", { name: "Locations" }).click();
await look(page, "locations");
await page.getByRole("link", { name: "Replication", exact: true }).click();
await look(page, "replication-empty");
const added = await ask("POST", "/_/management/locations", { name: "paris", locationType: "location-s3-v1", details: { accessKey: accessKeyId, secretKey: secretAccessKey, bucketName: "backups", endpoint } });
assert.equal(added.status, 201, await added.text());
await page.reload();
await page.getByRole("button", { name: "Pause paris" }).click();
await page.getByRole("status").filter({ hasText: "paris is paused" }).waitFor();
await look(page, "replication");
await page.getByRole("link", { name: "None today" }).click();
await page.getByRole("heading", { name: "None", exact: true }).waitFor();
await page.getByRole("link", { name: "Dashboard" }).click();
await page.getByText("paris is paused for replication").waitFor();
await look(page, "dashboard-attention");
await page.getByRole("link", { name: "To replication" }).click();
await page.getByRole("button", { name: "Resume paris" }).click();
await page.getByRole("status").filter({ hasText: "paris goes on" }).waitFor();
await page.getByRole("link", { name: "Dashboard" }).click();
await page.getByText("Largest buckets").waitFor();
await look(page, "dashboard");
await page.goto(`${at}/buckets/nowhere`);
await look(page, "problem");

// Without a mouse: the first stop leads past the navigation.
await page.goto(`${at}/buckets`);
await page.keyboard.press("Tab");
assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to content");
await page.keyboard.press("Enter");
assert.equal(await page.evaluate(() => document.activeElement.id), "main");

await page.getByRole("button", { name: "Sign out" }).click();
await page.getByRole("heading", { name: "Sign in", exact: true }).waitFor();
await page.goBack();
await page.reload();
await page.getByRole("heading", { name: "Sign in", exact: true }).waitFor();
await end();
