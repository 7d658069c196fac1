// Calls every tool of `git pm mcp`, reads every resource and gets every prompt, with the official
// SDK of the Model Context Protocol, and counts the tokens of the texts for a model. Run in a
// repository with a remote in which git pm is set up:
//
//   GIT_PM_MCP_SDK_DIR=FOLDER node every_tool.mjs /path/to/git-pm
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.env.GIT_PM_MCP_SDK_DIR, "package.json"));
const { Client } = require("@modelcontextprotocol/sdk/client/index.js");
const { StdioClientTransport } = require("@modelcontextprotocol/sdk/client/stdio.js");

const binary = process.argv[2];
const git = (cwd, ...args) => execFileSync("git", args, { cwd, encoding: "utf8" });

async function connect(args) {
  const client = new Client({ name: "every-tool", version: "1.0.0" });
  const transport = new StdioClientTransport({
    command: binary,
    args: ["mcp", ...args],
    env: process.env,
    stderr: "inherit",
  });
  await client.connect(transport);
  return client;
}

// What it costs to have the tools in a model's context.
const core = await connect([]);
const { tools: offered } = await core.listTools();
let tokens = "not counted";
try {
  const { encode } = require("gpt-tokenizer");
  tokens = encode(JSON.stringify(offered) + core.getInstructions()).length;
  assert.ok(tokens < 2400, `the core tools cost ${tokens} tokens`);
} catch (error) {
  if (error.code !== "MODULE_NOT_FOUND") throw error;
}
console.log(`core: ${offered.length} tools, ${JSON.stringify(offered).length} bytes, ${tokens} tokens`);
await core.close();

const client = await connect(["--tools", "all", "--json"]);
const { tools } = await client.listTools();
const open = new Set(tools.map((tool) => tool.name));
for (const tool of tools) {
  assert.ok(tool.description && tool.description.length < 120, tool.name);
  assert.equal(tool.inputSchema.type, "object", tool.name);
}

async function call(name, args = {}) {
  assert.ok(tools.some((tool) => tool.name === name), `there is a tool ${name}`);
  open.delete(name);
  const result = await client.callTool({ name, arguments: args });
  const text = result.content[0].text;
  assert.ok(!result.isError, `${name}: ${text}`);
  assert.ok(text.length > 0, `${name} has a text`);
  // Nothing is said twice.
  assert.equal(result.structuredContent, undefined, name);
  return JSON.parse(text);
}

// The sender of a request cannot answer it: a result of either kind is right.
async function answered(name, args) {
  open.delete(name);
  const result = await client.callTool({ name, arguments: args });
  const data = JSON.parse(result.content[0].text);
  assert.ok(data.id || data.error.reason, name);
}

writeFileSync(
  "login.md",
  "# Log in\n\n## Requirements\n\n- FR-1: The system shall store a hash in `src/hash.rs`.\n" +
    "- FR-2: The system shall lock an account in `src/lock.rs`.\n",
);
git(".", "add", ".");
git(".", "commit", "-q", "-m", "docs: log in");

const { id: first } = await call("task_create", { title: "Fix it", accept: ["green", "fast"], path: ["src/a.rs"] });
const { id: second } = await call("task_create", { title: "Test it", type: "test", priority: 1 });
const { id: epic } = await call("epic_create", { title: "Group", body: "## Tasks\n\n- Store a hash in `src/hash.rs`.\n" });
const { id: issue } = await call("issue_create", { title: "Small", labels: ["x"] });
const { id: other } = await call("issue_create", { title: "Other" });
assert.ok((await call("ready", { limit: 3 })).items.length > 0);
await call("show", { id: first });
await call("task_edit", { id: second, title: "Test it well", epic, add_label: ["y"] });
await call("task_comment", { id: second, text: "A comment." });
await call("dep_add", { id: second, on: first });
await call("dep_list", { id: second });
await call("why", { id: second });
await call("blocked");
await call("list", { query: "kind:task", limit: 5 });
await call("search", { word: "test" });
await call("task_tree");
await call("task_block", { id: second, reason: "wait" });
await call("task_unblock", { id: second });
await call("task_defer", { id: second });
await call("task_undefer", { id: second });
await call("dep_rm", { id: second, on: first });

