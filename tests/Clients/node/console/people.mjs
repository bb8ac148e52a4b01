// Users, their keys and policies, as an administrator of an account keeps them.
import assert from "node:assert/strict";
import { at, end, look, open, opened, run, s3, signIn } from "./browser.mjs";
import { CreateBucketCommand } from "@aws-sdk/client-s3";

const user = `anna-${run}`, bucket = `people-${run}`;
await s3.send(new CreateBucketCommand({ Bucket: bucket }));
const page = await opened("users");
await page.getByRole("link", { name: /new user|first user/i }).click();
await page.getByLabel("Name").fill(user);
await page.getByLabel("Read and write one bucket").check();
await look(page, "new-user");
await page.getByRole("button", { name: "Create user" }).click();
await page.getByRole("alert").filter({ hasText: "Name the bucket" }).waitFor();
assert.equal(await page.getByLabel("Name").inputValue(), user);
await page.getByLabel("Bucket", { exact: true }).fill(bucket);
await page.getByRole("button", { name: "Create user" }).click();
await page.getByRole("status").filter({ hasText: "was created" }).waitFor();

await page.getByRole("button", { name: "Create access key" }).click();
await page.getByRole("heading", { name: "Keep the secret key now" }).waitFor();
const [id, secret] = await page.locator("[aria-labelledby=made] code").allInnerTexts();
await look(page, "user-new-key");
assert.ok(!page.url().includes(secret));
await page.goto(`${at}/user?name=${user}`);
assert.ok(!(await page.content()).includes(secret));

// The user sees its bucket, and no users.
const hers = await open();
await hers.goto(`${at}/buckets/${bucket}`);
await signIn(hers, id, secret);
await hers.getByRole("heading", { name: bucket }).waitFor();
await hers.goto(`${at}/users`);
await hers.getByText("You may not see the users").waitFor();
await look(hers, "users-forbidden");

// A policy with a mistake is kept, with the place.
await page.getByRole("link", { name: "Add policy" }).click();
await page.getByLabel("Document").fill(`{ "Statement": [{ "Effect": "Allow", "Action": "iam:ListUsers" }] }`);
await page.getByLabel("Name").fill("sees-users");
await page.getByRole("button", { name: "Save policy" }).click();
await page.getByRole("alert").filter({ hasText: "Missing required field Resource (statement 1)" }).waitFor();
await look(page, "policy-refused");
await page.getByLabel("Document").fill(`{ "Statement": [{ "Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*" }] }`);
await page.getByRole("button", { name: "Save policy" }).click();
await page.getByRole("status").filter({ hasText: "holds from now on" }).waitFor();
await look(page, "user");
await hers.reload();
await hers.getByRole("link", { name: user }).waitFor();
await page.getByRole("link", { name: "Edit sees-users" }).click();
await look(page, "policy");
await page.getByLabel("Begin with a template").selectOption({ label: "Administrate the account" });
await page.getByRole("button", { name: "Fill in" }).click();
assert.match(await page.getByLabel("Document").inputValue(), /"\*"/);
await page.getByRole("link", { name: "Cancel" }).click();
await page.getByRole("link", { name: "Delete… sees-users" }).click();
await page.getByRole("button", { name: "Delete policy" }).click();
await page.getByRole("status").filter({ hasText: "holds no more" }).waitFor();

await page.getByRole("button", { name: `Disable ${id}` }).click();
await page.getByRole("status").filter({ hasText: "is disabled" }).waitFor();
await hers.reload();
await hers.getByRole("heading", { name: "Sign in", exact: true }).waitFor();
await page.getByRole("link", { name: "Users", exact: true }).click();
await page.getByLabel("Filter by name").fill(run);
await page.keyboard.press("Enter");
await page.getByRole("status").filter({ hasText: " of " }).waitFor();
await look(page, "users");
await page.getByRole("link", { name: user }).click();
await page.getByRole("link", { name: "Delete user…" }).click();
await page.getByLabel("Type the user’s name").fill(user);
await look(page, "delete-user");
await page.getByRole("button", { name: "Delete user" }).click();
await page.getByRole("status").filter({ hasText: "was deleted" }).waitFor();
await page.getByRole("link", { name: "Your keys" }).click();
await look(page, "your-keys");
await page.getByRole("link", { name: "Roles" }).click();
await page.getByRole("heading", { name: "No roles" }).waitFor();
await look(page, "roles");
await end();
