// Utapi's ListMetrics as Zenko's users ask for it: signed by aws4 for the service s3, a body that the signature leaves open.
import assert from "node:assert/strict";
import http from "node:http";
import aws4 from "aws4";

const { hostname, port } = new URL(process.env.ENDPOINT);
const credentials = { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY };
const other = { accessKeyId: process.env.OTHER_ACCESS_KEY_ID, secretAccessKey: process.env.OTHER_SECRET_ACCESS_KEY };
const bucket = process.env.BUCKET;

const send = (method, path, body, by = credentials) => new Promise((resolve, reject) => {
  const options = aws4.sign({ method, path, host: `${hostname}:${port}`, service: "s3", region: "us-east-1", ...(body && { body }) }, by);
  const request = http.request({ ...options, hostname, port }, (response) => {
    const chunks = [];
    response.on("data", (chunk) => chunks.push(chunk));
    response.on("end", () => resolve({ status: response.statusCode, text: Buffer.concat(chunks).toString() }));
  });
  request.on("error", reject);
  request.end(body);
});

assert.equal((await send("PUT", `/${bucket}`)).status, 200);
assert.equal((await send("PUT", `/${bucket}/key`, "12345")).status, 200);
const quarter = 15 * 60 * 1000;
const start = Math.floor(Date.now() / quarter) * quarter - quarter;
const body = JSON.stringify({ buckets: [bucket], timeRange: [start] });
const answer = await send("POST", "/buckets?Action=ListMetrics", body);
assert.equal(answer.status, 200, answer.text);
const [metrics] = JSON.parse(answer.text);
assert.equal(metrics.bucketName, bucket);
assert.equal(metrics.timeRange[0], start);
assert.equal(metrics.storageUtilized[1], 5);
assert.equal(metrics.numberOfObjects[1], 1);
// Nobody has switched it on here.
assert.equal(metrics.incomingBytes, 0);
assert.equal(metrics.operations["s3:PutObject"], 0);

const refused = await send("POST", "/buckets?Action=ListMetrics", body, other);
assert.equal(refused.status, 403);
assert.equal(JSON.parse(refused.text).code, "AccessDenied");
const wrong = await send("POST", "/buckets?Action=ListMetrics", JSON.stringify({ buckets: [bucket], timeRange: [start + 1] }));
assert.equal(wrong.status, 400);
assert.equal(JSON.parse(wrong.text).code, "InvalidParameterValue");
