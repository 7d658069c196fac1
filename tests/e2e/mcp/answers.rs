//! The content of answers: notices, texts of others, errors, and files that are not read.

use serde_json::{Value, json};

use super::{Client, data_of};
use crate::support::{Repo, Scene, binary, forge, set_up};

/// The texts of a result but the first.
fn notes(result: &Value) -> Vec<String> {
    let content = result["content"].as_array().unwrap();
    let text = |one: &Value| one["text"].as_str().unwrap().to_string();
    content.iter().skip(1).map(text).collect()
}

/// Requires that no text of an answer has an invisible character.
#[track_caller]
fn assert_visible(answer: &Value) {
    let hidden = |c: char| {
        (c.is_control() && c != '\n' && c != '\t')
            || matches!(c, '\u{2028}'..='\u{202e}' | '\u{e0000}'..='\u{e007f}')
    };
    match answer {
        Value::String(text) => assert!(!text.contains(hidden), "{text:?}"),
        Value::Array(list) => list.iter().for_each(assert_visible),
        Value::Object(map) => {
            assert!(!map.keys().any(|key| key.contains(hidden)), "{answer}");
            map.values().for_each(assert_visible);
        }
        _ => {}
    }
}

/// A hub whose state is lost, and a clone with an alarm for `claude`.
fn with_alarm_and_lost_remote(scene: &Scene) -> Repo {
    let (hub, a) = scene.with_hub();
    a.task("Wash", &[]);
    a.by("claude").pm(&["start", "T-1", "--no-worktree"]).ok();
    a.pm(&["task", "reassign", "T-1", "--to", "Ana"]).ok();
    a.pm(&["sync"]).ok();
    hub.git(&["update-ref", "-d", "refs/pm/main"]).ok();
    a
}

/// The notices of the tool are beside those that the state has for the actor, not in their place.
#[test]
fn the_alarms_of_a_report_stay_when_the_request_has_a_notice() {
    let scene = Scene::new();
    let a = with_alarm_and_lost_remote(&scene);
    let mut client = Client::start(&a, &["--as", "claude", "--tools", "sync"]);
    let result = client.call("sync", json!({}));
    let notes = notes(&result);
    assert!(
        notes.iter().any(|note| note.contains("had lost the state")),
        "{result}"
    );
    let notices = &data_of(&result)["notices"];
    assert_eq!(notices[0]["alarm"], true, "{result}");
    // An alarm is not news: it stays.
    let status = client.data("status", json!({}));
    assert_eq!(status["notices"][0]["alarm"], true, "{status}");
}

#[test]
fn news_is_shown_once() {
    let scene = Scene::new();
    let (_, a) = scene.with_hub();
    for (number, first) in ["status", "sync", "pull"].into_iter().enumerate() {
        a.task("Wash", &[]);
        let id = format!("T-{}", number + 1);
        a.pm(&["task", "reassign", &id, "--to", "claude"]).ok();
        a.pm(&["sync"]).ok();
        let mut client = Client::start(&a, &["--as", "claude", "--tools", "sync"]);
        let news = client.data(first, json!({}))["notices"].clone();
        assert_eq!(news[0]["topic"], "assigned", "{first}: {news}");
        for again in ["status", "sync", "pull"] {
            let news = client.data(again, json!({}))["notices"].clone();
            assert_eq!(news, json!([]), "{again} after {first}");
        }
    }
}

