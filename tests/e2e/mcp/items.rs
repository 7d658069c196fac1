//! What the tools say about items: all of one that is shown, the same words in every list.

use serde_json::json;

use super::{Client, text_of};
use crate::serve::Server;
use crate::support::{binary, set_up};

#[test]
fn a_line_of_every_list_has_the_priority_also_the_highest() {
    let (_scene, repo) = set_up();
    let task = repo.task("Put out the fire", &["-p", "0"]);
    let issue = repo.pm(&["issue", "q", "Sound the alarm", "-p", "0"]).ok();
    let issue = issue.text();
    let mut client = Client::of_model(&repo, &["--tools", "all"]);
    for tool in ["ready", "list", "issue_list", "issue_ready", "status"] {
        let said = client.call(tool, json!({}));
        let said = text_of(&said);
        let of_issue = (&issue, "[open] p0 Sound");
        let of_task = (&task, "[queued] p0 Put");
        let count = if tool.starts_with("issue") { 1 } else { 2 };
        for (id, rest) in [of_issue, of_task].into_iter().take(count) {
            assert!(said.contains(&format!("{id} {rest}")), "{tool}: {said}");
        }
    }
}

/// Otherwise a model takes the first hundred for all.
#[test]
fn a_list_that_its_limit_cuts_says_so() {
    let (_scene, repo) = set_up();
    let line = |n| format!(r#"{{"op":"issue.create","title":"Wash plate {n}"}}"#);
    let lines: Vec<String> = (1..101).map(line).collect();
    repo.feed(binary(), &["batch"], &lines.join("\n")).ok();
    repo.pm(&["issue", "q", "Wash plate 101"]).ok();
    let (mut program, mut model) = (
        Client::start(&repo, &["--tools", "all"]),
        Client::of_model(&repo, &["--tools", "all"]),
    );
    let server = Server::start(&repo, &[]);
    for (tool, limit) in [
        ("list", None),
        ("issue_list", None),
        ("search", None),
        ("log", Some(1)),
        ("issue_ready", Some(100)),
        ("issue_ready", None),
        ("order", Some(100)),
    ] {
        let mut arguments = json!({ "limit": limit });
        let mut path = format!("/api/v1/{}", tool.replace('_', "/"));
        if tool == "search" {
            arguments["word"] = json!(["plate"]);
            path += "?word=plate";
        }
        if let Some(limit) = limit {
            path += &format!("?limit={limit}");
        }
        assert_eq!(server.get(&path).data()["more"], true, "{path}");
        assert_eq!(
            program.data(tool, arguments.clone())["more"],
            true,
            "{tool}"
        );
        let said = model.call(tool, arguments.clone());
        assert!(text_of(&said).contains("more: there are"), "{tool}: {said}");
        arguments["limit"] = json!(0);
        let whole = program.data(tool, arguments);
        assert!(whole["more"].is_null(), "{tool}: {}", whole["more"]);
    }
    let explained = server.get("/api/v1/ready?explain=true").data();
    assert_eq!(explained["more"], 81, "{}", explained["more"]);
    let listed = repo.data(&["list", "--limit", "100"]);
    let keys: Vec<&String> = listed.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["items", "more"], "the command line says so, too");
    assert_eq!(listed["more"], true);
}

/// What a tool can write, a model has to be able to read: it would overwrite the notes of others unseen.
#[test]
fn an_item_that_is_shown_has_all_that_the_command_line_shows() {
    let (_scene, repo) = set_up();
    let notes = format!("Ask Bea.\n{}", "Why? ".repeat(8_000));
    let made = repo.pm(&[
        "issue",
        "create",
        "The login fails",
        "--type",
        "bug",
        "--design",
        "One lock.",
        "--due",
        "2126-12-01",
        "--external-ref",
        "gh-7",
        "--estimate",
        "90",
        "--label",
        "auth",
        "--json",
    ]);
    let made = made.ok().data();
    let id = made["id"].as_str().unwrap();
    repo.pm(&["issue", "update", id, "--append-notes", &notes])
        .ok();
    for n in 0..12 {
        repo.pm(&["issue", "comment", id, &format!("Remark {n}")])
            .ok();
    }
    repo.pm(&["task", "block", id, "no key"]).ok();
    let other = repo.task("Another", &["--estimate", "S"]);
    let wanted = [
        "type: bug",
        "due_at: 2126-12-01",
        "external_refs: gh-7",
        "estimated_minutes: 90",
        "labels: auth",
        "reason: no key",
        "design: One lock.",
        "  Ask Bea.",
        &format!("more bytes: `git pm show {id}`"),
        &format!("[2 earlier comments: `git pm show {id}`]"),
        "Remark 11",
    ];
    let mut model = Client::of_model(&repo, &["--tools", "all"]);
    let uri = json!({ "uri": format!("pm://item/{id}") });
    let read = model.request("resources/read", uri)["result"]["contents"][0]["text"].clone();
    let mut said = vec![read.as_str().unwrap().to_string()];
    for (tool, ids) in [
        ("show", json!([id])),
        ("issue_show", json!([id])),
        ("show", json!([id, other])),
    ] {
        let answer = model.call(tool, json!({ "id": ids }));
        said.push(text_of(&answer).to_string());
    }
    for text in &said {
        for part in &wanted {
            assert!(text.contains(part), "`{part}` is not in {text}");
        }
    }
    assert!(said[3].contains("estimate: S"), "{}", said[3]);
    // Empty fields cost nothing.
    let bare = repo.task("Bare", &[]);
    let answer = model.call("show", json!({ "id": bare }));
    let short = format!("{bare} [queued, p2] Bare\ntype: feature");
    assert_eq!(text_of(&answer), short);

    let mut program = Client::start(&repo, &["--tools", "all"]);
    let data = program.data("show", json!({ "id": id }));
    let printed = repo.data(&["show", id]);
    for (key, value) in printed.as_object().unwrap() {
        let is_empty = value.is_null() || *value == "";
        assert!(!data[key].is_null() || is_empty, "{key}: {data}");
    }
    assert_eq!(data["design"], "One lock.");
    let then = model.call("show", json!({ "id": other, "at": "refs/pm/main" }));
    let then = text_of(&then);
    for part in ["title: Another", "estimate: S", "as_of:"] {
        assert!(then.contains(part), "`{part}` is not in {then}");
    }
    let prime = repo.pm(&["prime", id, "--budget", "4000"]).ok().out;
    for part in [
        "type bug",
        "due 2126-12-01",
        "external gh-7",
        "labels auth",
        "## Design\nOne lock.",
        "## Notes\nAsk Bea.",
    ] {
        assert!(prime.contains(part), "`{part}` is not in {prime}");
    }
}

#[test]
fn an_option_of_the_command_line_alone_is_named_so() {
    let (_scene, repo) = set_up();
    let mut client = Client::start(&repo, &["--tools", "all"]);
    for (tool, key, command) in [
        ("issue_ready", "claim", "`git pm issue ready --claim`"),
        ("list", "tree", "`git pm list --tree`"),
        ("events", "follow", "`git pm events --follow`"),
    ] {
        let error = client.error(tool, json!({ key: true }));
        assert_eq!(error["reason"], "arguments.invalid", "{error}");
        let hint = error["hints"][0].as_str().unwrap();
        assert!(hint.starts_with(command), "{tool}: {error}");
    }
}
