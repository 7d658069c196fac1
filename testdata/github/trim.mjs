// Makes openapi.json of this folder: GitHub's description of its REST API, cut down to the
// operations that the fake server of the tests answers, with schemas of JSON Schema 2020-12.
//
//   npm install @octokit/openapi@23.0.2
//   node trim.mjs node_modules/@octokit/openapi/generated/api.github.com.json > openapi.json
import { readFileSync } from "node:fs";

const source = JSON.parse(readFileSync(process.argv[2], "utf8"));

const repository = "/repos/{owner}/{repo}";
const kept = {
  "/user": ["get"],
  "/rate_limit": ["get"],
  "/app/installations/{installation_id}/access_tokens": ["post"],
  "/orgs/{org}/issue-types": ["get"],
  [repository]: ["get"],
  [`${repository}/installation`]: ["get"],
  [`${repository}/assignees`]: ["get"],
  [`${repository}/issues`]: ["get", "post"],
  [`${repository}/issues/{issue_number}`]: ["get", "patch"],
  [`${repository}/issues/comments`]: ["get"],
  [`${repository}/issues/comments/{comment_id}`]: ["get", "patch", "delete"],
  [`${repository}/issues/{issue_number}/comments`]: ["get", "post"],
  [`${repository}/issues/{issue_number}/labels`]: ["post"],
  [`${repository}/issues/{issue_number}/parent`]: ["get"],
  [`${repository}/issues/{issue_number}/sub_issue`]: ["delete"],
  [`${repository}/issues/{issue_number}/sub_issues`]: ["get", "post"],
  [`${repository}/issues/{issue_number}/sub_issues/priority`]: ["patch"],
  [`${repository}/issues/{issue_number}/dependencies/blocked_by`]: ["get", "post"],
  [`${repository}/issues/{issue_number}/dependencies/blocked_by/{issue_id}`]: ["delete"],
  [`${repository}/issues/{issue_number}/dependencies/blocking`]: ["get"],
  [`${repository}/labels`]: ["get", "post"],
  [`${repository}/labels/{name}`]: ["get", "patch", "delete"],
  [`${repository}/milestones`]: ["get", "post"],
  [`${repository}/milestones/{milestone_number}`]: ["get", "patch", "delete"],
  [`${repository}/pulls`]: ["get", "post"],
  [`${repository}/pulls/{pull_number}`]: ["get", "patch"],
  [`${repository}/pulls/{pull_number}/files`]: ["get"],
  [`${repository}/pulls/{pull_number}/merge`]: ["put"],
  [`${repository}/pulls/{pull_number}/requested_reviewers`]: ["get", "post"],
  [`${repository}/pulls/{pull_number}/reviews`]: ["get"],
  [`${repository}/rules/branches/{branch}`]: ["get"],
  [`${repository}/commits/{ref}/status`]: ["get"],
  [`${repository}/commits/{ref}/check-runs`]: ["get"],
};

/** The events that the fake delivers. */
const events =
  /^(ping|issue-comment-(created|deleted|edited)|issue-dependencies-.*|sub-issues-.*|issues-(assigned|closed|deleted|demilestoned|edited|labeled|milestoned|opened|reopened|transferred|typed|unassigned|unlabeled|untyped)|pull-request-(assigned|closed|converted-to-draft|demilestoned|edited|labeled|milestoned|opened|ready-for-review|reopened|review-requested|review-submitted|synchronize|unassigned|unlabeled))$/;

/** What a `#/…` reference points at. */
const pointed = (reference) => reference.slice(2).split("/").reduce((at, key) => at[key], source);

const schemas = {};
const noise = new Set([
  "description", "example", "examples", "externalDocs", "title", "summary", "deprecated",
  "x-github", "x-githubEnterpriseOnly", "x-multi-segment", "discriminator", "xml", "readOnly",
  // `format` is an annotation in 2020-12, and validators are not asked for more.
  "format", "default",
]);

/** A schema of OpenAPI 3.0 as one of JSON Schema 2020-12; those that it refers to are kept, too. */
function schema(given) {
  if (typeof given !== "object" || given === null) return given;
  if (given.$ref) {
    const name = given.$ref.replace("#/components/schemas/", "");
    if (!(name in schemas)) {
      schemas[name] = {};
      schemas[name] = schema(pointed(given.$ref));
    }
    return { $ref: given.$ref };
  }
  const made = {};
  for (const [key, value] of Object.entries(given)) {
    if (noise.has(key) || key === "nullable") continue;
    if (["properties", "patternProperties"].includes(key)) {
      made[key] = Object.fromEntries(Object.entries(value).map(([name, of]) => [name, schema(of)]));
    } else if (["allOf", "anyOf", "oneOf"].includes(key)) {
      made[key] = value.map(schema);
    } else if (["items", "additionalProperties", "not"].includes(key)) {
      made[key] = schema(value);
    } else {
      made[key] = value;
    }
  }
  // Every list of types of 3.0 is one type and `nullable`, which may stray to where no type is.
  if (given.nullable && made.type) {
    made.type = [made.type, "null"];
    if (made.enum && !made.enum.includes(null)) made.enum = [...made.enum, null];
  } else if (given.nullable) {
    for (const key of ["anyOf", "oneOf"]) {
      if (made[key]) made[key] = [...made[key].filter((of) => of.type !== "null"), { type: "null" }];
    }
    if (made.allOf) return { anyOf: [made, { type: "null" }] };
  }
  return made;
}

/** What is sent or answered: the schema of its JSON, or null where it has none. */
function content(given) {
  const json = given?.content?.["application/json"];
  return json?.schema ? schema(json.schema) : null;
}

const resolved = (given) => (given.$ref ? pointed(given.$ref) : given);

const paths = {};
for (const [path, methods] of Object.entries(kept)) {
  const from = source.paths[path];
  if (!from) throw new Error(`the description has no ${path}`);
  paths[path] = {};
  for (const method of methods) {
    const operation = from[method];
    if (!operation) throw new Error(`the description has no ${method} ${path}`);
    const parameters = [...(from.parameters ?? []), ...(operation.parameters ?? [])]
      .map(resolved)
      .map(({ name, in: where, required = false, schema: of }) => ({ name, in: where, required, schema: schema(of) }));
    const body = operation.requestBody && resolved(operation.requestBody);
    paths[path][method] = {
      operationId: operation.operationId,
      parameters,
      ...(body ? { requestBody: { required: body.required ?? false, schema: content(body) } } : {}),
      responses: Object.fromEntries(
        Object.entries(operation.responses).map(([status, answer]) => [status, content(resolved(answer))]),
      ),
    };
  }
}

const webhooks = {};
for (const [name, { post }] of Object.entries(source["x-webhooks"])) {
  if (!events.test(name)) continue;
  // `sub-issues/sub-issue-added` is sent as the event `sub_issues` with the action `sub_issue_added`.
  webhooks[post.operationId.replaceAll("-", "_")] = content(resolved(post.requestBody));
}

const { title, version, license } = source.info;
console.log(JSON.stringify({ info: { title, version, license }, paths, webhooks, components: { schemas } }));
