//! Learnings over MCP: kept, found, offered at the start of work, and counted.

use serde_json::{Value, json};

use super::{Client, text_of};
use crate::support::set_up;

fn ids(result: &Value) -> Vec<&str> {
    let all = result.get("learnings").unwrap_or(&result["items"]);
    let all = all.as_array().unwrap();
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
        "learn_add",
        json!({
            "title": "The lexer counts bytes", "kind": "gotcha", "item": "T-1",
            "body": "Columns are bytes, not characters.", "symptom": ["off by one"],
            "path": ["src/**"], "tag": ["lexer"],
        }),
    );
    let id = added["id"].as_str().unwrap().to_string();
    let kept = repo.data(&["learn", "show", &id]);
    assert_eq!(kept["item"], "T-0001");
    let head = there.git(&["rev-parse", "HEAD"]).text();
    assert_eq!(kept["commit"], head, "the commit is that of the worktree");

    let mut ben = Client::named(&repo, &[], "ben-bot");
    let hits = ben.data("learn_search", json!({ "word": ["lexer", "column"] }));
    assert_eq!(ids(&hits), [&id]);
    let mut model = Client::of_model(&repo, &["--as", "ben-bot"]);
    let none = model.call("learn_search", json!({ "word": "zebra" }));
    assert_eq!(text_of(&none), "none");
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

    let shown = ben.data("show", json!({ "id": id }));
    assert_eq!(shown["body"], "Columns are bytes, not characters.");
    ben.data("learn_use", json!({ "id": id, "item": "T-2" }));
    let kept = repo.data(&["learn", "show", &id]);
    assert_eq!(kept["history"][0]["by"], "ben-bot");
    assert_eq!(kept["history"][0]["item"], "T-0002");
    let none = ben.data("learn_none", json!({ "id": "T-2", "reason": "routine" }));
    assert_eq!(none["id"], "T-0002");
    assert_eq!(ana.end() + ben.end(), 0);
}

#[test]
fn the_group_lists_edits_votes_and_deletes() {
    let (_scene, repo) = set_up();
    let mut client = Client::start(&repo, &["--tools", "learn"]);
    let added = client.data("learn_add", json!({ "title": "One queue" }));
    let id = added["id"].as_str().unwrap().to_string();
    let edited = client.data(
        "learn_edit",
        json!({ "id": id, "kind": "decision", "decision": "One per tenant", "tag": ["queue"] }),
    );
    assert_eq!(edited["decision"], "One per tenant");
    let voted = client.data("learn_vote", json!({ "id": id, "vote": "not-useful" }));
    assert_eq!(voted["id"], id.as_str());
    let stale = client.data("learn_list", json!({ "stale": true, "kind": "decision" }));
    assert_eq!(stale["items"][0]["id"], id.as_str(), "{stale}");
    assert!(stale["items"][0]["stale"][0].is_string(), "{stale}");
    let stats = client.data("learn_stats", json!({}));
    assert_eq!(stats["total"], 1);
    client.data("learn_delete", json!({ "id": id, "reason": "wrong" }));
    let gone = client.error("learn_show", json!({ "id": id }));
    assert_eq!(gone["reason"], "learning.not_found", "{gone}");
}

#[test]
fn secrets_in_a_learning_are_refused_and_not_repeated() {
    let (_scene, repo) = set_up();
    repo.task("one", &[]);
    let mut client = Client::start(&repo, &["--tools", "learn"]);
    let added = client.data("learn_add", json!({ "title": "Keys" }));
    let id = added["id"].as_str().unwrap().to_string();
    let tree = repo.state_tree();
    let key = "AKIAIOSFODNN7EXAMPLQ";
    for (tool, arguments) in [
        ("learn_add", json!({ "title": key })),
        (
            "learn_add",
            json!({ "title": "x", "body": format!("use {key}") }),
        ),
        ("learn_add", json!({ "title": "x", "symptom": [key] })),
        ("learn_none", json!({ "id": "T-1", "reason": key })),
        ("learn_edit", json!({ "id": id, "context": key })),
    ] {
        let error = client.error(tool, arguments);
        assert_eq!(error["reason"], "learning.secret", "{error}");
        assert!(!error.to_string().contains("AKIA"), "{error}");
    }
    assert_eq!(repo.state_tree(), tree, "something was written");
}

#[test]
fn what_a_learning_cannot_have_is_refused() {
    let (_scene, repo) = set_up();
    let mut client = Client::start(&repo, &["--tools", "learn"]);
    for (tool, arguments, said) in [
        ("learn_search", json!({}), "needs the key `word`"),
        ("learn_add", json!({ "body": "x" }), "needs the key `title`"),
        (
            "learn_search",
            json!({ "word": "x", "title": "y" }),
            "no key `title`",
        ),
        (
            "learn_add",
            json!({ "title": "x", "kind": "rumour" }),
            "`rumour` is not a valid kind",
        ),
        (
            "learn_vote",
            json!({ "id": "L-aaaaaa" }),
            "needs the key `vote`",
        ),
        (
            "learn_vote",
            json!({ "id": "L-aaaaaa", "vote": "perhaps" }),
            "useful or not-useful",
        ),
    ] {
        let error = client.error(tool, arguments);
        assert_eq!(error["reason"], "arguments.invalid", "{error}");
        assert!(error["message"].as_str().unwrap().contains(said), "{error}");
    }
    let nothing = client.error("learn_edit", json!({ "id": "L-aaaaaa" }));
    assert_eq!(nothing["message"], "there is nothing to change");
    let missing = client.error("learn_use", json!({ "id": "L-zzzzzz" }));
    assert_eq!(missing["reason"], "learning.not_found");
    let outside = client.error("learn_add", json!({ "title": "x", "path": ["../up"] }));
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
    let result = client.call("show", json!({ "id": id }));
    let text = result["content"][0]["text"].as_str().unwrap();
    assert!(text.len() < 10_000 && !text.contains('\u{1b}'));
    assert!(
        text.contains("git pm learn show L-"),
        "it says where the rest is"
    );
}