#[test]
fn invisible_characters_of_the_state_are_escaped_in_every_answer() {
    let (_scene, repo) = set_up();
    let evil = "a\u{202e}b\u{e0041}\u{e0042}\u{1b}]0;x\u{7}";
    repo.feed(
        binary(),
        &["task", "create", evil, "--body", "-", "--accept", evil],
        evil,
    )
    .ok();
    repo.pm(&["task", "comment", "T-1", evil]).ok();
    repo.pm(&["msg", "send", "--to", "all", "--item", "T-1", evil, evil])
        .ok();
    // The time of a comment may be any text.
    let paths = repo.git(&["ls-tree", "-r", "--name-only", "refs/pm/main", "comments"]);
    let path = paths.ok().text();
    let text = forge::read(&repo, &path);
    let (head, rest) = text.split_once("created_at: ").expect("a time");
    let (_, rest) = rest.split_once('\n').unwrap();
    let long = "x".repeat(1_000_000);
    let time = format!("\"\\u202E\\U000E0041{long}\"");
    let forged = format!("{head}created_at: {time}\n{rest}");
    forge::put(&repo, &path, forged.as_bytes());

    let mut client = Client::start(&repo, &["--tools", "all", "--as", "claude"]);
    for (tool, arguments) in [
        ("show", json!({ "id": "T-1" })),
        ("ready", json!({})),
        ("next", json!({})),
        ("msg_inbox", json!({})),
        ("msg_thread", json!({ "id": "T-1" })),
        ("list", json!({})),
        ("status", json!({})),
        ("log", json!({})),
        ("start", json!({ "id": "T-1" })),
        ("task_block", json!({ "id": "T-1", "reason": evil })),
        ("start", json!({ "id": "T-1" })),
        ("show", json!({ "id": evil })),
        ("task_create", json!({ "title": "x", evil: 1 })),
    ] {
        let result = client.call(tool, arguments);
        assert!(result["content"][0]["text"].is_string(), "{tool}: {result}");
        assert_visible(&result);
        assert!(result.to_string().len() < 100_000, "{tool}");
    }
    for uri in [
        "pm://item/T-1",
        "pm://thread/T-1",
        "pm://inbox",
        "pm://prime",
        evil,
    ] {
        let read = client.request("resources/read", json!({ "uri": uri }));
        let answer = match read.get("error") {
            Some(error) => error,
            None => &read["result"]["contents"][0]["text"],
        };
        assert_visible(answer);
        assert!(answer.to_string().len() < 100_000, "{uri}");
    }
    let prompt = json!({ "name": "work-on", "arguments": { "id": "T-1" } });
    assert_visible(&client.request("prompts/get", prompt)["result"]);
    assert_visible(&client.request("resources/list", json!({}))["result"]);
}

/// A reservation in the worktree of a task is made by a second view of the repository.
#[test]
fn a_reservation_for_a_task_returns_its_notices() {
    let scene = Scene::new();
    let (_, repo) = scene.with_hub();
    repo.task("Wash", &[]);
    repo.by("claude").pm(&["start", "T-1"]).ok();
    repo.pm(&["config", "pm.offline", "allow"]).ok();
    repo.git(&["remote", "set-url", "origin", "../nowhere.git"])
        .ok();
    let mut client = Client::start(&repo, &["--as", "claude"]);
    for arguments in [
        json!({ "glob": ["docs/**"] }),
        json!({ "glob": ["src/**"], "task": "T-1" }),
    ] {
        let result = client.call("reserve_add", arguments);
        assert_eq!(result["isError"], false, "{result}");
        let notes = notes(&result);
        assert_eq!(notes.len(), 1, "{result}");
        assert!(notes[0].contains("continuing offline"), "{notes:?}");
    }
    // An item without a worktree: in the server's own.
    repo.task("Dry", &[]);
    let reserved = client.data(
        "reserve_add",
        json!({ "glob": "x", "new": true, "task": "T-2" }),
    );
    assert_eq!(reserved["task"], "T-0002");
}

