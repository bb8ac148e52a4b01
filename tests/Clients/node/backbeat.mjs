// The Backbeat API with both signatures that its users have: version 2 by hand, version 4 by aws4.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import http from "node:http";
import aws4 from "aws4";

const { hostname, port } = new URL(process.env.ENDPOINT);
const credentials = { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY };
const other = { accessKeyId: process.env.OTHER_ACCESS_KEY_ID, secretAccessKey: process.env.OTHER_SECRET_ACCESS_KEY };
const api = "/_/backbeat/api";

const send = (options, body = "") => new Promise((resolve, reject) => {
  const request = http.request({ ...options, hostname, port }, (response) => {
    const chunks = [];
    response.on("data", (chunk) => chunks.push(chunk));
    response.on("end", () => resolve({ status: response.statusCode, type: response.headers["content-type"], text: Buffer.concat(chunks).toString() }));
  });
  request.on("error", reject);
  request.end(body);
});

const withVersion2 = (method, path, body, by = credentials) => {
  const date = new Date().toUTCString();
  const type = body ? "application/json" : "";
  // CanonicalizedResource is the path as it is sent, without a query: none of these parameters is a subresource.
  const text = `${method}\n\n${type}\n\nx-amz-date:${date}\n${path.split("?")[0]}`;
  const signature = createHmac("sha1", by.secretAccessKey).update(text).digest("base64");
  const headers = { "x-amz-date": date, Authorization: `AWS ${by.accessKeyId}:${signature}`, ...(body && { "Content-Type": type, "Content-Length": Buffer.byteLength(body) }) };
  return send({ method, path, headers }, body);
};

const withVersion4 = (method, path, body, by = credentials) => {
  const headers = body ? { "Content-Type": "application/json" } : {};
  const options = { method, path, host: `${hostname}:${port}`, service: "s3", region: "us-east-1", headers, ...(body && { body }) };
  return send(aws4.sign(options, by), body);
};

for (const call of [withVersion2, withVersion4]) {
  const json = async (...request) => {
    const answer = await call(...request);
    assert.deepEqual([answer.status, answer.type], [200, "application/json"], answer.text);
    return JSON.parse(answer.text);
  };
  const metrics = await json("GET", `${api}/metrics/crr/all`);
  assert.deepEqual(Object.keys(metrics), ["backlog", "completions", "failures", "throughput", "pending"]);
  // Text with two decimals; others may be using the server.
  for (const number of Object.values(metrics.throughput.results)) assert.match(number, /^\d+\.\d\d$/);
  assert.deepEqual(await json("GET", `${api}/crr/failed?sitename=some%20where&marker=0`), { IsTruncated: false, Versions: [] });
  assert.deepEqual(await json("GET", `${api}/crr/failed/bucket/a%20key/with%2Bsigns`), { IsTruncated: false, Versions: [] });
  assert.deepEqual(await json("POST", `${api}/crr/failed`, JSON.stringify([{ Bucket: "b", Key: "k", StorageClass: "s" }])), []);
  const [site] = Object.keys(await json("GET", `${api}/lifecycle/status`));
  assert.deepEqual(await json("POST", `${api}/lifecycle/pause/${site}`), {});
  assert.equal((await json("GET", `${api}/lifecycle/status/${site}`))[site], "disabled");
  assert.deepEqual(await json("POST", `${api}/lifecycle/resume/${site}/schedule`, '{"hours":6}'), {});
  assert.ok(Date.parse((await json("GET", `${api}/lifecycle/resume/${site}`))[site]) > Date.now());
  assert.deepEqual(await json("DELETE", `${api}/lifecycle/resume/${site}/schedule`), {});
  assert.deepEqual(await json("POST", `${api}/lifecycle/resume/${site}`), {});

  assert.equal((await call("GET", `${api}/metrics/crr/all`, "", other)).status, 200);
  assert.equal((await call("POST", `${api}/crr/pause`, "", other)).status, 403);
  const wrong = await call("GET", `${api}/metrics/crr/all`, "", { ...credentials, secretAccessKey: "wrong" });
  assert.equal(JSON.parse(wrong.text).code, "SignatureDoesNotMatch");
}
