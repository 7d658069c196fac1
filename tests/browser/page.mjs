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

/** Waits until the focus is in such an element: the browser tells a page of an open menu or a dialog after it is drawn. */
async function focused(page, selector) {
  await page.waitForFunction((wanted) => document.activeElement?.closest(wanted), selector, { timeout: 10_000 });
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
assert.equal(await page.getByRole("link", { name: "New", exact: true }).count(), 0, "nothing to change yet");
await page.keyboard.press("/");
await page.keyboard.type("hostile");
await Promise.all([page.waitForEvent("framenavigated"), page.keyboard.press("Enter")]);
await page.getByRole("link", { name: /script/ }).first().waitFor();
assert.equal(await page.evaluate(() => window.hacked), undefined);

step("sign in");
await page.goto(url + "/sign-in");
await page.getByLabel("Token").fill(TOKEN);
await send(page, page.getByRole("button", { name: "Sign in" }));
await page.getByRole("link", { name: "New", exact: true }).waitFor();
assert.ok(!page.url().includes("gitpm_"));
// The cookie, and what the script keeps for this origin.
const storageState = await page.context().storageState();

step("create in a dialog and drag");
await page.goto(url + "/");
await page.keyboard.press("n");
const dialog = page.locator("dialog#ask");
await dialog.getByLabel("Title").fill("From the page");
await dialog.getByLabel(/Waits for/).fill("T-9999");
await dialog.getByRole("button", { name: "Create" }).click();
await dialog.getByText("There is no item T-9999").waitFor();
await shot(page, "dialog");
await dialog.getByLabel(/Waits for/).fill("");
await dialog.getByLabel(/Acceptance/).fill("it is drawn\nit is tested");
await dialog.getByLabel("Due").fill("2999-12-24");
await dialog.getByRole("button", { name: "Create" }).click();
const card = page.locator(".card", { hasText: "From the page" });
await card.waitFor();
assert.equal(page.url(), url + "/", "the board stays");
await page.locator("#live").getByText(/^Created/).waitFor();
assert.match(await page.locator("#live a").getAttribute("href"), /^\/items\/T-/);
await focused(page, ".card");
await card.dragTo(page.locator('.cell[data-to="in_progress"]'));
await page.locator('.cell[data-to="in_progress"] .card', { hasText: "From the page" }).waitFor();
const id = (await card.locator(".id").textContent()).trim();
const made = JSON.parse(pm(SERVED, "show", id, "--json")).data;
assert.equal(made.status, "in_progress");
assert.equal(made.acceptance.length, 2);

step("six columns fit, their heads stay, and the page does not scroll");
const board = await page.evaluate(() => {
  const box = document.querySelector(".board");
  const cells = [...document.querySelectorAll(".cell")].map((cell) => cell.getBoundingClientRect().right);
  return { inner: box.scrollWidth - box.clientWidth, last: Math.max(...cells), height: document.documentElement.scrollHeight };
});
assert.ok(board.inner <= 0 && board.last <= 1280 && board.height <= 900, JSON.stringify(board));

step("keys, the menu and a refusal where one is");
const waiting = page.locator(".card", { hasText: "Wait for the page" });
await waiting.getByText("waits for T-0001").waitFor();
await waiting.hover();
await page.keyboard.press("m");
await page.getByRole("link", { name: "Block…" }).waitFor();
await focused(page, ".menu");
await page.keyboard.press("End");
assert.equal(await page.evaluate(() => document.activeElement.textContent), "Select");
await page.keyboard.press("ArrowDown");
const top = await page.evaluate(() => document.activeElement.textContent);
await page.keyboard.press("End");
await page.keyboard.press("Home");
assert.equal(await page.evaluate(() => document.activeElement.textContent), top);
assert.equal(await page.getByRole("button", { name: "Start", exact: true }).count(), 0, "it cannot be started");
await shot(page, "menu");
await page.keyboard.press("Escape");
await card.hover();
await card.locator(".dots").click();
await page.getByRole("link", { name: "Block…" }).waitFor();
assert.equal(await page.getByRole("button", { name: "Submit for review" }).count(), 0, "there is no commit");
await page.keyboard.press("Escape");
await card.dragTo(page.locator('.cell[data-to="in_review"]'));
await page.locator("#live").getByText(/commit/).waitFor();
assert.equal(page.url(), url + "/", "the board stays");
await shot(page, "refusal");
await page.evaluate(() => document.activeElement.blur());
await page.keyboard.press("j");
const at = () => page.evaluate(() => document.activeElement.closest(".card")?.id);
const first = await at();
await page.keyboard.press("j");
assert.ok(first && (await at()) !== first, "j goes from card to card");
await page.keyboard.press("k");
assert.equal(await at(), first);

step("several items at once");
await page.goto(url + "/?by=priority");
for (const title of ["Wait for the page", "From the page"]) {
  await page.locator(".card", { hasText: title }).hover();
  await page.keyboard.press("x");
}
await page.getByText("2 selected").waitFor();
await shot(page, "selection");
await page.getByLabel("Priority of the selected items").selectOption("3");
await page.getByText("All of them were changed.").waitFor();
for (const one of ["T-2", id]) assert.equal(JSON.parse(pm(SERVED, "show", one, "--json")).data.priority, 3);
await page.goto(url + "/");

step("the palette");
await page.keyboard.press("Control+k");
await page.keyboard.type("Draw the");
await page.getByRole("option", { name: /T-0001/ }).waitFor();
await accessible(page, "palette");
await Promise.all([page.waitForEvent("framenavigated"), page.keyboard.press("Enter")]);
await page.getByRole("heading", { name: /Draw the page/ }).waitFor();

step("the remote");
await page.locator("#sync").getByText(/\d+ to push/).waitFor();
await page.keyboard.press("Control+k");
await page.keyboard.type("sync");
await page.keyboard.press("Enter");
await page.locator("#sync").getByText("all pushed").waitFor();

step("edit in two tabs");
const tab = await page.context().newPage();
for (const one of [page, tab]) {
  await one.goto(`${url}/items/${id}`);
  await one.getByRole("link", { name: "Edit", exact: true }).click();
}
// Both write before one of them saves: a tab in which nobody has written follows the change instead.
const ours = page.locator("dialog#ask");
const theirs = tab.locator("dialog#ask");
await ours.getByLabel("Title").fill("Renamed on the page");
await theirs.getByLabel("Title").fill("Renamed in the other tab");
await accessible(page, "edit form");
await ours.getByRole("button", { name: "Save" }).click();
await page.getByRole("heading", { name: /Renamed on the page/ }).waitFor();
await theirs.getByRole("button", { name: "Save" }).click();
await theirs.getByText(/was changed in the meantime/).first().waitFor();
assert.equal(await theirs.getByLabel("Title").inputValue(), "Renamed in the other tab", "nothing written is lost");
assert.equal(JSON.parse(pm(SERVED, "show", id, "--json")).data.title, "Renamed on the page");
await tab.close();

step("a value is changed where it is");
const shown = (name, text) => page.locator(`[data-edit="${name}"]`, { hasText: text }).waitFor();
await page.locator('[data-edit="priority"]').click();
await page.locator(".inline select").waitFor();
await accessible(page, "a field in place");
await shot(page, "inline");
await page.locator(".inline select").selectOption("1");
await shown("priority", "P1");
await page.locator('[data-edit="labels"]').focus();
await page.keyboard.press("Enter");
await page.locator(".inline input").fill("ui, auth");
await page.keyboard.press("Enter");
await shown("labels", "auth, ui");
await focused(page, '[data-edit="labels"]');
await page.locator('[data-edit="title"]').click();
await page.locator(".inline input").fill("Given up");
await page.keyboard.press("Escape");
await shown("title", "Renamed on the page");

step("filters write the query");
await page.goto(url + "/");
await page.getByRole("link", { name: "Label", exact: true }).click();
const find = page.getByLabel("Find a label");
await find.waitFor();
await accessible(page, "filter");
await shot(page, "filter");
await find.fill("AUT");
await page.locator(".menu .values a", { hasText: "ui" }).waitFor({ state: "detached" });
await Promise.all([page.waitForEvent("framenavigated"), page.keyboard.press("Enter")]);
assert.equal(new URL(page.url()).searchParams.get("q"), "label:auth");
assert.equal(await page.locator(".card").count(), 1);
await page.getByRole("link", { name: "Label: auth" }).waitFor();
await page.goto(`${url}/items/${id}`);

step("a comment");
await page.getByLabel(/Comment/).fill("**bold** <img src=x onerror=window.hacked=1>");
await page.getByRole("button", { name: "Comment" }).click();
await page.locator("article.comment strong").waitFor();
assert.equal(await page.evaluate(() => window.hacked), undefined);
const time = page.locator("article.comment time");
assert.equal(await time.textContent(), "just now");
assert.match(await time.getAttribute("title"), /\d{4}-\d\d-\d\dT.*Z/);

step("what is typed survives whatever reads the page again");
const comment = page.getByLabel(/Comment/);
const typed = "Not sent yet";
const stays = async (way) => assert.equal(await comment.inputValue(), typed, way);
const claimed = JSON.parse(pm(SERVED, "task", "create", "Claimed from its page", "--json")).data.id;
await page.goto(`${url}/items/${claimed}`);
await comment.fill(typed);
await page.locator(".head.item .dots").click();
await page.getByRole("button", { name: "Claim only" }).click();
await page.locator(".chips .in_progress").waitFor();
await stays("it is claimed");
await comment.fill("");
await page.goto(`${url}/items/${id}`);
await comment.fill(typed);
await page.locator('[data-edit="priority"]').click();
await page.locator(".inline select").selectOption("3");
await shown("priority", "P3");
await stays("a value is changed in place");
await page.locator('[data-edit="title"]').click();
await page.locator(".inline input").fill("A new name");
await page.keyboard.press("Enter");
await shown("title", "A new name");
await stays("the title is changed in place");
await page.getByRole("link", { name: "Edit", exact: true }).click();
await dialog.getByLabel("Title").fill("Another name");
await dialog.getByRole("button", { name: "Save" }).click();
await shown("title", "Another name");
await stays("the form is saved");
pm(SERVED, "edit", id, "--priority", "1");
await page.locator("#live").getByText("Something has changed").waitFor();
await stays("another changed it");
await page.locator("#live").getByRole("link", { name: "Reload the page" }).click();
await shown("priority", "P1");
await stays("the page is reloaded");
const asked = page.waitForEvent("dialog");
const away = page.getByRole("link", { name: "List", exact: true }).click();
const question = await asked;
assert.equal(question.type(), "beforeunload");
await question.dismiss();
await away.catch(() => {});
await stays("leaving is asked about");
await comment.focus();
await page.keyboard.press("Control+Enter");
await page.locator("article.comment", { hasText: typed }).waitFor();
assert.equal(await comment.inputValue(), "", "it was sent");

step("a form is saved on top of what others changed");
await page.getByRole("link", { name: "Edit", exact: true }).click();
await dialog.getByLabel("Title").fill("Renamed in the form");
pm(SERVED, "edit", id, "--priority", "2");
await dialog.getByRole("button", { name: "Save" }).click();
const refusal = dialog.locator(".problem");
await refusal.waitFor();
assert.match(await refusal.textContent(), /was changed in the meantime: \w+ changed the priority from P1 to P2/);
await dialog.getByRole("link", { name: "Show the changes and keep what I wrote" }).click();
await refusal.waitFor({ state: "detached" });
assert.equal(await dialog.getByLabel("Title").inputValue(), "Renamed in the form");
assert.equal(await dialog.getByLabel("Priority").inputValue(), "2");
await dialog.getByRole("button", { name: "Save" }).click();
await shown("title", "Renamed in the form");
assert.equal(JSON.parse(pm(SERVED, "show", id, "--json")).data.priority, 2);

step("a form in which nothing is written follows what another clone changes");
await page.getByRole("link", { name: "Edit", exact: true }).click();
await dialog.getByLabel("Assignee").click();
for (const clone of [SERVED, OTHER]) pm(clone, "sync");
pm(OTHER, "edit", made.uid, "--priority", "4");
for (const clone of [OTHER, SERVED]) pm(clone, "sync");
await page.waitForFunction(() => document.querySelector("dialog[open] [name=priority]").value === "4");
await focused(page, "[name=assignee]");
await dialog.getByRole("button", { name: "Go back" }).click();
await dialog.waitFor({ state: "hidden" });
await shown("priority", "P4");
pm(SERVED, "edit", id, "--priority", "2");
await shown("priority", "P2");

step("a refusal is seen wherever the form is scrolled to");
await page.setViewportSize({ width: 360, height: 600 });
await page.getByRole("link", { name: "Edit", exact: true }).click();
await dialog.getByLabel(/Waits for/).fill("T-9999");
await dialog.getByRole("button", { name: "Save" }).click();
await dialog.getByText("There is no item T-9999").waitFor();
const refusedAt = await dialog.locator(".problem").evaluate((one) => one.getBoundingClientRect().toJSON());
assert.ok(refusedAt.top >= 0 && refusedAt.bottom <= 600, JSON.stringify(refusedAt));
await dialog.getByLabel(/Waits for/).fill("");
await dialog.getByRole("button", { name: "Go back" }).click();
if (await dialog.isVisible()) await dialog.getByRole("button", { name: "Go back" }).click();
await dialog.waitFor({ state: "hidden" });
await page.setViewportSize({ width: 1280, height: 900 });

step("a form that is given up asks first");
await page.getByRole("link", { name: "Edit", exact: true }).click();
await dialog.getByLabel("Title").fill("Given up");
await dialog.getByRole("button", { name: "Go back" }).click();
await dialog.getByText("Go back once more to discard what you wrote.").waitFor();
assert.equal(await dialog.getByLabel("Title").inputValue(), "Given up");
await dialog.getByRole("button", { name: "Go back" }).click();
await dialog.waitFor({ state: "hidden" });

step("from one value to the next");
await page.locator('[data-edit="due"]').click();
await page.locator(".inline input").fill("2999-12-26");
await page.keyboard.press("Enter");
await page.locator(".inline").waitFor({ state: "detached" });
assert.equal(JSON.parse(pm(SERVED, "show", id, "--json")).data.due_at.slice(0, 10), "2999-12-26");
await page.locator('[data-edit="labels"]').click();
await page.locator(".inline input").fill("first");
const read = `**/items/${id}/edit`;
await page.route(read, (route) => setTimeout(() => route.continue(), 300));
await page.locator('[data-edit="assignee"]').click();
await page.keyboard.type("ble");
await page.locator('.inline input[name="assignee"]').waitFor();
await page.unroute(read);
assert.equal(page.url(), `${url}/items/${id}`, "no key was a shortcut");
await shown("labels", "first");
await page.keyboard.press("Escape");
await page.locator('[data-edit="due"]').click();
await page.locator(".inline input").fill("2999-12-24");
pm(SERVED, "edit", id, "--priority", "1");
await page.evaluate(() => document.activeElement.blur());
await page.locator("#live").getByText(/was changed in the meantime/).waitFor();
assert.equal(JSON.parse(pm(SERVED, "show", id, "--json")).data.due_at.slice(0, 10), "2999-12-26");
await page.locator(".inline input").focus();
await page.keyboard.press("Enter");
await page.locator(".inline").waitFor({ state: "detached" });
assert.equal(JSON.parse(pm(SERVED, "show", id, "--json")).data.due_at.slice(0, 10), "2999-12-24");

step("a day is the same one in every time zone");
const berlin = await open({ storageState, timezoneId: "Europe/Berlin" });
await berlin.goto(`${url}/items/${id}`);
assert.equal(await berlin.locator('[data-edit="due"]').textContent(), "Dec 24, 2999");
await berlin.context().close();

step("approve a plan");
await page.goto(`${url}/plans/${PLAN}`);
await shot(page, "plan");
// Only what this approval asks: nothing here.
assert.equal(await page.locator('.actions [type="checkbox"]').count(), 0);
const beside = await page.evaluate(() => {
  const [text, tasks] = [...document.querySelectorAll(".plan > section")].map((one) => one.getBoundingClientRect());
  return tasks.top - text.top < 10 && tasks.left >= text.right;
});
assert.ok(beside, "the tasks are beside the document");
await page.getByRole("button", { name: /Approve/ }).click();
await page.getByText(/^approved by/).first().waitFor();
assert.equal(JSON.parse(pm(SERVED, "plan", "show", PLAN, "--json")).data.status, "approved");

step("an epic has its progress, its tasks and their graph, which can be made smaller");
const epic = JSON.parse(pm(SERVED, "epic", "create", "A goal", "--json")).data.id;
await page.goto(`${url}/items/${epic}`);
await page.getByRole("link", { name: "Add the first task" }).click();
await dialog.getByLabel("Title").fill("Its first task");
await dialog.getByRole("button", { name: "Create" }).click();
const part = page.locator("#parts tr", { hasText: "Its first task" });
await part.waitFor();
await page.getByText("0 of 1 done").waitFor();
const partId = (await part.locator(".id").textContent()).trim();
pm(SERVED, "task", "create", "Its second task", "--epic", epic, "--depends-on", partId);
await page.goto(`${url}/graph`);
await page.getByText("can be started now").waitFor();
await page.getByLabel("Epic").selectOption(epic);
await page.waitForURL(/under=/);
assert.equal(await page.locator(".graph .node").count(), 2);
const wide = () => page.locator(".graph svg").evaluate((svg) => svg.getBoundingClientRect().width);
const whole = await wide();
await page.getByRole("button", { name: "Smaller" }).click();
assert.ok((await wide()) < whole);
await page.locator(".graph").focus();
await page.keyboard.press("+");
assert.equal(Math.round(await wide()), Math.round(whole));
await shot(page, "graph-of-epic");

step("live, from another clone");
await page.goto(url + "/");
pm(OTHER, "task", "create", "From the other clone");
pm(OTHER, "sync");
pm(SERVED, "sync");
await page.locator(".card", { hasText: "From the other clone" }).waitFor({ timeout: 5000 });

step("what changes before the page listens is not missed");
const listens = "**/api/v1/events/stream*";
await page.route(listens, async (route) => {
  pm(SERVED, "task", "create", "Made before the page listened");
  await route.continue();
}, { times: 1 });
await page.goto(url + "/");
await page.locator(".card", { hasText: "Made before the page listened" }).waitFor({ timeout: 5000 });

step("days are those of the calendar");
const early = await open({ storageState });
for (const [now, said] of [["2999-12-24T08:00:00", "today"], ["2999-12-23T23:30:00", "tomorrow"], ["2999-12-25T01:00:00", "yesterday"]]) {
  await early.clock.setFixedTime(new Date(now));
  await early.goto(url + "/");
  const day = await early.locator(`.card[data-item="${id}"] .due time`).textContent();
  assert.equal(day, said, now);
}
await early.context().close();

step("two versions of a text");
pm(OTHER, "sync");
pm(OTHER, "edit", made.uid, "--body", "Written there");
pm(SERVED, "edit", made.uid, "--body", "Written here");
for (const clone of [SERVED, OTHER, SERVED]) pm(clone, "sync");
await page.goto(`${url}/items/${made.uid}`);
await shot(page, "conflict");
await accessible(page, "two versions");
await page.locator("details", { hasText: "Written there" }).getByRole("button", { name: "Keep this version" }).click();
await page.getByRole("heading", { name: /Several versions/ }).waitFor({ state: "detached" });
assert.equal(JSON.parse(pm(SERVED, "show", made.uid, "--json")).data.body.trim(), "Written there");
assert.equal(JSON.parse(pm(SERVED, "conflicts", "--json")).data.items.length, 0);

step("what was made with others is not undone alone");
const batch = `{"op":"task.create","title":"One of two"}\n{"op":"task.create","title":"The other one"}\n`;
execFileSync(GIT_PM, ["-C", SERVED, "batch"], { encoding: "utf8", input: batch });
await page.goto(url + "/");
await page.getByRole("link", { name: "One of two" }).click();
await page.locator(".history").getByText("with other items").waitFor();
assert.equal(await page.locator(".history button").count(), 0);

step("a newer commit does not take the place of the one that is read, and a merge tells what is not pushed");
const work = JSON.parse(pm(SERVED, "task", "create", "Reviewed work", "--json")).data.id;
pm(SERVED, "start", work);
const place = path.resolve(SERVED, JSON.parse(pm(SERVED, "show", work, "--json")).data.worktree);
const submit = (text) => {
  require("node:fs").writeFileSync(path.join(place, "work.txt"), text);
  for (const args of [["add", "-A"], ["commit", "-q", "-m", text]]) execFileSync("git", ["-C", place, ...args]);
  pm(place, "finish");
};
submit("one");
await page.goto(`${url}/items/${work}/changes`);
const approve = page.getByRole("button", { name: /^Approve/ });
const before = await approve.textContent();
submit("two");
await page.locator("#live").getByText(/has a newer commit/).waitFor();
assert.equal(await approve.textContent(), before, "the form keeps its commit");
assert.ok(await approve.isDisabled());
await page.locator("#live").getByText("show it").click();
await page.locator("main button:enabled", { hasText: /^Approve/ }).waitFor();
assert.notEqual(await approve.textContent(), before);
await approve.click();
const merge = page.getByRole("button", { name: /^Merge into/ });
await merge.waitFor();
// What the page read of itself before the merge comes after the answer to it, as it may on a busy computer.
const changesOf = `${url}/items/${work}/changes`;
await page.evaluate(() => {
  const own = window.fetch;
  window.fetch = async (...request) => {
    window.fetch = own;
    const answer = await own(...request);
    const text = await answer.text();
    await new Promise((give) => (window.giveOldAnswer = give));
    return new Response(text, { status: answer.status });
  };
});
pm(SERVED, "task", "create", "What the page reads itself again for");
await page.waitForFunction(() => window.giveOldAnswer);
await merge.click();
const outcome = page.locator("#live").getByText(/ahead of origin/);
await outcome.waitFor();
const reread = page.waitForResponse(changesOf);
await page.evaluate(() => window.giveOldAnswer());
await reread;
await page.waitForTimeout(100);
assert.equal(await merge.count(), 0, "an older answer is not shown");
assert.ok(await outcome.isVisible(), "the notice of the merge stays");
// A change of somebody else is read, too, and takes nothing away.
pm(SERVED, "comment", work, "Seen");
await page.waitForResponse(changesOf);
await page.waitForTimeout(100);
assert.ok(await outcome.isVisible(), "the notice of the merge outlives other news");
await page.goto(`${url}/items/${work}`);
await page.getByRole("button", { name: /^Push/ }).click();
await page.locator("#live").getByText(/was pushed to origin/).waitFor();

step("a refusal stays until the next action");
await page.goto(`${url}/`);
await page.locator(`.card[data-item="${work}"]`).waitFor();
await page.locator(".card", { hasText: "Wait for the page" }).dragTo(page.locator('.cell[data-to="in_progress"]'));
const refused = page.locator("#live").getByText(/T-0001/);
await refused.waitFor();
pm(SERVED, "task", "create", "Made meanwhile");
await page.locator(".card", { hasText: "Made meanwhile" }).waitFor();
assert.ok(await refused.isVisible());
await page.locator("#live").getByRole("button", { name: "Close" }).click();

step("every page, light and dark, wide and narrow");
for (const scheme of ["light", "dark"]) {
  for (const width of [1280, 360]) {
    const one = await open({ colorScheme: scheme, viewport: { width, height: 800 }, storageState });
    for (const place of ["/", `/items/${id}`, "/list", "/search?q=page", "/graph", "/plans", `/plans/${PLAN}`, `/plans/${PLAN}/text`,
      "/runs", "/reservations", "/inbox", "/inbox?all=true", "/activity", "/numbers", "/sign-in", "/items/T-9999",
      "/new", `/items/${id}/changes`, "/filter?field=label"]) {
      await one.goto(url + place);
      const wide = await one.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= width, `${place} is ${wide} wide at ${width}`);
      await accessible(one, `${place} ${scheme} ${width}`);
      if (place === "/graph") {
        const height = await one.locator("h1").evaluate((title) => title.getBoundingClientRect().height);
        assert.ok(height < 40, `the heading breaks within its word: ${height}`);
      }
      if (place === "/" && width === 360) {
        const top = await one.locator(".card").first().evaluate((card) => card.getBoundingClientRect().top);
        assert.ok(top < 400, `the first card begins at ${top} of 800`);
      }
      await shot(one, `${place.replace(/\W+/g, "-")}-${scheme}-${width}`);
    }
    await one.context().close();
  }
}

