// Drives the page of `git pm serve` in Chromium. The environment says where everything is; the first
// failure ends it with a stack trace. Run by `serve::browser` of the end-to-end tests.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";

const { GIT_PM_BROWSER_DIR, URL_OF_PAGE, TOKEN, GIT_PM, SERVED, OTHER, PLAN, SCREENSHOTS } = process.env;
const require = createRequire(path.join(GIT_PM_BROWSER_DIR, "x.js"));
const { chromium } = require("playwright-core");
const axe = require.resolve("axe-core/axe.min.js");
const url = URL_OF_PAGE.replace(/\/$/, "");

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
  ],
});

const problems = [];

/** A page that keeps what the browser complains of. */
async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  page.on("console", (message) => {
    const isStatus = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !isStatus) problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  return page;
}

async function shot(page, name) {
  if (SCREENSHOTS) await page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`), fullPage: true });
}

/** No serious finding of axe. Its script is run by the debugger, as the policy refuses it in the page. */
async function accessible(page, name) {
  await page.evaluate(require("node:fs").readFileSync(axe, "utf8"));
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const bad = found.violations.filter((one) => ["serious", "critical"].includes(one.impact));
  const told = bad.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).slice(0, 3).join(" ")}`);
  assert.deepEqual(told, [], name);
}

function pm(folder, ...args) {
  return execFileSync(GIT_PM, ["-C", folder, ...args], { encoding: "utf8" });
}

/** Presses the button of a form and waits for the page that answers. */
async function send(page, button) {
  await Promise.all([page.waitForEvent("framenavigated"), button.click()]);
}

const step = (name) => console.log(`step: ${name}`);

step("a visitor looks");
const page = await open();
await page.goto(url + "/");
await page.getByText("Draw the page").first().waitFor();
assert.equal(await page.getByRole("button", { name: "Create" }).count(), 0, "nothing to change yet");
await page.keyboard.press("/");
await page.keyboard.type("hostile");
await Promise.all([page.waitForEvent("framenavigated"), page.keyboard.press("Enter")]);
await page.getByRole("link", { name: /script/ }).first().waitFor();
assert.equal(await page.evaluate(() => window.hacked), undefined);

step("sign in");
await page.goto(url + "/sign-in");
await page.getByLabel("Token").fill(TOKEN);
await send(page, page.getByRole("button", { name: "Sign in" }));
await page.getByRole("button", { name: "Create" }).waitFor();
assert.ok(!page.url().includes("gitpm_"));
// The cookie, and what the script keeps for this origin.
const storageState = await page.context().storageState();

step("create and drag");
await page.getByLabel("New task").fill("From the page");
await send(page, page.getByRole("button", { name: "Create" }));
await page.goto(url + "/");
const card = page.locator(".card", { hasText: "From the page" });
await card.waitFor();
await card.dragTo(page.locator('.cell[data-to="running"]'));
await page.locator('.cell[data-to="running"] .card', { hasText: "From the page" }).waitFor();
const id = (await card.locator("b").textContent()).trim();
assert.equal(JSON.parse(pm(SERVED, "show", id, "--json")).data.status, "in_progress");

step("edit in two tabs");
const tab = await page.context().newPage();
for (const one of [page, tab]) {
  await one.goto(`${url}/items/${id}`);
}
const write = async (one, title) => {
  const form = one.locator("form", { has: one.locator('input[name="version"]') }).first();
  await one.evaluate(() => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
  await form.locator('input[name="title"]').fill(title);
  return form.getByRole("button").last();
};
// Both write before one of them saves: a tab in which nobody has written follows the change instead.
const second = await write(tab, "Renamed in the other tab");
await send(page, await write(page, "Renamed on the page"));
await page.getByRole("heading", { name: /Renamed on the page/ }).waitFor();
await send(tab, second);
await tab.getByText(/was changed in the meantime/).first().waitFor();
assert.equal(JSON.parse(pm(SERVED, "show", id, "--json")).data.title, "Renamed on the page");
await tab.close();
await page.getByLabel(/Comment/).fill("**bold** <img src=x onerror=window.hacked=1>");
await send(page, page.getByRole("button", { name: "Comment" }));
await page.locator("article.comment strong").waitFor();
assert.equal(await page.evaluate(() => window.hacked), undefined);

step("approve a plan");
await page.goto(`${url}/plans/${PLAN}`);
await shot(page, "plan");
await page.locator('input[name="confirm_large"]').check();
await page.locator('input[name="accept_uncovered"]').check();
await send(page, page.getByRole("button", { name: /Approve/ }));
await page.getByText("approved").first().waitFor();
assert.equal(JSON.parse(pm(SERVED, "plan", "show", PLAN, "--json")).data.status, "approved");

step("live, from another clone");
await page.goto(url + "/");
pm(OTHER, "task", "create", "From the other clone");
pm(OTHER, "sync");
pm(SERVED, "sync");
await page.locator(".card", { hasText: "From the other clone" }).waitFor({ timeout: 5000 });

step("every page, light and dark, wide and narrow");
for (const scheme of ["light", "dark"]) {
  for (const width of [1280, 360]) {
    const one = await open({ colorScheme: scheme, viewport: { width, height: 800 }, storageState });
    for (const place of ["/", `/items/${id}`, "/list", "/search?q=page", "/graph", "/plans", `/plans/${PLAN}`,
      "/runs", "/reservations", "/activity", "/numbers", "/sign-in", "/items/T-9999"]) {
      await one.goto(url + place);
      const wide = await one.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= width, `${place} is ${wide} wide at ${width}`);
      if (width === 1280) await accessible(one, `${place} ${scheme}`);
      await shot(one, `${place.replace(/\W+/g, "-")}-${scheme}-${width}`);
    }
    await one.context().close();
  }
}

step("a browser that lost the proof");
await page.goto(url + "/");
await page.evaluate(() => localStorage.removeItem("git-pm-proof"));
await page.getByLabel("New task").fill("Without a proof");
await page.getByRole("button", { name: "Create" }).click();
await page.getByText(/has lost the proof/).waitFor();
assert.equal(await page.getByLabel("New task").inputValue(), "Without a proof");
await page.getByRole("link", { name: "Sign in again" }).click();
await page.getByLabel("Token").fill("gitpm_wrong");
await page.getByRole("button", { name: "Sign in" }).click();
await page.getByText(/not a valid token/).waitFor();
await page.getByLabel("Token").fill(TOKEN);
await send(page, page.getByRole("button", { name: "Sign in" }));
await page.getByLabel("New task").fill("With a new proof");
await send(page, page.getByRole("button", { name: "Create" }));
await page.getByRole("heading", { name: /With a new proof/ }).waitFor();
await send(page, page.getByRole("button", { name: "Sign out" }));
await page.getByRole("link", { name: "Sign in", exact: true }).first().waitFor();

step("without JavaScript");
const plain = await open({ javaScriptEnabled: false, storageState });
await plain.goto(url + "/");
await plain.getByText(/Without JavaScript, this page shows everything but changes nothing/).waitFor();
await plain.locator(".card").first().waitFor();
await plain.getByLabel("New task").fill("Without a script");
await send(plain, plain.getByRole("button", { name: "Create" }));
await plain.getByText(/sign in again in this browser, with JavaScript enabled/).waitFor();
const listed = JSON.parse(pm(SERVED, "list", "--all", "--json")).data.items;
assert.equal(listed.find((item) => /Without a (script|proof)/.test(item.title)), undefined);

assert.deepEqual(problems, []);
await browser.close();
console.log("done");
