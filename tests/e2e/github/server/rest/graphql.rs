//! The two mutations that REST has no counterpart of: a draft is made ready, and the other way round.

use std::sync::Arc;

use serde_json::{Value, json};

use super::super::access::Caller;
use super::super::answer::{Shared, lock};
use super::super::failure::Result;
use super::super::state::{State, id_of_node};
use super::Reply;

const MUTATIONS: &[(&str, bool)] = &[
    ("markPullRequestReadyForReview", false),
    ("convertPullRequestToDraft", true),
];

/// Performs a mutation. Failures of GraphQL have status 200.
pub fn reply(shared: &Arc<Shared>, caller: &Caller, body: &Value) -> Result<Reply> {
    let actor = caller.actor()?;
    let query = body["query"].as_str().unwrap_or_default();
    let Some((name, draft)) = MUTATIONS.iter().find(|(name, _)| query.contains(name)) else {
        lock(&shared.violations).push(format!("POST /graphql: only two mutations, not {query}"));
        return failed("UNKNOWN", "This mutation is not answered here");
    };
    let state = &mut *lock(&shared.state);
    let Some((repository, number)) = asked(query, &body["variables"], state) else {
        return failed(
            "NOT_FOUND",
            "Could not resolve to a node with the global id",
        );
    };
    if !caller.sees(state, repository) {
        return failed(
            "NOT_FOUND",
            "Could not resolve to a node with the global id",
        );
    }
    caller.require(state, repository, "pull_requests", true)?;
    state.set_draft(repository, number, *draft, &actor);
    let pull = state.issue(repository, number).pull.as_ref();
    let of = state.repository(repository);
    let shown = json!({
        "id": pull.map(|pull| super::super::state::node_id("PR", pull.id)),
        "isDraft": draft,
        "number": number,
        "url": format!("{}/{}/{}/pull/{number}", state.web_url, of.owner, of.name),
    });
    Reply::ok(json!({"data": {*name: {"pullRequest": shown}}}))
}

fn failed(kind: &str, message: &str) -> Result<Reply> {
    Reply::ok(json!({"data": null, "errors": [{"type": kind, "message": message}]}))
}

/// The pull request whose node id is among the variables, or written into the query.
fn asked(query: &str, variables: &Value, state: &State) -> Option<(u64, u64)> {
    let mut texts: Vec<&str> = query.split('"').collect();
    collect(variables, &mut texts);
    let id = texts.into_iter().find_map(|text| id_of_node("PR", text))?;
    state.repositories.values().find_map(|repository| {
        let mut issues = repository.issues.values();
        let issue = issues.find(|issue| issue.pull.as_ref().is_some_and(|pull| pull.id == id))?;
        Some((repository.id, issue.number))
    })
}

/// All texts in a value.
fn collect<'a>(value: &'a Value, texts: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        Value::Object(fields) => fields.values().for_each(|field| collect(field, texts)),
        _ => {}
    }
}
