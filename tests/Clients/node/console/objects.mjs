// One object after another: previews, metadata, tags, versions, retention, links to share, deletion of one and of many.
import assert from "node:assert/strict";
import { CreateBucketCommand, GetObjectCommand, GetObjectTaggingCommand, HeadObjectCommand, ListObjectVersionsCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { at, end, look, markup, objects, opened, run, s3 } from "./browser.mjs";

const Bucket = `objects-${run}`;
await s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
const page = await opened("buckets");
const put = (Key, Body, ContentType, more = {}) => s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentType, ...more }));
const to = (Key) => page.goto(`${at}/buckets/${Bucket}/object?key=${encodeURIComponent(Key)}`);
const text = async (Key) => (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body.transformToString();
const done = (hasText) => page.getByRole("status").filter({ hasText }).waitFor();

// Previews: a picture from where objects are, text as text, whatever it says.
await put("trip/map.png", await page.screenshot(), "image/png");
await to("trip/map.png");
const picture = page.getByRole("img", { name: "map.png" });
await picture.waitFor();
for (const limit = Date.now() + 30_000; !await picture.evaluate((image) => image.complete && image.naturalWidth > 0);) assert.ok(Date.now() < limit, "the picture is drawn");
assert.equal(new URL(await picture.getAttribute("src")).origin, new URL(objects).origin);
await look(page, "object-picture");
await put("page.html", `${markup}\n${"line of text é\n".repeat(9000)}`, "text/html");
await to("page.html");
await page.getByRole("region", { name: "Preview" }).getByText("<img src=x").waitFor();
await page.getByText("The beginning, 64 KiB of it").waitFor();
await look(page, "object-text");
await put("drawing.svg", `<svg xmlns="http://www.w3.org/2000/svg" onload="document.title='owned'"/>`, "image/svg+xml");
await to("drawing.svg");
assert.equal(await page.locator("main figure img").count(), 0);
await put("packed.txt", Buffer.from([0x61, 0, 0x62]), "text/plain");
await to("packed.txt");
assert.equal(await page.getByRole("region", { name: "Preview" }).count(), 0);

// Metadata and tags, which say what they like.
await put("notes.txt", "first", "text/plain");
await put("notes.txt", "second", "text/plain", { Metadata: { old: "1" } });
await to("notes.txt");
await page.getByRole("link", { name: "Edit metadata" }).click();
await page.getByLabel("Type", { exact: true }).fill("text/markdown");
await page.getByLabel("Name 1", { exact: true }).fill("not a name");
await page.getByLabel("Value 1", { exact: true }).fill(markup);
await page.getByRole("button", { name: "Save" }).click();
await page.getByRole("alert").filter({ hasText: "A name cannot be kept" }).waitFor();
assert.equal(await page.getByLabel("Value 1", { exact: true }).inputValue(), markup);
await page.getByLabel("Name 1", { exact: true }).fill("note");
await look(page, "metadata");
await page.getByRole("button", { name: "Save" }).click();
await done("metadata was saved");
const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "notes.txt" }));
assert.deepEqual([head.ContentType, head.Metadata], ["text/markdown", { note: markup }]);
assert.equal(await text("notes.txt"), "second");
await page.getByRole("link", { name: "Edit tags" }).click();
await page.getByLabel("Name 1", { exact: true }).fill("year");
await page.getByLabel("Value 1", { exact: true }).fill("2026");
await look(page, "tags");
await page.getByRole("button", { name: "Save" }).click();
await done("tags were saved");
const tags = async () => (await s3.send(new GetObjectTaggingCommand({ Bucket, Key: "notes.txt" }))).TagSet;
assert.deepEqual(await tags(), [{ Key: "year", Value: "2026" }]);
await page.getByRole("link", { name: "Edit tags" }).click();
await page.getByLabel("Name 1", { exact: true }).fill("");
await page.getByRole("button", { name: "Save" }).click();
await done("tags were saved");
assert.deepEqual(await tags(), []);

