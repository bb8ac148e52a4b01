// What the scenarios of the console share: a browser that somebody has signed in with, requests signed beside it, and a look at each page.
// SHOTS names a directory for pictures of all pages, light and dark, wide and narrow.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import aws4 from "aws4";
import { chromium } from "playwright-core";
import { S3Client } from "@aws-sdk/client-s3";

/** Where the console is, without a slash at its end. */
export const at = process.env.CONSOLE.replace(/\/$/, "");
/** Where the objects are. */
export const endpoint = process.env.ENDPOINT;
/** Where the objects are for a browser: by HTTPS where the console is, at the same port. */
export const objects = at.startsWith("https:") ? `https://127.0.0.1:${new URL(at).port}` : endpoint;
/** The root account's key. */
export const accessKeyId = process.env.ACCESS_KEY, secretAccessKey = process.env.SECRET_KEY;
/** Different for each run, for names. */
export const run = process.env.RUN ?? Math.random().toString(36).slice(2, 8);
/** A client of the objects. */
export const s3 = new S3Client({ endpoint, region: "us-east-1", forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });

/** Markup that would change the title of a page that takes it for its own. */
export const markup = `<img src=x onerror="document.title='owned'"><svg onload="document.title='owned'"><script>document.title='owned'.html`;

const { SHOTS: shots, CHROMIUM = "/usr/bin/chromium", CHROMIUM_ARGS } = process.env;
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", ...CHROMIUM_ARGS ? [CHROMIUM_ARGS] : []] });

/** What browsers say of answers that scenarios ask for; those that ask for worse add to it. */
export const expected = [/status of 4\d\d/];
/** What pages complained of: nothing, at the end. */
const complaints = [];

// Whatever fails is told with what was to be seen then.
const windows = [];
process.on("uncaughtException", async (error) => {
  console.error(error);
  for (const page of windows.filter((each) => !each.isClosed())) console.error(`${page.url()}\n${await page.locator("body").innerText({ timeout: 5000 }).catch(String)}`);
  process.exit(1);
});

/** A window of somebody who is not signed in, and shares nothing with others. */
export async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, acceptDownloads: true, ignoreHTTPSErrors: true, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  windows.push(page);
  // Behind the Functions host a bucket's deletion waits for other instances.
  page.setDefaultTimeout(120_000);
  page.on("console", (message) => message.type() === "error" && !expected.some((each) => each.test(message.text())) && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("dialog", (dialog) => { complaints.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
  return page;
}

/** Signs in at the page that asks for it, and goes where one wanted to. */
export async function signIn(page, id = accessKeyId, secret = secretAccessKey) {
  await page.getByLabel("Access key").fill(id);
  await page.getByLabel("Secret key").fill(secret);
  await page.keyboard.press("Enter");
}

/** A window of the root account's, at a page of the console. */
export async function opened(path = "", options = {}) {
  const page = await open(options);
  await page.goto(`${at}/${path}`);
  await signIn(page);
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  return page;
}

let number = 0;
/** Looks at a page as it is: nothing serious that axe finds, nothing wider than the window, no markup that ran. */
export async function look(page, name) {
  assert.notEqual(await page.title(), "owned", name);
  // In a world of its own, as an extension would: the page's policy lets nobody add a script.
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send("Page.getFrameTree");
  const { executionContextId: contextId } = await session.send("Page.createIsolatedWorld", { frameId: frameTree.frame.id });
  await session.send("Runtime.evaluate", { contextId, expression: axe });
  const { result } = await session.send("Runtime.evaluate", { contextId, awaitPromise: true, returnByValue: true, expression: "axe.run().then((found) => found.violations.filter((each) => ['serious', 'critical'].includes(each.impact)).map((each) => `${each.id}: ${each.nodes.map((node) => node.html + ' ' + node.failureSummary).join(' | ')}`))" });
  assert.deepEqual(result.value, [], name);
  await session.detach();
  const before = page.viewportSize();
  if (shots) mkdirSync(shots, { recursive: true });
  number++;
  for (const [width, size] of [[1280, "wide"], [390, "narrow"]]) {
    await page.setViewportSize({ width, height: size === "wide" ? 860 : 844 });
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), true, `${name} is wider than a ${size} window`);
    if (!shots) continue;
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: `${shots}/${String(number).padStart(2, "0")}-${name}-${size}-${colorScheme}.png`, fullPage: true });
    }
    await page.emulateMedia({ colorScheme: "light" });
  }
  await page.setViewportSize(before);
}

/** Asks an API that is no S3 operation, signed as the root account; gives the answer. */
export async function ask(method, path, body) {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const signed = aws4.sign({ method, host: new URL(endpoint).host, path, service: "s3", region: "us-east-1", headers: text === undefined ? {} : { "Content-Type": "application/json" }, body: text }, { accessKeyId, secretAccessKey });
  delete signed.headers.Host;
  return fetch(endpoint + signed.path, { method, headers: signed.headers, body: text });
}

/** Says that all went well. */
export async function end() {
  assert.deepEqual(complaints, []);
  await browser.close();
  console.log("ok");
}
