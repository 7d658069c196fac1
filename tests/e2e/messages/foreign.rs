//! Replies, requests and threads where the state has what another clone or program wrote.

use serde_json::Value;

use super::{inbox, list, sent, two_clones};
use crate::support::{Repo, Scene, forge, set_up};

/// The file of the only message in the state.
fn message_file(repo: &Repo) -> String {
    let all = ["ls-tree", "-r", "--name-only", "refs/pm/main", "messages"];
    let path = repo.git(&all).ok().text();
    assert!(!path.contains('\n'), "{path}");
    path
}

/// Changes a file of the state as another program would.
#[track_caller]
fn forge_file(repo: &Repo, path: &str, from: &str, to: &str) {
    let text = forge::read(repo, path);
    let forged = text.replacen(from, to, 1);
    assert_ne!(forged, text, "no `{from}` in {text}");
    forge::put(repo, path, forged.as_bytes());
}

fn ops(thread: &Value) -> Vec<String> {
    let op = |event: Value| event["op"].as_str().unwrap().to_string();
    list(&thread["events"]).into_iter().map(op).collect()
}

#[test]
fn a_thread_has_only_its_own_items_history_after_two_clones_used_one_id() {
    let scene = Scene::new();
    let (a, b) = {
        let (hub, a) = scene.with_hub();
        a.pm(&["sync"]).ok();
        (a, scene.clone_of(&hub, "b", "Ben"))
    };
    for (repo, title) in [(&a, "Of Ana"), (&b, "Of Ben")] {
        repo.pm(&["--offline", "task", "create", title]).ok();
        repo.pm(&["--offline", "task", "block", "T-1", "no key"])
            .ok();
        repo.pm(&["--offline", "task", "unblock", "T-1"]).ok();
    }
    a.pm(&["--offline", "task", "cancel", "T-1"]).ok();
    for repo in [&a, &b, &a] {
        repo.pm(&["sync"]).ok();
    }
    b.pm(&["task", "block", "T-2", "no time"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    let own = a.data(&["list", "--all"]);
    let cancelled = list(&own["items"])
        .into_iter()
        .find(|item| item["status"] == "cancelled")
        .expect("Ana's")["id"]
        .clone();
    for repo in [&a, &b] {
        for id in ["T-0001", "T-0002"] {
            let mut wanted = vec!["task block", "task unblock"];
            if cancelled == id {
                wanted.push("task cancel");
            }
            if id == "T-0002" {
                wanted.push("task block");
            }
            let thread = repo.data(&["msg", "thread", id]);
            assert_eq!(ops(&thread), wanted, "{id}: {thread}");
        }
    }
}

#[test]
fn a_reply_goes_to_the_valid_recipients_of_a_message_and_to_no_more_than_a_message_may_have() {
    let (_scene, a) = set_up();
    let id = sent(&a.by("ben"), &["msg", "send", "--to", "all", "Hello"]);
    let many: Vec<String> = (0..300).map(|n| format!("actor-{n:03}")).collect();
    let long = "x".repeat(100_000);
    let to = format!(
        "to: [\"a<b\", \"c\\u202Ed\", \"{long}\", {}]",
        many.join(", ")
    );
    forge_file(&a, &message_file(&a), "to: [\"*\"]", &to);
    let reply = a.data(&["msg", "reply", &id, "Hello, all"]);
    let to: Vec<String> = list(&reply["to"])
        .iter()
        .map(|to| to.as_str().unwrap().to_string())
        .collect();
    // Fifty and the author.
    assert_eq!(to.len(), 51, "{to:?}");
    let fits = |to: &String| to == "ben" || many.contains(to);
    assert!(to.iter().all(fits), "{to:?}");
}

#[test]
fn a_request_for_an_item_with_an_unusual_title_is_sent() {
    for title in ["\"two\\nlines\"", "\"\"", "\"  \"", "\"\\u202Ehidden\""] {
        let (_scene, a) = set_up();
        a.by("ben").task("Ordinary", &[]);
        let path = forge::path_of(&a, "T-0001");
        forge_file(&a, &path, "title: Ordinary", &format!("title: {title}"));
        let request = a.data(&["msg", "delegate", "T-1", "--to", "ben"]);
        let subject = request["subject"].as_str().unwrap();
        assert!(
            subject.starts_with("[T-0001] ") && subject.len() > "[T-0001] ".len(),
            "{title}: {subject:?}"
        );
        let reply = a.by("ben").data(&[
            "msg",
            "reply",
            request["id"].as_str().unwrap(),
            "Which one?",
        ]);
        assert_eq!(reply["subject"], subject, "{title}");
    }
}

#[test]
fn an_actor_with_a_comma_in_the_name_is_addressed_by_it() {
    let (_scene, a) = set_up();
    let jane = a.by("Doe, Jane");
    jane.task("By Jane", &[]);
    a.by("bob").task("By Bob", &[]);
    a.pm(&["msg", "send", "--to", "Doe, Jane", "Hello"]).ok();
    assert_eq!(inbox(&jane).len(), 1);
    let both = a.data(&["msg", "send", "--to", "bob, Ana", "Hello"]);
    assert_eq!(list(&both["to"]).len(), 2, "{both}");
    // One who occurs in the history alone.
    let late = a.by("Roe, Rick");
    late.pm(&["task", "edit", "T-1", "--label", "x"]).ok();
    a.pm(&["msg", "send", "--to", "Roe, Rick", "Hello"]).ok();
    assert_eq!(inbox(&late).len(), 1);
    let near = a
        .pm(&["--json", "msg", "send", "--to", "bob,Jan", "Hello"])
        .exits(4);
    assert_eq!(near.error()["reason"], "msg.unknown_recipient");
}

/// Another program can write any name into the state.
#[test]
fn a_name_with_a_comma_does_not_replace_two_known_recipients() {
    let (_scene, a) = set_up();
    a.by("bob").task("By Bob", &[]);
    a.by("bob, Ana").task("By another", &[]);
    let both = a.data(&["msg", "send", "--to", "bob, Ana", "Hello"]);
    let mut to: Vec<Value> = list(&both["to"]);
    to.sort_by_key(Value::to_string);
    assert_eq!(to, ["Ana", "bob"], "{both}");
}

/// The search for a name may read the whole history, so it does not keep other writers waiting.
#[test]
fn recipients_are_looked_up_without_the_writers_lock() {
    let (_scene, a) = set_up();
    a.task("First", &[]);
    let unlocked = a.with("GIT_PM_FAULT", "lock-open:*:fail");
    for args in [
        vec!["msg", "send", "--to", "nobody", "Hello"],
        vec!["msg", "delegate", "T-1", "--to", "nobody"],
        vec!["handoff", "T-1", "--to", "nobody", "--next", "the rest"],
    ] {
        let mut args = args;
        args.insert(0, "--json");
        let error = unlocked.pm(&args).exits(4).error();
        assert_eq!(error["reason"], "msg.unknown_recipient", "{error}");
    }
}

#[test]
fn a_reply_stays_in_the_thread_of_an_item_that_is_not_here() {
    let scene = Scene::new();
    let (a, _b) = two_clones(&scene);
    let first = sent(
        &a.by("ben"),
        &["msg", "send", "--to", "Ana", "--item", "T-1", "Which port?"],
    );
    let path = message_file(&a);
    let text = forge::read(&a, &path);
    let item = text.lines().find(|line| line.starts_with("item: "));
    let item = item.expect("an item").to_string();
    forge_file(&a, &path, &item, "item: T-0009-01m800000000000000000000a1");
    let reply = sent(&a, &["msg", "reply", &first, "8080"]);
    for id in [&first, &reply] {
        let thread = a.data(&["msg", "thread", id]);
        assert_eq!(list(&thread["messages"]).len(), 2, "{thread}");
    }
}