step("a browser that lost the proof");
await page.goto(url + "/");
await page.evaluate(() => localStorage.removeItem("git-pm-proof"));
await page.getByRole("link", { name: "New", exact: true }).click();
await dialog.getByLabel("Title").fill("Without a proof");
await dialog.getByRole("button", { name: "Create" }).click();
await dialog.getByText(/has lost the proof/).waitFor();
assert.equal(await dialog.getByLabel("Title").inputValue(), "Without a proof");
await dialog.getByRole("link", { name: "Sign in again" }).click();
await page.getByLabel("Token").fill("gitpm_wrong");
await page.getByRole("button", { name: "Sign in" }).click();
await page.locator("#live").getByText(/not a valid token/).waitFor();
await page.getByLabel("Token").fill(TOKEN);
await send(page, page.getByRole("button", { name: "Sign in" }));
// The form of a new item is also a page of its own, which leads to the item.
await page.goto(url + "/new");
await page.getByLabel("Title").fill("With a new proof");
await send(page, page.getByRole("button", { name: "Create" }));
await page.getByRole("heading", { name: /With a new proof/ }).waitFor();
await page.getByRole("button", { name: /signed in as/ }).click();
await send(page, page.getByRole("button", { name: "Sign out" }));
await page.getByRole("link", { name: "Sign in", exact: true }).first().waitFor();

step("without JavaScript");
const plain = await open({ javaScriptEnabled: false, storageState });
await plain.goto(url + "/");
await plain.getByText(/Without JavaScript, this page shows everything but changes nothing/).waitFor();
await plain.locator(".card").first().waitFor();
await plain.getByRole("link", { name: "Priority", exact: true }).click();
await plain.getByRole("link", { name: /^P1/ }).click();
assert.equal(new URL(plain.url()).searchParams.get("q"), "priority:1");
await plain.goto(url + "/new");
await plain.getByLabel("Title").fill("Without a script");
await send(plain, plain.getByRole("button", { name: "Create" }));
await plain.getByText(/sign in again in this browser, with JavaScript enabled/).waitFor();
const listed = JSON.parse(pm(SERVED, "list", "--all", "--json")).data.items;
assert.equal(listed.find((item) => /Without a (script|proof)/.test(item.title)), undefined);

assert.deepEqual(problems, []);
await browser.close();
console.log("done");
