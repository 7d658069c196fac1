//! Delegation: a request, its answers, and what becomes of its item (MS-02, MS-04, MS-11).

use serde_json::Value;

use super::{inbox, list, sent, two_clones};
use crate::support::{Repo, Scene, set_up};

fn request(repo: &Repo) -> Value {
    let all = inbox(repo);
    assert_eq!(all.len(), 1, "{all:?}");
    all[0]["request"].clone()
}

// MS-02, MS-04
#[test]
fn the_result_of_delegated_work_returns_to_the_sender_and_into_the_thread() {
    let scene = Scene::new();
    let (a, b) = two_clones(&scene);
    a.pm(&["msg", "send", "--new", "--to", "Ben", "Hello"]).ok();
    let id = sent(
        &a,
        &[
            "msg",
            "delegate",
            "T-1",
            "--to",
            "Ben",
            "--note",
            "You know it",
        ],
    );
    assert!(
        inbox(&a).is_empty(),
        "an open request is news for its sender"
    );
    b.pm(&["pull"]).ok();
    let found = list(&b.data(&["msg", "read"])["items"]);
    let asked = found.iter().find(|m| m["id"] == id.as_str()).unwrap();
    assert_eq!(asked["request"]["state"], "open");
    assert_eq!(asked["request"]["item"], "T-0001");
    assert_eq!(asked["body"], "You know it");

    b.pm(&["msg", "accept", &id, "--note", "tomorrow"]).ok();
    a.pm(&["pull"]).ok();
    let state = request(&a);
    assert_eq!(
        (&state["state"], &state["by"]),
        (&"accepted".into(), &"Ben".into())
    );
    a.pm(&["msg", "read"]).ok();
    assert!(inbox(&a).is_empty(), "the same state is news twice");

    b.pm(&["start", "T-1"]).ok();
    let work = b.worktree("T-1");
    work.write("port", "8080");
    work.commit_all("Fix the port");
    work.pm(&["finish"]).ok();
    a.pm(&["pull"]).ok();
    let state = request(&a);
    assert_eq!(
        (&state["state"], &state["by"]),
        (&"submitted".into(), &"Ben".into())
    );
    let thread = a.data(&["msg", "thread", "T-1"]);
    let ops: Vec<&str> = thread["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["op"].as_str().unwrap())
        .collect();
    assert_eq!(ops, ["task start", "task finish"]);
    assert!(inbox(&a).is_empty(), "the thread was shown");
    // The result is not stored a second time.
    let messages = a.git(&["ls-tree", "-r", "--name-only", "refs/pm/main", "messages"]);
    assert_eq!(messages.ok().out.lines().count(), 2);
}

#[test]
fn a_declined_request_says_who_declined_and_why() {
    let (_scene, a) = set_up();
    a.task("Fix it", &[]);
    let ben = a.by("ben");
    let id = sent(&a, &["msg", "delegate", "T-1", "--new", "--to", "ben"]);
    ben.pm(&["msg", "decline", &id, "--reason", "on holiday"])
        .ok();
    let state = request(&a);
    assert_eq!(
        (&state["state"], &state["by"]),
        (&"declined".into(), &"ben".into())
    );
    let read = a.data(&["msg", "read", &id]);
    assert_eq!(read["items"][0]["acks"][0]["note"], "on holiday");
    // A mind can be changed.
    ben.pm(&["msg", "accept", &id]).ok();
    assert_eq!(request(&a)["state"], "accepted");
}

#[test]
fn a_request_is_answered_only_by_its_recipients_and_while_it_is_open() {
    let (_scene, a) = set_up();
    a.task("Fix it", &[]);
    let id = sent(&a, &["msg", "delegate", "T-1", "--new", "--to", "ben"]);
    let reason = |repo: &Repo, args: &[&str], code| {
        let ran = repo.pm(&[&["--json"], args].concat()).exits(code);
        ran.error()["reason"].as_str().unwrap().to_string()
    };
    let ben = a.by("ben");
    assert_eq!(
        reason(&a.by("cleo"), &["msg", "accept", &id], 1),
        "msg.not_yours"
    );
    let plain = sent(&a, &["msg", "send", "--to", "ben", "Hello"]);
    assert_eq!(
        reason(&ben, &["msg", "accept", &plain], 2),
        "msg.not_a_request"
    );
    a.pm(&["task", "cancel", "T-1"]).ok();
    assert_eq!(reason(&ben, &["msg", "accept", &id], 1), "msg.settled");
    assert_eq!(
        reason(&a, &["msg", "delegate", "T-1", "--to", "ben"], 1),
        "msg.closed"
    );
    a.task("Held", &[]);
    ben.pm(&["start", "T-2", "--no-worktree"]).ok();
    let to_cleo = ["msg", "delegate", "T-2", "--new", "--to", "cleo"];
    assert_eq!(reason(&a, &to_cleo, 3), "claim.held");
}

#[test]
fn a_request_is_news_again_when_its_item_ends_in_another_way() {
    let (_scene, a) = set_up();
    let ben = a.by("ben");
    let issue = sent(&a, &["issue", "create", "Fix it"]);
    sent(&a, &["msg", "delegate", &issue, "--new", "--to", "ben"]);
    ben.pm(&["issue", "close", &issue]).ok();
    assert_eq!(request(&a)["state"], "done");
    a.pm(&["msg", "read"]).ok();
    assert!(inbox(&a).is_empty(), "the same end is news twice");
    ben.pm(&["issue", "reopen", &issue]).ok();
    assert!(inbox(&a).is_empty(), "an open request is news");
    ben.pm(&["issue", "delete", "--force", &issue]).ok();
    assert_eq!(request(&a)["state"], "cancelled");
    a.pm(&["msg", "read"]).ok();
    assert!(inbox(&a).is_empty(), "the same end is news twice");
}

#[test]
fn a_note_that_looks_like_a_secret_is_refused_unless_it_is_allowed() {
    let (_scene, a) = set_up();
    a.task("Rotate the keys", &[]);
    let ben = a.by("ben");
    let key = "AKIAIOSFODNN7EXAMPLQ";
    let ask = || {
        let to = ["msg", "delegate", "T-1", "--to", "ben", "--new"];
        sent(&a, &to)
    };
    let acknowledged = sent(&a, &["msg", "send", "--new", "--to", "ben", "Which key?"]);
    for (id, verb, option) in [
        (ask(), "accept", "--note"),
        (ask(), "decline", "--reason"),
        (acknowledged, "ack", "--note"),
    ] {
        let tree = a.state_tree();
        let args = ["--json", "msg", verb, &id, option, key];
        let error = ben.pm(&args).exits(1).error();
        assert_eq!(error["reason"], "msg.secret", "{error}");
        assert!(!error.to_string().contains(key), "{error}");
        assert!(error["hints"].to_string().contains("--allow-secret"));
        assert_eq!(a.state_tree(), tree, "{verb} wrote something");
        ben.pm(&["msg", verb, &id, option, key, "--allow-secret"])
            .ok();
        let read = list(&a.data(&["msg", "read", &id])["items"]);
        assert!(read[0]["acks"].to_string().contains(key), "{read:?}");
    }
}

#[test]
fn a_request_to_an_unknown_actor_names_its_own_option() {
    let scene = Scene::new();
    let (a, _) = two_clones(&scene);
    let refused = a
        .pm(&["msg", "delegate", "T-1", "--to", "Zoe"])
        .exits(4)
        .err;
    assert!(
        refused.contains("`--new`") && !refused.contains("msg send"),
        "{refused}"
    );
    a.pm(&["msg", "delegate", "T-1", "--to", "Zoe", "--new"])
        .ok();
}
