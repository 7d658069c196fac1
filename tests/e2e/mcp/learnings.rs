//! Learnings over MCP: kept, found, offered at the start of work, and counted.

use serde_json::{Value, json};

use super::{Client, text_of};
use crate::support::set_up;

fn ids(result: &Value) -> Vec<&str> {
    let all = result["learnings"].as_array().unwrap();
    all.iter().map(|one| one["id"].as_str().unwrap()).collect()
}

/// LN-01, LN-04: the core tool alone is enough to keep what was learned and to use it later.
#[test]
fn ln_04_what_one_agent_learns_is_shown_to_the_next_that_starts_near() {
    let (_scene, repo) = set_up();
    let mut ana = Client::named(&repo, &[], "ana-bot");
    ana.data(
        "task_create",
        json!({ "title": "Parse", "path": ["src/parse/**"] }),
    );
    let first = ana.data("start", json!({ "id": "T-1" }));
    assert_eq!(first["learnings"], json!([]));
    let there = repo.other(first["worktree"].as_str().unwrap());
    there.write("src/parse/a.rs", "parse\n");
    there.by("ana-bot").commit_all("feat: parse");
    let added = ana.data(
        "learn",
        json!({
            "action": "add", "title": "The lexer counts bytes", "kind": "gotcha", "item": "T-1",
            "text": "Columns are bytes, not characters.", "symptoms": ["off by one"],
            "paths": ["src/**"], "tags": ["lexer"],
        }),
    );
    let id = ids(&added)[0].to_string();
    let kept = repo.data(&["learn", "show", &id]);
    assert_eq!(kept["item"], "T-0001");
    let head = there.git(&["rev-parse", "HEAD"]).text();
    assert_eq!(kept["commit"], head, "the commit is that of the worktree");

    let mut ben = Client::named(&repo, &[], "ben-bot");
    let hits = ben.data(
        "learn",
        json!({ "action": "search", "query": "lexer column" }),
    );
    assert_eq!(ids(&hits), [&id]);
    let mut model = Client::of_model(&repo, &["--as", "ben-bot"]);
    let none = model.call("learn", json!({ "action": "search", "query": "zebra" }));
    assert_eq!(text_of(&none), "no learnings");
    ben.data(
        "task_create",
        json!({ "title": "Speed", "path": ["src/lex/b.rs"] }),
    );
    assert_eq!(ids(&ben.data("start", json!({ "id": "T-2" }))), [&id]);
    let started = model.call("start", json!({ "id": "T-2", "resume": true }));
    let text = text_of(&started);
    assert!(
        text.contains(&format!("{id} The lexer counts bytes")),
        "{text}"
    );

    let shown = ben.data("learn", json!({ "action": "show", "id": id }));
    assert_eq!(
        shown["learnings"][0]["text"],
        "Columns are bytes, not characters."
    );
    ben.data("learn", json!({ "action": "use", "id": id, "item": "T-2" }));
    let kept = repo.data(&["learn", "show", &id]);
    assert_eq!(kept["history"][0]["by"], "ben-bot");
    assert_eq!(kept["history"][0]["item"], "T-0002");
    let none = ben.data(
        "learn",
        json!({ "action": "none", "item": "T-2", "text": "routine" }),
    );
    assert_eq!(none["item"], "T-0002");
    assert_eq!(ana.end() + ben.end(), 0);
}

#[test]
fn the_group_lists_edits_votes_and_deletes() {
    let (_scene, repo) = set_up();
    let mut client = Client::start(&repo, &["--tools", "learn"]);
    let added = client.data("learn", json!({ "action": "add", "title": "One queue" }));
    let id = ids(&added)[0].to_string();
    let edited = client.data(
        "learn_edit",
        json!({ "id": id, "kind": "decision", "decision": "One per tenant", "tags": ["queue"] }),
    );
    assert_eq!(edited["decision"], "One per tenant");
    let voted = client.data("learn_vote", json!({ "id": id, "useful": false }));
    assert_eq!(voted["id"], id.as_str());
    let stale = client.data("learn_list", json!({ "stale": true, "kind": "decision" }));
    assert_eq!(stale["items"][0]["id"], id.as_str(), "{stale}");
    assert!(stale["items"][0]["stale"][0].is_string(), "{stale}");
    let stats = client.data("learn_stats", json!({}));
    assert_eq!(stats["total"], 1);
    client.data("learn_delete", json!({ "id": id, "reason": "wrong" }));
    let gone = client.error("learn", json!({ "action": "show", "id": id }));
    assert_eq!(gone["reason"], "learning.not_found", "{gone}");
}