await call("prime");
assert.ok((await call("next")).id);
const started = await call("start", { id: first });
await call("reserve_add", { glob: ["docs/**"], task: first });
await call("reserve_list", { all: true });
await call("reserve_check", { path: ["docs/a.md"] });
await call("reserve_renew", { task: first, ttl: "30m" });
await call("reserve_release", { name: ["docs/**"], task: first });
await call("worktree_list");
await call("worktree_path", { id: first });
writeFileSync(join(started.worktree, "work.txt"), "done\n");
git(started.worktree, "add", ".");
git(started.worktree, "commit", "-q", "-m", "feat: it");
await call("task_accept", { id: first, n: [1], evidence: "seen" });
assert.equal((await call("finish", { id: first, accept: [2] })).status, "in_review");
assert.match((await call("task_diff", { id: first })).diff, /\+done/);

const physicalLocation = { artifactLocation: { uri: "work.txt" }, region: { startLine: 1 } };
const result = { ruleId: "r", level: "error", message: { text: "Wrong." }, locations: [{ physicalLocation }] };
const sarif = (results) =>
  JSON.stringify({ version: "2.1.0", runs: [{ tool: { driver: { name: "check" } }, results }] });
assert.equal((await call("review", { id: first })).reviewers[0].name, "git-pm");
assert.equal((await call("preflight", { id: first })).complete, false);
assert.equal((await call("postflight", { id: first })).lists[0].items.length, 5);
assert.equal((await call("checklist_show", { id: first })).lists.length, 5);
await call("finding_import", { item: first, text: sarif([result]) });
const { items: findings } = await call("finding_list", { item: first });
const { id: finding } = findings.find((one) => one.reviewer === "check");
await call("finding_show", { id: finding });
const [{ issue: filed }] = (await call("finding_to-issue", { id: [finding] })).items;
assert.equal((await call("show", { id: filed })).id, filed);
assert.match((await call("finding_comment", { id: first, write: true })).text, /git-pm:review:/);
await call("finding_fix", { id: finding });
await call("finding_keep", { id: finding, reason: "the caller checks it" });
assert.equal((await call("finding_export", { item: first })).findings, findings.length);
// An agent cannot settle what a tool says by a report of its own; a person can.
assert.deepEqual((await call("finding_import", { item: first, text: sarif([]) })).fixed, []);
const settle = () =>
  execFileSync(binary, ["finding", "import", first, "-"], { input: sarif([]), stdio: "pipe" });
settle();
await call("finding_reopen", { id: finding });
settle();
assert.equal((await call("task_return", { id: first, note: "work.txt:1: more" })).status, "in_progress");
const back = await call("show", { id: first });
assert.ok(JSON.stringify(back).includes("work.txt:1: more"));
writeFileSync(join(started.worktree, "work.txt"), "done and more\n");
git(started.worktree, "commit", "-qam", "fix: more");
assert.equal((await call("finish", { id: first })).status, "in_review");
execFileSync(binary, ["task", "approve", first], { encoding: "utf8" });
assert.equal((await call("merge", { id: first })).status, "done");
await call("worktree_gc", { dry_run: true });
await call("start", { id: second, no_worktree: true });
await call("task_drop", { id: second, reason: "later" });
git(".", "checkout", "-q", "main");
assert.equal((await call("check")).passed, true);
await call("start", { id: second });
await call("task_done", { id: second, evidence: "by hand" });
await call("task_reopen", { id: second });
await call("task_cancel", { id: second, reason: "not needed" });
await call("task_reopen", { id: [second] });
await call("task_reassign", { id: second, to: "ana" });
await call("task_delete", { id: second });

