// Octokit, GitHub's own client, with the fake of GitHub in tests/e2e/github/server: a second client
// that was not written together with the fake. And the keys of the payloads that its webhooks have,
// compared with those of GitHub's examples. Not a part of CI; run by hand:
//
//   npm install --prefix FOLDER @octokit/rest@22.0.1 @octokit/webhooks-examples@7.6.1
//   GIT_PM_OCTOKIT_DIR=FOLDER cargo test --test e2e github::fake::other_clients::octokit -- --ignored
//
// The test starts the fake and runs this script twice:
//
//   node octokit.mjs client URL TOKEN
//   node octokit.mjs webhooks FILE
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(join(process.env.GIT_PM_OCTOKIT_DIR, "package.json"));

/** Works on `acme/widget`, which has a branch `topic`, a type `Bug` and a user `bob`. */
async function client(baseUrl, auth) {
  const { Octokit } = await import(pathToFileURL(join(process.env.GIT_PM_OCTOKIT_DIR, "node_modules/@octokit/rest/dist-src/index.js")));
  const octokit = new Octokit({ baseUrl, auth, userAgent: "git-pm-tests" });
  const at = { owner: "acme", repo: "widget" };

  const { data: user } = await octokit.rest.users.getAuthenticated();
  assert.equal(user.login, "alice");
  const { data: repository } = await octokit.rest.repos.get(at);
  assert.equal(repository.default_branch, "main");

  // Issues, and all their pages.
  const created = [];
  for (let index = 1; index <= 25; index += 1) {
    const { data } = await octokit.rest.issues.create({ ...at, title: `Issue ${index}`, labels: ["made"], type: "Bug" });
    created.push(data);
  }
  assert.equal(created[0].type.name, "Bug");
  const all = await octokit.paginate(octokit.rest.issues.listForRepo, { ...at, state: "all", per_page: 10 });
  assert.equal(all.length, 25);
  const [first, second, third] = created;
  const { data: updated } = await octokit.rest.issues.update({
    ...at, issue_number: first.number, title: "Another title", assignees: ["bob"], state: "closed", state_reason: "not_planned",
  });
  assert.deepEqual([updated.title, updated.state_reason, updated.assignee.login], ["Another title", "not_planned", "bob"]);
  const { data: comment } = await octokit.rest.issues.createComment({ ...at, issue_number: first.number, body: "Hello <b>" });
  assert.equal(comment.body, "Hello <b>");
  await octokit.rest.issues.updateComment({ ...at, comment_id: comment.id, body: "Hello again" });

  // What did not change.
  const { headers } = await octokit.rest.issues.get({ ...at, issue_number: 1 });
  await assert.rejects(
    octokit.rest.issues.get({ ...at, issue_number: 1, headers: { "if-none-match": headers.etag } }),
    (error) => error.status === 304,
  );
  await assert.rejects(octokit.rest.issues.get({ ...at, issue_number: 999 }), (error) => error.status === 404);

  // Relations.
  await octokit.rest.issues.addSubIssue({ ...at, issue_number: second.number, sub_issue_id: third.id });
  const { data: parts } = await octokit.rest.issues.listSubIssues({ ...at, issue_number: second.number });
  assert.deepEqual(parts.map((part) => part.number), [third.number]);
  await octokit.rest.issues.addBlockedByDependency({ ...at, issue_number: second.number, issue_id: first.id });
  const { data: blockers } = await octokit.rest.issues.listDependenciesBlockedBy({ ...at, issue_number: second.number });
  assert.deepEqual(blockers.map((blocker) => blocker.number), [first.number]);

  // A pull request, which a draft becomes by GraphQL.
  const { data: pull } = await octokit.rest.pulls.create({ ...at, title: "Pull", head: "topic", base: "main", draft: true });
  assert.equal(pull.number, 26);
  const { markPullRequestReadyForReview: ready } = await octokit.graphql(
    "mutation($id: ID!) { markPullRequestReadyForReview(input: {pullRequestId: $id}) { pullRequest { isDraft } } }",
    { id: pull.node_id },
  );
  assert.equal(ready.pullRequest.isDraft, false);
  const { data: open } = await octokit.rest.pulls.list({ ...at, head: "acme:topic" });
  assert.deepEqual(open.map((one) => one.number), [26]);
  await octokit.rest.pulls.requestReviewers({ ...at, pull_number: 26, reviewers: ["bob"] });
  const { data: status } = await octokit.rest.repos.getCombinedStatusForRef({ ...at, ref: "topic" });
  assert.equal(status.state, "pending");
  console.log("client: as expected");
}

/** The keys of a value and of all values in it: `issue.user.login`. Below a null is anything: `merged_by.*`. */
function keys(value, path = "", found = new Set()) {
  if (Array.isArray(value)) {
    for (const item of value) keys(item, `${path}[]`, found);
  } else if (value === null) {
    found.add(`${path}.*`);
  } else if (value && typeof value === "object") {
    for (const [key, item] of Object.entries(value)) {
      const below = path ? `${path}.${key}` : key;
      found.add(below);
      keys(item, below, found);
    }
  }
  return found;
}

/** Keys that the examples, of 2019 to 2024, are too old for; GitHub's description has them. */
const newer = new Set([
  "issue.sub_issues_summary", "issue.issue_dependencies_summary", "issue.type", "issue.state_reason", "issue.timeline_url",
  "repository.allow_forking", "repository.has_discussions",
]);

function webhooks(file) {
  const examples = require("@octokit/webhooks-examples");
  const deliveries = JSON.parse(readFileSync(file, "utf8"));
  const compared = [
    "issues.opened", "pull_request.opened", "pull_request.closed", "pull_request.synchronize", "issue_comment.created",
  ];
  for (const name of compared) {
    const [event, action] = name.split(".");
    const known = new Set();
    // An event's other examples show keys that are null or missing in this one.
    for (const example of examples.find((one) => one.name === event).examples) keys(example, "", known);
    const own = examples.find((one) => one.name === event).examples.filter((one) => one.action === action);
    const ours = deliveries.filter((one) => one.event === event && one.action === action);
    assert.ok(ours.length > 0, `no payload of ${name}`);
    const missing = new Set();
    for (const { payload } of ours) {
      for (const key of Object.keys(payload)) {
        // Some actions have only an example of a person's repository.
        const isKnown = own.some((example) => key in example) || (key === "organization" && known.has(key));
        assert.ok(isKnown, `${name}: examples have no ${key}`);
      }
      for (const key of keys(payload)) {
        const isNewer = [...newer].some((one) => key === one || key.startsWith(`${one}.`) || key.endsWith(`.repo.${one.split(".")[1]}`));
        const isBelowNull = [...known].some((one) => one.endsWith(".*") && key.startsWith(one.slice(0, -1)));
        if (!known.has(key) && !key.endsWith(".*") && !isNewer && !isBelowNull) missing.add(key);
      }
    }
    assert.deepEqual([...missing], [], `${name}: examples have none of these`);
    console.log(`${name}: ${ours.length} payloads, all keys known`);
  }
}

const [what, ...rest] = process.argv.slice(2);
await { client, webhooks }[what](...rest);