#[test]
fn secrets_in_a_learning_are_refused_and_not_repeated() {
    let (_scene, repo) = set_up();
    repo.task("one", &[]);
    let mut client = Client::start(&repo, &["--tools", "learn"]);
    let added = client.data("learn", json!({ "action": "add", "title": "Keys" }));
    let id = ids(&added)[0].to_string();
    let tree = repo.state_tree();
    let key = "AKIAIOSFODNN7EXAMPLQ";
    for (tool, arguments) in [
        ("learn", json!({ "action": "add", "title": key })),
        (
            "learn",
            json!({ "action": "add", "title": "x", "text": format!("use {key}") }),
        ),
        (
            "learn",
            json!({ "action": "add", "title": "x", "symptoms": [key] }),
        ),
        (
            "learn",
            json!({ "action": "none", "item": "T-1", "text": key }),
        ),
        ("learn_edit", json!({ "id": id, "context": key })),
    ] {
        let error = client.error(tool, arguments);
        assert_eq!(error["reason"], "learning.secret", "{error}");
        assert!(!error.to_string().contains("AKIA"), "{error}");
    }
    assert_eq!(repo.state_tree(), tree, "something was written");
}

#[test]
fn each_action_names_the_arguments_that_it_requires_and_takes() {
    let (_scene, repo) = set_up();
    let mut client = Client::start(&repo, &["--tools", "learn"]);
    for (tool, arguments, said, hint) in [
        (
            "learn",
            json!({}),
            "missing field `action`",
            "action (required)",
        ),
        (
            "learn",
            json!({ "action": "forget" }),
            "unknown variant",
            "action (required)",
        ),
        (
            "learn",
            json!({ "action": "search" }),
            "`search` requires `query`",
            "query (required), kind",
        ),
        (
            "learn",
            json!({ "action": "show", "id": " " }),
            "requires `id`",
            "`show` takes: id",
        ),
        (
            "learn",
            json!({ "action": "add", "text": "x" }),
            "requires `title`",
            "title (required)",
        ),
        (
            "learn",
            json!({ "action": "none" }),
            "requires `item`",
            "item (required), text",
        ),
        (
            "learn",
            json!({ "action": "search", "query": "x", "title": "y" }),
            "does not take `title`",
            "`search` takes",
        ),
        (
            "learn",
            json!({ "action": "add", "title": "x", "kind": "rumour" }),
            "unknown variant",
            "kind",
        ),
        (
            "learn_edit",
            json!({ "id": "L-aaaaaa" }),
            "no field to change",
            "`text`",
        ),
        (
            "learn_vote",
            json!({ "id": "L-aaaaaa" }),
            "missing field `useful`",
            "useful (required)",
        ),
    ] {
        let error = client.error(tool, arguments);
        assert_eq!(error["reason"], "arguments.invalid", "{error}");
        assert!(error["message"].as_str().unwrap().contains(said), "{error}");
        let hints = error["hints"][0].as_str().unwrap();
        assert!(hints.contains(hint), "{error}");
    }
    // Clients that fill in every argument leave the others empty.
    client.data(
        "learn",
        json!({
            "action": "search", "query": "x", "id": "", "title": "", "text": "", "item": "",
            "paths": [], "tags": [], "symptoms": [],
        }),
    );
    let missing = client.error("learn", json!({ "action": "use", "id": "L-zzzzzz" }));
    assert_eq!(missing["reason"], "learning.not_found");
    let outside = client.error(
        "learn",
        json!({ "action": "add", "title": "x", "paths": ["../up"] }),
    );
    assert_eq!(outside["reason"], "learning.invalid_path");
}

#[test]
fn long_texts_of_learnings_arrive_bounded_and_escaped() {
    let (_scene, repo) = set_up();
    let body = format!("\u{1b}[31m{}", "x".repeat(200_000));
    repo.feed(
        crate::support::binary(),
        &["learn", "add", "Long", "--body", "-"],
        &body,
    )
    .ok();
    let id = repo.data(&["learn", "list"])["items"][0]["id"].clone();
    let mut client = Client::start(&repo, &[]);
    let result = client.call("learn", json!({ "action": "show", "id": id }));
    let text = result["content"][0]["text"].as_str().unwrap();
    assert!(text.len() < 10_000 && !text.contains('\u{1b}'));
    assert!(
        text.contains("git pm learn show L-"),
        "it says where the rest is"
    );
}