await call("issue_ready", { limit: 5 });
await call("issue_claim", { id: issue });
await call("issue_update", { id: [issue], status: "in_progress" });
await call("issue_label_add", { id: [issue], label: "z" });
await call("issue_label_remove", { id: [issue], label: "x" });
await call("issue_label_list", { id: issue });
await call("issue_label_list-all");
await call("issue_list");
await call("issue_show", { id: [issue] });
await call("issue_search", { word: "small" });
await call("issue_count", { by: "status" });
await call("issue_comments", { id: issue });
await call("issue_blocked");
await call("issue_children", { id: issue });
await call("issue_epic_status");
await call("issue_epic_close-eligible", { dry_run: true });
const gate = await call("issue_gate_create", { type: "timer", timeout: "1s", blocks: [issue] });
await call("issue_gate_list");
await call("issue_gate_show", { id: gate.id });
await call("issue_gate_check");
await call("issue_delete", { id: [gate.id], force: true });
await call("issue_close", { id: [issue], reason: "done" });
await call("issue_reopen", { id: [issue] });
await call("issue_defer", { id: issue });
await call("issue_undefer", { id: issue });
await call("issue_edit", { id: issue, priority: 1 });
await call("issue_comment", { id: issue, text: "A comment." });
await call("issue_delete", { id: [other] });

await call("scope", { document: "login.md" });
const { id: prd } = await call("prd_add", { file: "login.md" });
await call("prd_show", { id: prd });
await call("plan_new", { document: prd });
await call("plan_outline", { document: prd });
await call("plan_debate", { document: prd });
await call("plan_write", { document: prd, patch: true, text: "### login. Log in\n- it works\n" });
await call("plan_list");
await call("plan_show");
await call("plan_check");
await call("plan_deepen");
await call("plan_diff");
for (const title of ["One more", "And another", "And a third"]) {
  await call("plan_add", { title, accept: ["it is there"], plan: prd });
}
await call("plan_set", { task: "2", set: ["estimate=S"] });
await call("plan_order", { task: ["3", "2"] });
await call("plan_dep", { task: "3", on: "2" });
await call("plan_merge", { task: ["5", "7"] });
await call("plan_rm", { task: "3" });
await call("plan_update", { document: "login.md" });
await call("plan_regenerate");
await call("plan_seed", { document: prd });
await call("plan_decompose", { epic });
await call("epic_show", { id: epic });
for (const kind of ["epic", "prd"]) {
  const { id } = await call(`${kind}_create`, { title: "Another" });
  await call(`${kind}_edit`, { id, title: "Another one" });
  await call(`${kind}_comment`, { id, text: "A comment." });
  await call(`${kind}_close`, { id });
  await call(`${kind}_reopen`, { id });
  await call(`${kind}_delete`, { id });
}
await call("milestone_list");
await call("sprint_plan");
await call("trace", { what: first });

const sent = await call("msg_send", { to: ["all"], subject: "Hello", item: first, text: "A text." });
await call("msg_inbox");
await call("msg_read", { id: sent.id });
await call("msg_reply", { id: sent.id, text: "An answer." });
await call("msg_thread", { id: first });
await call("msg_search", { word: ["hello"] });
await call("msg_ack", { id: sent.id });
const { id: third } = await call("task_create", { title: "For another" });
const asked = await call("msg_delegate", { id: third, to: ["role:agent"], note: "please" });
const again = await call("msg_delegate", { id: third, to: ["role:agent"] });
await answered("msg_accept", { id: asked.id });
await answered("msg_decline", { id: again.id });
await call("handoff", { id: third, done: ["this"], next: ["that"] });
await call("handoff", { id: third });

const { id: learning } = await call("learn_add", {
  title: "Files need locks", kind: "gotcha", body: "A text.", symptom: ["torn"], item: first,
});
assert.equal((await call("learn_search", { word: ["lock"] })).items[0].id, learning);
await call("learn_show", { id: learning });
await call("learn_use", { id: learning, item: third });
assert.equal((await call("learn_none", { id: third })).id, third);
await call("learn_edit", { id: learning, path: ["src/a.rs"], consequences: "Slower." });
await call("learn_vote", { id: learning, vote: "useful" });
assert.equal((await call("learn_list", { kind: "gotcha" })).items.length, 1);
await call("learn_stats");
const { drafts } = await call("learn_draft", { id: first });
if (drafts.length > 0) await call("learn_accept", { id: drafts[0].id });
await call("predict", { id: first });
await call("learn_delete", { id: learning, reason: "wrong" });

