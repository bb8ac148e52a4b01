// Usage, health, and the dashboard over time.
import assert from "node:assert/strict";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { at, end, look, opened, run, s3 } from "./browser.mjs";

const bucket = `usage-${run}`;
await s3.send(new CreateBucketCommand({ Bucket: bucket }));
await s3.send(new PutObjectCommand({ Bucket: bucket, Key: "k", Body: Buffer.alloc(123_456) }));
const page = await opened("usage");
await page.getByLabel("Filter by name").fill(bucket);
await page.keyboard.press("Enter");
// Counters of other instances come in some seconds later.
for (let i = 0; i < 480 && !(await page.getByRole("cell", { name: "121 KiB" }).isVisible()); i++) { await page.waitForTimeout(250); await page.reload(); }
await page.getByRole("cell", { name: "121 KiB" }).waitFor();
await page.getByRole("link", { name: "By location" }).click();
await page.getByRole("columnheader", { name: "Location" }).waitFor();
await look(page, "usage-locations");
await page.getByRole("link", { name: "By account" }).click();
await page.getByRole("row").filter({ hasText: "root" }).waitFor();
await page.getByRole("link", { name: "By bucket" }).click();
await look(page, "usage");

await page.getByRole("link", { name: "Health" }).click();
await page.getByRole("row").filter({ hasText: "tables" }).getByText("Answers").waitFor();
await look(page, "health");
await page.getByRole("button", { name: "Examine everything" }).click();
await page.getByRole("region", { name: "Checks" }).waitFor();
assert.match(await page.getByRole("region", { name: "Checks" }).innerText(), /location /);
await look(page, "health-examined");

await page.goto(`${at}/`);
for (const range of ["Last day", "Last month", "Last hour"]) {
  await page.getByRole("link", { name: range }).click();
  await page.locator(`[aria-label=Time] [aria-current]`).filter({ hasText: range }).waitFor();
}
await look(page, "dashboard-history");

// After half a minute it is shown anew by itself, without being loaded again.
await page.clock.install();
await page.reload();
await page.evaluate(() => { window.isLoadedBefore = document.querySelector("[data-live=tiles]").dataset.before = true; });
await s3.send(new CreateBucketCommand({ Bucket: `${bucket}-2` }));
await page.clock.runFor(29_000);
assert.equal(await page.locator("[data-before]").count(), 1);
await page.clock.runFor(2_000);
await page.locator("[data-live=tiles]:not([data-before])").waitFor();
assert.equal(await page.evaluate(() => window.isLoadedBefore), true);
await end();