#[test]
fn an_error_has_the_same_fields_as_on_the_command_line() {
    let (_scene, repo) = set_up();
    let made = |n: usize| format!(r#"{{"op":"task.create","title":"Task {n}"}}"#);
    let stopped = |n: usize| format!(r#"{{"op":"task.block","id":"T-{n:04}","reason":"no key"}}"#);
    let lines: Vec<String> = (1..=25).map(made).chain((1..=25).map(stopped)).collect();
    repo.feed(binary(), &["batch"], &lines.join("\n")).ok();
    let mut client = Client::start(&repo, &["--as", "claude"]);
    let error = client.error("next", json!({ "claim": true }));
    assert_eq!(
        error["waiting"].as_array().map(Vec::len),
        Some(20),
        "{error}"
    );
    assert_eq!(error["more_waiting"], 5, "{error}");
    let next = repo.by("claude").pm(&["--json", "next"]).exits(1).error();
    assert_eq!(error, next);
}

#[test]
fn a_document_is_a_file_of_a_worktree_or_an_error_that_says_so() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.task("Write it down", &[]);
    repo.by("claude").pm(&["start", "T-1"]).ok();
    let text = "# Log in\n\n## Requirements\n\n- FR-1: The system shall work.\n";
    repo.write("prd.md", text);
    repo.write("docs/deep.md", text);
    repo.worktree("T-1").write("theirs.md", text);
    std::fs::write(scene.dir.path().join("outside.md"), text).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("../outside.md", repo.path.join("link.md")).unwrap();
    let mut client = Client::start(&repo, &["--as", "claude", "--tools", "plan"]);
    let outside = scene.dir.path().join("outside.md");
    let mut refused = vec!["../outside.md", outside.to_str().unwrap(), ".git/config"];
    if cfg!(unix) {
        refused.extend(["link.md", "/etc/passwd"]);
    }
    for path in refused {
        let error = client.error("prd_add", json!({ "file": path }));
        assert_eq!(error["reason"], "document.outside", "{error}");
        for tool in ["scope", "plan_new"] {
            let error = client.error(tool, json!({ "document": path }));
            assert_eq!(error["reason"], "document.outside", "{tool}: {error}");
        }
    }
    for tool in ["scope", "plan_new"] {
        let error = client.error(tool, json!({ "document": "nofile.md" }));
        assert_eq!(
            error["message"], "the file `nofile.md` does not exist",
            "{tool}"
        );
    }
    assert_eq!(repo.data(&["prd", "list"])["items"], json!([]));
    let there = repo.worktree("T-1").path.join("theirs.md");
    for path in ["prd.md", "docs/deep.md", there.to_str().unwrap()] {
        client.data("scope", json!({ "document": path }));
    }
    client.data("prd_add", json!({ "file": "prd.md" }));
}

#[test]
fn the_error_for_an_unknown_recipient_names_a_command_that_sends() {
    let (_scene, repo) = set_up();
    repo.task("Wash", &[]);
    let mut client = Client::start(&repo, &["--as", "claude", "--tools", "messages"]);
    for (tool, arguments) in [
        ("msg_send", json!({ "to": ["zoe"], "subject": "Hello" })),
        ("msg_delegate", json!({ "id": "T-1", "to": ["zoe"] })),
        (
            "handoff",
            json!({ "id": "T-1", "to": ["zoe"], "next": ["more"] }),
        ),
    ] {
        let error = client.error(tool, arguments.clone());
        assert_eq!(error["reason"], "msg.unknown_recipient", "{tool}");
        let hints = error["hints"].to_string();
        let way = match tool {
            "msg_delegate" => "`--new` asks an actor",
            "handoff" => "`--new` hands it to an actor",
            _ => "`git pm msg send --new --to zoe SUBJECT TEXT`",
        };
        assert!(hints.contains(way), "{tool}: {hints}");
    }
    repo.pm(&["msg", "send", "--new", "--to", "zoe", "Hello"])
        .ok();
    client.data("msg_delegate", json!({ "id": "T-1", "to": ["zoe"] }));
}

/// A fetched document may have megabytes in any field.
#[test]
fn long_titles_and_names_are_cut() {
    let (_scene, repo) = set_up();
    repo.task("Short", &["--label", "short"]);
    repo.pm(&["task", "comment", "T-1", "a remark"]).ok();
    let path = forge::path_of(&repo, "T-0001");
    let long = "word ".repeat(200_000);
    let document = forge::read(&repo, &path)
        .replace("title: Short", &format!("title: \"{long}\""))
        .replace("[short]", &format!("[{}]", "l".repeat(1_000_000)));
    forge::put(&repo, &path, document.as_bytes());
    let mut client = Client::start(&repo, &["--tools", "all", "--as", "claude"]);
    for (tool, arguments) in [
        ("show", json!({ "id": "T-1" })),
        ("list", json!({})),
        ("ready", json!({})),
        ("history", json!({ "id": "T-1" })),
        ("start", json!({ "id": "T-1" })),
        ("task_create", json!({ "title": long })),
    ] {
        let result = client.call(tool, arguments);
        let size = result.to_string().len();
        assert!(size < 150_000, "{tool} returns {size} bytes");
    }
    let shown = client.data("show", json!({ "id": "T-1" }));
    let title = shown["title"].as_str().unwrap();
    assert!(
        title.contains("more bytes: `git pm show T-0001`"),
        "{}",
        title.len()
    );
}
