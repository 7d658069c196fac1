// Attacks the page of `git pm serve` in Chromium from another port of this machine, as the development
// server of an agent would. Run by `attacks::page` of the end-to-end tests; the first failure ends it
// with a stack trace.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";

const { GIT_PM_BROWSER_DIR, URL_OF_PAGE, SIGN_IN, TASK, GIT_PM, SERVED } = process.env;
const require = createRequire(path.join(GIT_PM_BROWSER_DIR, "x.js"));
const { chromium } = require("playwright-core");
const url = URL_OF_PAGE.replace(/\/$/, "");
const { hostname, port } = new URL(url);

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
  ],
});
const context = await browser.newContext();
const page = await context.newPage();
const step = (name) => console.log(`step: ${name}`);
const task = () => JSON.parse(execFileSync(GIT_PM, ["-C", SERVED, "show", TASK, "--json"], { encoding: "utf8" })).data;
const isApproved = () => task().status === "ready_for_integration";

// What the other server is sent.
const seen = [];
const other = http.createServer((request, answer) => {
  seen.push(request.headers.cookie || "");
  answer.setHeader("Content-Type", "text/html");
  answer.end(`<!doctype html><title>x</title><form method="post" action="${url}/items/${TASK}/approve">
    <input name="csrf" value="guess"><button>Send</button></form>`);
});
await new Promise((listens) => other.listen(0, "127.0.0.1", listens));
const otherPort = other.address().port;

/** One request by hand, as a server that got a cookie would send it. */
function ask(method, to, headers, body) {
  return new Promise((done, fail) => {
    const request = http.request({ host: "127.0.0.1", port, path: to, method, headers: { Host: `${hostname}:${port}`, ...headers } },
      (answer) => {
        let text = "";
        answer.on("data", (part) => { text += part; });
        answer.on("end", () => done({ status: answer.statusCode, text }));
      });
    request.on("error", fail);
    request.end(body);
  });
}

step("the file signs in, once");
await page.goto(SIGN_IN);
await page.getByRole("link", { name: "New", exact: true }).waitFor();
assert.equal(page.url(), url + "/");
const proof = await page.evaluate(() => localStorage.getItem("git-pm-proof"));
assert.match(proof, /^[0-9a-f]{64}$/);
assert.ok(!(await page.content()).includes(proof), "the proof is not in the document");
const cookies = await context.cookies(url);
assert.equal(cookies.length, 1);
assert.equal(cookies[0].domain, hostname, "host-only");
assert.equal(await page.evaluate(() => document.cookie), "");

step("another port of 127.0.0.1 and localhost gets no cookie");
for (const host of ["127.0.0.1", "localhost", "other.localhost"]) {
  seen.length = 0;
  await page.goto(`http://${host}:${otherPort}/`);
  await page.evaluate(() => fetch("/again").then((answer) => answer.text()));
  assert.ok(seen.length >= 2, `${seen}`);
  assert.ok(seen.every((cookie) => !cookie.includes(cookies[0].value)), host);
}

// The worst case: it learned the name.
step("another port of the page's own name has no proof");
seen.length = 0;
await page.goto(`http://${hostname}:${otherPort}/`);
await page.evaluate(() => fetch("/again").then((answer) => answer.text()));
assert.equal(await page.evaluate(() => localStorage.length + sessionStorage.length), 0, "storage is the port's");
const stolen = seen.find((cookie) => cookie.includes(cookies[0].value));
assert.ok(stolen, "cookies ignore ports; this is why a cookie is not enough");

step("its requests with the user's cookie are refused");
for (const mode of ["cors", "no-cors"]) {
  for (const to of ["/api/v1/task/approve", `/items/${TASK}/approve`]) {
    const sent = await page.evaluate(async ([to, mode]) => {
      const options = { method: "POST", mode, credentials: "include", body: new URLSearchParams({ csrf: "guess" }) };
      return fetch(to, options).then((answer) => answer.status, () => "failed");
    }, [url + to, mode]);
    assert.ok(sent === "failed" || sent === 0, `${mode} ${to}: ${sent}`);
  }
}
const answered = page.waitForResponse((answer) => answer.url().endsWith("/approve"));
await page.getByRole("button", { name: "Send" }).click();
assert.equal((await answered).status(), 403);
const framed = await page.goto(`http://${hostname}:${otherPort}/`) && await page.evaluate((to) => {
  const frame = document.createElement("iframe");
  document.body.append(frame);
  const loaded = new Promise((done) => frame.addEventListener("load", done));
  frame.src = to;
  return loaded.then(() => {
    try { return frame.contentDocument ? frame.contentDocument.body.textContent : "refused"; } catch { return "refused"; }
  });
}, url + "/");
assert.equal(framed, "refused");
const value = stolen.split("=")[1];
const sha256 = (text) => createHash("sha256").update(text).digest("hex");
for (const guess of ["", value, sha256(value), sha256(`csrf ${value}`), sha256(`csrf ${sha256(value)}`)]) {
  const headers = { Cookie: stolen, "Content-Type": "application/json", "X-CSRF-Token": guess };
  const answer = await ask("POST", "/api/v1/task/approve", headers, JSON.stringify({ id: TASK }));
  assert.equal(answer.status, 403, guess);
}
for (const to of ["/", `/items/${TASK}`]) {
  const answer = await ask("GET", to, { Cookie: stolen });
  assert.ok(!answer.text.includes(proof), `${to} has the proof`);
}
assert.ok(!isApproved());

step("the page itself approves, in another tab, too");
const tab = await context.newPage();
await tab.goto(`${url}/items/${TASK}/changes`);
await tab.reload();
await tab.getByRole("button", { name: /^Approve/ }).click();
await tab.getByText(/approved/).first().waitFor();
assert.ok(isApproved());

step("the file does not sign in again");
const again = await browser.newContext();
const stranger = await again.newPage();
await stranger.goto(SIGN_IN).catch(() => {});
assert.deepEqual(await again.cookies(), []);

await browser.close();
other.close();
console.log("done");
