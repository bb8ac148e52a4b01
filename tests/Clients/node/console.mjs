// Drives the console as a person does: sign-in, the first bucket, objects whose names are markup, versions, download, deletion, sign-out.
// Every page is looked at by axe, and none may break the policy that it came with. SHOTS names a directory for pictures of all of it.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import aws4 from "aws4";
import { chromium } from "playwright-core";
import { S3Client, PutObjectCommand, DeleteObjectCommand } from "@aws-sdk/client-s3";

const { CONSOLE: at, ENDPOINT: endpoint, ACCESS_KEY: accessKeyId, SECRET_KEY: secretAccessKey, SHOTS: shots, CHROMIUM = "/usr/bin/chromium" } = process.env;
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const s3 = new S3Client({ endpoint, region: "us-east-1", forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });
const markup = `<img src=x onerror="document.title='owned'"><svg onload="document.title='owned'"><script>document.title='owned'.html`;

const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, acceptDownloads: true, reducedMotion: "reduce" });
const page = await context.newPage();
page.setDefaultTimeout(20_000);
const complaints = [];
page.on("console", (message) => message.type() === "error" && !/status of 4\d\d/.test(message.text()) && complaints.push(message.text()));
page.on("pageerror", (error) => complaints.push(String(error)));
page.on("dialog", (dialog) => { complaints.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });

let number = 0;
async function look(name) {
  assert.notEqual(await page.title(), "owned", name);
  // In a world of its own, as an extension would: the page's policy lets nobody add a script.
  const session = await context.newCDPSession(page);
  const { frameTree } = await session.send("Page.getFrameTree");
  const { executionContextId: contextId } = await session.send("Page.createIsolatedWorld", { frameId: frameTree.frame.id });
  await session.send("Runtime.evaluate", { contextId, expression: await readFile(axe, "utf8") });
  const { result } = await session.send("Runtime.evaluate", { contextId, awaitPromise: true, returnByValue: true, expression: "axe.run().then((found) => found.violations.filter((each) => ['serious', 'critical'].includes(each.impact)).map((each) => `${each.id}: ${each.nodes.map((node) => node.html + ' ' + node.failureSummary).join(' | ')}`))" });
  assert.deepEqual(result.value, [], name);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), true, `${name} is wider than the window`);
  await session.detach();
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  number++;
  for (const scheme of ["light", "dark"]) {
    for (const [width, size] of [[1280, "wide"], [390, "narrow"]]) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize({ width, height: size === "wide" ? 860 : 844 });
      await page.screenshot({ path: `${shots}/${String(number).padStart(2, "0")}-${name}-${size}-${scheme}.png`, fullPage: size === "narrow" });
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), true, `${name} is wider than a ${size} window`);
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1280, height: 860 });
}

await page.goto(`${at}/buckets?q=photo`);
await look("sign-in");
await page.getByLabel("Access key").fill(accessKeyId);
await page.getByLabel("Secret key").fill("not the secret");
await page.getByRole("button", { name: "Sign in" }).click();
await page.getByRole("alert").waitFor();
await page.getByLabel("Access key").fill(accessKeyId);
await page.getByLabel("Secret key").fill(secretAccessKey);
await page.keyboard.press("Enter");
await page.getByRole("heading", { name: "Buckets", exact: true }).waitFor();
assert.equal(new URL(page.url()).search, "?q=photo");

await page.getByRole("link", { name: "Dashboard" }).click();
await look("dashboard-empty");
await page.getByRole("link", { name: "Create your first bucket" }).click();
await page.getByLabel("Name").fill("holiday-photos");
await page.getByLabel("Encrypt at rest").check();
await look("new-bucket");
await page.getByRole("button", { name: "Create bucket" }).click();
await page.getByRole("status").filter({ hasText: "was created" }).waitFor();
await look("bucket-empty");

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
await look("buckets");
await page.getByRole("link", { name: "Stored" }).click();
await page.getByRole("link", { name: "Stored" }).click();
assert.match(await page.locator("tbody tr").first().innerText(), /backups/);
await page.getByLabel("Filter by name").fill("photo");
await page.getByRole("button", { name: "Filter" }).click();
assert.equal(await page.locator("tbody tr").count(), 1);
await page.getByRole("link", { name: "holiday-photos" }).click();
assert.equal(await page.locator("tbody tr").count(), 4);
await look("objects");
await page.getByRole("link", { name: markup }).click();
await page.getByRole("heading", { name: markup }).waitFor();
await look("object-markup");
await page.goBack();
await page.getByRole("switch", { name: "Show versions" }).click();
assert.equal(await page.getByRole("switch").getAttribute("aria-checked"), "true");
assert.equal(await page.getByRole("link", { name: "index.html" }).count(), 2);
await look("versions");
await page.getByRole("switch").click();
await page.getByRole("link", { name: "2026/" }).click();
await page.getByRole("link", { name: "summer/" }).click();
await page.getByRole("link", { name: "beach.jpg" }).click();
await look("object");
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
await look("settings");
await page.getByRole("link", { name: "Delete bucket…" }).click();
await page.getByLabel("Type the bucket’s name").fill("holiday");
await page.getByRole("button", { name: "Delete bucket" }).click();
await page.getByRole("alert").filter({ hasText: "not its name" }).waitFor();
await page.getByLabel("Type the bucket’s name").fill("holiday-photos");
await page.getByRole("button", { name: "Delete bucket" }).click();
await page.getByRole("alert").filter({ hasText: "not empty" }).waitFor();
await look("delete");
await page.getByRole("link", { name: "Locations" }).click();
await look("locations");
await page.getByRole("link", { name: "Replication", exact: true }).click();
await look("replication-empty");
const host = new URL(endpoint).host;
const place = JSON.stringify({ name: "paris", locationType: "location-s3-v1", details: { accessKey: accessKeyId, secretKey: secretAccessKey, bucketName: "backups", endpoint } });
const signed = aws4.sign({ method: "POST", host, path: "/_/management/locations", service: "s3", region: "us-east-1", headers: { "Content-Type": "application/json" }, body: place }, { accessKeyId, secretAccessKey });
delete signed.headers.Host;
const added = await fetch(endpoint + signed.path, { method: "POST", headers: signed.headers, body: place });
assert.equal(added.status, 201, await added.text());
await page.reload();
await page.getByRole("button", { name: "Pause paris" }).click();
await page.getByRole("status").filter({ hasText: "paris is paused" }).waitFor();
await look("replication");
await page.getByRole("link", { name: "None today" }).click();
await page.getByRole("heading", { name: "None", exact: true }).waitFor();
await page.getByRole("link", { name: "Dashboard" }).click();
await page.getByText("paris is paused for replication").waitFor();
await look("dashboard-attention");
await page.getByRole("link", { name: "To replication" }).click();
await page.getByRole("button", { name: "Resume paris" }).click();
await page.getByRole("status").filter({ hasText: "paris goes on" }).waitFor();
await page.getByRole("link", { name: "Dashboard" }).click();
await page.getByText("Largest buckets").waitFor();
await look("dashboard");
await page.goto(`${at}/buckets/nowhere`);
await look("problem");

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
assert.deepEqual(complaints, []);
await browser.close();
console.log("ok");
