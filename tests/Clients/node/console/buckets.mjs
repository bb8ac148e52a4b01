// A bucket from its creation to its end.
import { end, look, opened, run } from "./browser.mjs";

const bucket = `console-${run}`;
const page = await opened("new-bucket");
await page.getByLabel("Name").fill(bucket);
await page.getByRole("button", { name: "Create bucket" }).click();
await page.getByRole("status").filter({ hasText: "was created" }).waitFor();
await page.getByRole("link", { name: "Settings" }).click();
await look(page, "bucket-settings");
await page.getByRole("link", { name: "Delete bucket…" }).click();
await page.getByLabel("Type the bucket’s name").fill(bucket);
await page.getByRole("button", { name: "Delete bucket" }).click();
await page.getByRole("status").filter({ hasText: "was deleted" }).waitFor();
await end();