// Versions: back to the first, gone, and back again.
await page.getByRole("button", { name: "Restore" }).last().click();
await done("it is the current one");
assert.equal(await text("notes.txt"), "first");
await look(page, "object-versions");
await page.getByRole("button", { name: "Delete…" }).click();
await page.getByText("can be brought back").waitFor();
await look(page, "delete-object");
await page.getByRole("button", { name: "Delete it" }).click();
await done("1 object was deleted");
await assert.rejects(text("notes.txt"));
await to("notes.txt");
await look(page, "object-deleted");
await page.getByRole("button", { name: "Undelete" }).click();
await done("The object is back");
assert.equal(await text("notes.txt"), "first");

// A link that anybody may follow.
await page.getByRole("link", { name: "Share…" }).click();
await page.getByLabel("How long it holds").selectOption("7 days");
await page.getByRole("button", { name: "Make a link" }).click();
const link = await page.getByLabel("Holds until").inputValue();
await look(page, "shared");
const got = await page.context().request.get(link);
assert.deepEqual([got.status(), await got.text(), new URL(link).searchParams.get("X-Amz-Expires")], [200, "first", "604800"]);
await page.getByRole("link", { name: "Done" }).click();

// Retention and hold.
await page.getByRole("link", { name: "Retention…" }).click();
await page.getByLabel("Mode").selectOption("Compliance");
await page.getByLabel("Until the end of").fill("2100-01-01");
await page.getByRole("button", { name: "Save retention" }).click();
await page.getByRole("alert").filter({ hasText: "cannot be taken back" }).waitFor();
assert.equal(await page.getByLabel("Until the end of").inputValue(), "2100-01-01");
await page.getByLabel("Mode").selectOption("Governance");
await look(page, "retention");
await page.getByRole("button", { name: "Save retention" }).click();
await done("It is retained");
await page.getByRole("link", { name: "Retention…" }).click();
await page.getByLabel("Until the end of").fill("2090-01-01");
await page.getByRole("button", { name: "Save retention" }).click();
await page.getByRole("alert").filter({ hasText: "retention can be extended" }).waitFor();
await page.getByLabel("Until the end of").fill("2090-01-01");
await page.getByLabel("Shorten or end governance").check();
await page.getByRole("button", { name: "Save retention" }).click();
await done("It is retained");
await page.getByRole("link", { name: "Retention…" }).click();
await page.getByRole("button", { name: "Put on hold" }).click();
await done("It is on hold");
await page.getByRole("link", { name: "Retention…" }).click();
await page.getByRole("button", { name: "Take the hold off" }).click();
await done("The hold was taken off");

// Many at once; the retained one only where that is asked for.
await page.goto(`${at}/buckets/${Bucket}?versions=1`);
for (const box of await page.getByRole("checkbox", { name: "notes.txt" }).all()) await box.check();
await page.getByRole("button", { name: "Delete selected…" }).click();
await page.getByText("These versions go for good").waitFor();
await look(page, "delete-versions");
await page.getByRole("button", { name: "Delete all" }).click();
await page.getByRole("alert").filter({ hasText: "were deleted; these were not" }).waitFor();
assert.equal(await page.getByRole("main").locator("li").count(), 1);
await look(page, "delete-refused");
await page.getByLabel("Also what is retained by governance").check();
await page.getByRole("button", { name: "Delete it" }).click();
await done("was deleted");
assert.deepEqual((await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: "notes.txt" }))).Versions ?? [], []);
await page.goto(`${at}/buckets/${Bucket}`);
await page.getByRole("checkbox", { name: "page.html" }).check();
await page.getByRole("checkbox", { name: "packed.txt" }).check();
await look(page, "chosen");
await page.getByRole("button", { name: "Delete selected…" }).click();
await page.getByRole("link", { name: "Keep them" }).click();
await page.getByRole("checkbox", { name: "page.html" }).check();
await page.getByRole("button", { name: "Delete selected…" }).click();
await page.getByRole("button", { name: "Delete it" }).click();
await done("1 object was deleted");
assert.equal(await page.getByRole("link", { name: "page.html" }).count(), 0);
await end();