for (const name of ["triage", "order", "graph", "forecast", "suggest", "stats"]) {
  await call(name);
}
await call("impact", { path: ["src/a.rs"] });
for (const name of ["board", "cost", "budget_show", "route_show", "standup", "retro", "view_list"]) {
  await call(name);
}
await call("route_explain", { id: first });
assert.ok((await call("agent_list", { category: "review" })).items.length >= 15);
assert.equal((await call("agent_show", { name: "rex" })).category, "planning");
assert.deepEqual((await call("agent_validate")).faults, []);
execFileSync(binary, ["view", "save", "mine", "is:open"]);
await call("view_show", { name: "mine" });
await call("report", { since: "1d" });
await call("context_set", { name: "build", text: "make" });
await call("context_show", { name: "build" });
await call("context_list");
await call("context_remove", { name: "build" });

await call("status");
await call("sync");
await call("pull");
await call("conflicts");
await call("doctor");
writeFileSync("api.json", "{}\n");
const { cursor: before } = await call("events");
const version = await call("artifact_put", { item: first, file: "api.json" });
await call("artifact_put", { item: first, text: "{ }\n", name: "api.json" });
assert.equal((await call("artifact_list", { item: first })).items.length, 1);
assert.equal((await call("artifact_get", { item: first, name: "api.json", version: version.id })).text, "{}\n");
const put = await call("events", { since: before, item: first });
assert.deepEqual(put.items.map((one) => one.kind), ["artifact.put", "artifact.put"]);
assert.equal(put.more, false);
await call("artifact_remove", { item: first, name: "api.json" });
await call("log", { id: first });
await call("diff", { range: "1h" });
await call("show", { id: first, at: "today" });
await call("task_edit", { id: issue, priority: 3 });
await call("undo", { dry_run: true });

// No repository is linked: the error is the model's to read.
for (const [name, given] of Object.entries({
  github_sync: { dry_run: true },
  github_pull: { dry_run: true },
  github_resolve: { id: first, side: "ours" },
  github_pr: { id: first },
  github_comment: { id: first },
})) {
  assert.ok(open.delete(name), name);
  const unlinked = await client.callTool({ name, arguments: given });
  assert.equal(JSON.parse(unlinked.content[0].text).error.reason, "forge.unlinked");
}
await call("github_status");
await call("planner", { document: prd, dry_run: true });
await call("taskmaster", { dry_run: true });
await call("reviewer", { dry_run: true });
assert.ok(open.delete("develop"));
const { id: undone } = await call("task_create", { title: "Without an agent" });
const undeveloped = await client.callTool({ name: "develop", arguments: { id: undone, dry_run: true } });
assert.equal(JSON.parse(undeveloped.content[0].text).error.reason, "run.no_agent");

// There is no conflict to resolve: the error is the model's to read.
const refused = await client.callTool({ name: "conflicts", arguments: { id: first, merged: true } });
assert.ok(refused.isError);
const { error } = JSON.parse(refused.content[0].text);
assert.ok(error.code && error.reason && error.message, refused.content[0].text);
assert.deepEqual([...open], [], "tools that were not called");

const { resources } = await client.listResources();
assert.ok(resources.length > 2);
for (const { uri } of resources) {
  const { contents } = await client.readResource({ uri });
  assert.ok(contents[0].text.length > 0, uri);
}
const { resourceTemplates } = await client.listResourceTemplates();
for (const { uriTemplate } of resourceTemplates) {
  const uri = uriTemplate.replace("{id}", first);
  assert.ok(!uri.includes("{"), `${uriTemplate} is filled in`);
  assert.ok((await client.readResource({ uri })).contents[0].text.length > 0, uri);
}
const { prompts } = await client.listPrompts();
for (const { name, arguments: named } of prompts) {
  const values = { id: issue, document: "login.md" };
  const given = Object.fromEntries((named ?? []).map((one) => [one.name, values[one.name]]));
  const { messages } = await client.getPrompt({ name, arguments: given });
  assert.ok(messages[0].content.text.length > 0, name);
}
await client.close();
console.log(
  `every tool was called: ${tools.length}; ${resources.length} resources, ` +
    `${resourceTemplates.length} templates, ${prompts.length} prompts`,
);
