//! Items through the command line: fields, states, and what is refused.

use serde_json::Value;

use crate::forge;
use crate::support::{Repo, Scene};

fn set_up() -> (Scene, Repo) {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.pm(&["init"]).ok();
    (scene, repo)
}

/// What a script reads from every item, by the issue's contract.
const KEYS: &[&str] = &[
    "id",
    "uid",
    "kind",
    "title",
    "status",
    "priority",
    "owner",
    "assignee",
    "labels",
    "depends_on",
    "acceptance",
    "paths",
    "branch",
    "worktree",
    "created_at",
    "updated_at",
];

#[track_caller]
fn assert_item(item: &Value) {
    for key in KEYS {
        assert!(
            item.as_object().is_some_and(|o| o.contains_key(*key)),
            "a script that reads `{key}` breaks: {item}"
        );
    }
    for key in ["labels", "depends_on", "acceptance", "paths"] {
        assert!(item[key].is_array(), "`{key}` is no list: {item}");
    }
}

// TM-01: the fields with these names, in the file and in JSON.
#[test]
fn create_shows_the_item() {
    let (_scene, repo) = set_up();
    repo.task("First", &[]);
    let epic = repo.data(&["epic", "create", "Log in"]);
    assert_eq!(epic["id"], "E-0001");
    assert_item(&epic);
    let item = repo.data(&[
        "task",
        "create",
        "Fix it",
        "--body",
        "Because.\n",
        "--type",
        "bug",
        "--priority",
        "0",
        "--accept",
        "one",
        "--accept",
        "two",
        "--path",
        "src/**",
        "--path",
        "docs/guide.md",
        "--depends-on",
        "T-0001",
        "--epic",
        "E-0001",
        "--label",
        "ci",
        "--label",
        "auth",
        "--estimate",
        "XS",
        "--risk",
        "high",
        "--validation",
        "test-first",
        "--assignee",
        "bea",
        "--stream",
        "api",
        "--auto-policy",
        "develop",
    ]);
    assert_item(&item);
    assert_eq!(item["id"], "T-0002");
    assert_eq!(item["kind"], "task");
    assert_eq!(item["title"], "Fix it");
    assert_eq!(item["body"], "Because.\n");
    assert_eq!(item["type"], "bug");
    assert_eq!(item["status"], "queued");
    assert_eq!(item["priority"], 0);
    assert_eq!(item["acceptance"][0]["text"], "one");
    assert_eq!(item["acceptance"][1]["text"], "two");
    assert_eq!(item["acceptance"][1]["done"], false);
    assert_eq!(
        item["paths"],
        serde_json::json!(["docs/guide.md", "src/**"])
    );
    assert_eq!(item["depends_on"], serde_json::json!(["T-0001"]));
    assert_eq!(item["epic"], "E-0001");
    assert_eq!(item["labels"], serde_json::json!(["auth", "ci"]));
    assert_eq!(item["estimate"], "XS");
    assert_eq!(item["risk"], "high");
    assert_eq!(item["validation"], "test-first");
    assert_eq!(item["assignee"], "bea");
    assert_eq!(
        item["owner"], "bea",
        "without a claim the owner is the assignee"
    );
    assert_eq!(item["stream"], "api");
    assert_eq!(item["auto_policy"], "develop");
    assert_eq!(item["branch"], Value::Null);
    assert_eq!(item["worktree"], Value::Null);
    let file = forge::read(&repo, &forge::path_of(&repo, "T-0002"));
    for field in [
        "id",
        "title",
        "type",
        "priority",
        "depends_on",
        "status",
        "estimate",
        "acceptance",
        "auto_policy",
        "assignee",
        "risk",
        "validation",
        "stream",
        "epic",
        "labels",
        "paths",
    ] {
        assert!(
            file.lines().any(|l| l.starts_with(&format!("{field}:"))),
            "`git show` of the file has no `{field}`:\n{file}"
        );
    }
    // The worktree's path is known to its clone only.
    assert!(!file.contains("worktree"), "{file}");
    // In text, the id and the next command.
    let text = repo.pm(&["task", "create", "Say it"]).ok().out;
    assert!(
        text.contains("T-0003") && text.contains("git pm start T-0003"),
        "{text}"
    );
}

#[test]
fn create_reads_a_body_from_stdin_and_keeps_it_byte_for_byte() {
    let (_scene, repo) = set_up();
    let body = "# Title\n\n---\nno: front matter\n---\n\n  trailing  \n\ttab\n\n";
    let made = repo
        .feed(
            "git-pm",
            &["task", "create", "T", "--body", "-", "--json"],
            body,
        )
        .ok()
        .data();
    assert_eq!(made["body"], body);
    let edited = repo
        .feed(
            "git-pm",
            &["--json", "task", "edit", "T-1", "--body", "-"],
            "no newline",
        )
        .ok()
        .data();
    assert_eq!(edited["body"], "no newline");
    assert_eq!(repo.data(&["show", "T-0001"])["body"], "no newline");
    // Windows line ends, and what looks like the end of the front matter.
    for odd in ["a\r\nb\r\n", "---\n", "\n---\n", "\n\n\n"] {
        let edited = repo
            .feed(
                "git-pm",
                &["--json", "task", "edit", "T-1", "--body", "-"],
                odd,
            )
            .ok()
            .data();
        assert_eq!(edited["body"], odd);
        assert_eq!(repo.data(&["show", "T-1"])["body"], odd, "{odd:?}");
    }
    // Not text: refused, nothing made.
    let before = repo.state_tree();
    let mut child = repo
        .command("git-pm")
        .args(["task", "create", "U", "--body", "-"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"\xff\xfe\x00").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(repo.state_tree(), before);
}

// TM-07 and TM-08: closed lists of words; anything else is refused and nothing is written.
#[test]
fn tm_07_unknown_words_are_refused_with_the_known_ones() {
    let (_scene, repo) = set_up();
    repo.task("One", &[]);
    let before = repo.tip("refs/pm/main");
    for (flag, bad, known) in [
        ("--estimate", "huge", "XL"),
        ("--risk", "none", "medium"),
        ("--type", "epic", "spike"),
        ("--validation", "later", "test-parallel"),
        ("--auto-policy", "all", "develop"),
    ] {
        for command in [vec!["task", "create", "X"], vec!["task", "edit", "T-0001"]] {
            let mut args = vec!["--json"];
            args.extend(command);
            args.extend([flag, bad]);
            let error = repo.pm(&args).exits(2).error();
            let told = error.to_string();
            assert!(told.contains(bad) && told.contains(known), "{told}");
        }
    }
    for bad in ["5", "-1", "high", ""] {
        repo.pm(&["task", "create", "X", "--priority", bad])
            .exits(2);
    }
    for (flag, bad) in [
        ("--epic", "E-0009"),
        ("--depends-on", "T-0009"),
        ("--parent", "T-0009"),
    ] {
        repo.pm(&["task", "create", "X", flag, bad]).exits(4);
    }
    // An epic must be one.
    repo.pm(&["task", "create", "X", "--epic", "T-0001"])
        .exits(2);
    for (flag, bad) in [
        ("--label", "a,b"),
        ("--label", "a\u{1b}b"),
        ("--accept", "  "),
    ] {
        repo.pm(&["task", "create", "X", flag, bad]).exits(2);
    }
    for bad in ["", "   ", "a\nb"] {
        repo.pm(&["task", "create", bad]).exits(2);
    }
    assert_eq!(
        repo.tip("refs/pm/main"),
        before,
        "a refusal wrote something"
    );
    for (flag, words) in [
        ("--estimate", &["XS", "S", "M", "L", "XL"][..]),
        ("--risk", &["low", "medium", "high"]),
        (
            "--type",
            &["feature", "bug", "chore", "docs", "test", "spike", "story"],
        ),
    ] {
        for word in words {
            let item = repo.data(&["task", "edit", "T-0001", flag, word]);
            assert_eq!(item[flag.trim_start_matches('-')], *word);
        }
    }
}

#[test]
fn list_filters() {
    let (_scene, repo) = set_up();
    repo.pm(&["epic", "create", "E"]).ok();
    repo.task("a", &["--label", "x", "--type", "bug", "--epic", "E-0001"]);
    repo.task("b", &["--label", "x", "--label", "y", "--assignee", "bea"]);
    repo.task("c", &[]);
    repo.pm(&["task", "cancel", "T-0003"]).ok();
    let ids = |args: &[&str]| -> Vec<String> {
        let mut all = vec!["task", "list"];
        all.extend(args);
        let data = repo.data(&all);
        let items = data["items"]
            .as_array()
            .expect("a list is under data.items");
        items.iter().for_each(assert_item);
        items
            .iter()
            .map(|i| i["id"].as_str().unwrap().to_string())
            .collect()
    };
    assert_eq!(ids(&[]), ["T-0001", "T-0002"]);
    assert_eq!(ids(&["--all"]), ["T-0001", "T-0002", "T-0003"]);
    assert_eq!(ids(&["--limit", "1"]), ["T-0001"]);
    assert_eq!(ids(&["--limit", "0"]), ["T-0001", "T-0002"], "all of them");
    assert_eq!(ids(&["--status", "cancelled"]), ["T-0003"]);
    assert_eq!(ids(&["--label", "x", "--label", "y"]), ["T-0002"]);
    assert_eq!(ids(&["--owner", "bea"]), ["T-0002"]);
    assert_eq!(ids(&["--epic", "E-0001"]), ["T-0001"]);
    assert_eq!(ids(&["--type", "bug"]), ["T-0001"]);
    repo.pm(&["task", "list", "--status", "finished"]).exits(2);
    // An empty list is no error.
    let none = repo
        .pm(&["--json", "task", "list", "--owner", "nobody"])
        .ok();
    assert_eq!(none.data()["items"], serde_json::json!([]));
}

#[test]
fn show_prints_everything() {
    let (_scene, repo) = set_up();
    repo.task(
        "Fix it",
        &[
            "--body",
            "Long text.",
            "--accept",
            "it works",
            "--path",
            "src/*.rs",
        ],
    );
    repo.pm(&["task", "comment", "T-0001", "I looked"]).ok();
    for name in ["T-0001", "T-1", "t-1", "T-000001"] {
        assert_eq!(repo.data(&["show", name])["id"], "T-0001", "{name}");
    }
    let item = repo.data(&["task", "show", "T-0001"]);
    assert_item(&item);
    assert_eq!(item["body"], "Long text.");
    assert_eq!(item["comments"][0]["body"], "I looked");
    assert_eq!(item["comments"][0]["author"], "Ana");
    for name in ["uid", "alias"] {
        let other = item[name].as_str().unwrap();
        assert_eq!(repo.data(&["show", other])["uid"], item["uid"], "{name}");
    }
    let text = repo.pm(&["show", "T-0001"]).ok().out;
    for part in [
        "T-0001",
        "Fix it",
        "Long text.",
        "it works",
        "src/*.rs",
        "I looked",
    ] {
        assert!(text.contains(part), "`{part}` is not shown:\n{text}");
    }
    let error = repo.pm(&["--json", "show", "T-0099"]).exits(4).error();
    assert_eq!(error["code"], "not_found");
    assert!(
        error["hints"][0].as_str().unwrap().contains("git pm"),
        "{error}"
    );
}

#[test]
fn edit_changes_what_is_named() {
    let (_scene, repo) = set_up();
    let id = repo.task(
        "Old",
        &[
            "--accept", "a", "--accept", "b", "--path", "x/**", "--label", "l", "-p", "1",
        ],
    );
    repo.pm(&["task", "accept", &id, "1", "--evidence", "saw it"])
        .ok();
    let item = repo.data(&["task", "edit", &id, "--title", "New"]);
    assert_eq!(item["title"], "New");
    assert_eq!(item["priority"], 1);
    assert_eq!(item["acceptance"][0]["done"], true);
    assert_eq!(item["paths"], serde_json::json!(["x/**"]));
    // A criterion whose text stays keeps its tick; one that goes is gone, a new one is open.
    let item = repo.data(&["task", "edit", &id, "--accept", "c", "--accept", "a"]);
    assert_eq!(item["acceptance"][0]["text"], "c");
    assert_eq!(item["acceptance"][0]["done"], false);
    assert_eq!(item["acceptance"][1]["text"], "a");
    assert_eq!(item["acceptance"][1]["done"], true);
    assert_eq!(item["acceptance"].as_array().unwrap().len(), 2);
    // Empty clears.
    let item = repo.data(&[
        "task",
        "edit",
        &id,
        "--path",
        "",
        "--assignee",
        "",
        "--label",
        "",
    ]);
    assert_eq!(item["paths"], serde_json::json!([]));
    assert_eq!(item["labels"], serde_json::json!([]));
    let item = repo.data(&[
        "task",
        "edit",
        &id,
        "--add-label",
        "one",
        "--add-label",
        "two",
        "--remove-label",
        "one",
    ]);
    assert_eq!(item["labels"], serde_json::json!(["two"]));
    // What changes nothing writes nothing.
    let before = repo.tip("refs/pm/main");
    repo.pm(&["task", "edit", &id, "--title", "New", "--add-label", "two"])
        .ok();
    assert_eq!(repo.tip("refs/pm/main"), before);
}

#[test]
fn if_version_refuses_an_edit_of_what_changed_meanwhile() {
    let (_scene, repo) = set_up();
    let id = repo.task("T", &[]);
    let seen = repo.data(&["show", &id])["version"]
        .as_str()
        .unwrap()
        .to_string();
    repo.pm(&[
        "task",
        "edit",
        &id,
        "--title",
        "Mine",
        "--if-version",
        &seen,
    ])
    .ok();
    let error = repo
        .pm(&[
            "--json",
            "task",
            "edit",
            &id,
            "--title",
            "Theirs",
            "--if-version",
            &seen,
        ])
        .exits(3)
        .error();
    assert_eq!(error["code"], "conflict");
    assert_eq!(
        repo.data(&["show", &id])["title"],
        "Mine",
        "an edit was overwritten unseen"
    );
    // It holds for every verb that changes the item, not only for `edit`.
    for verb in [
        &["task", "block", "T-1", "x"][..],
        &["task", "cancel", "T-1"],
        &["task", "defer", "T-1"],
        &["task", "accept", "T-1", "--all"],
        &["task", "reassign", "T-1", "--to", "bea"],
        &["task", "done", "T-1", "--force"],
        &["task", "start", "T-1", "--no-worktree"],
    ] {
        let mut args = verb.to_vec();
        args.extend(["--if-version", &seen]);
        repo.pm(&args).exits(3);
    }
    assert_eq!(repo.data(&["show", &id])["status"], "queued");
}

// TM-12: a repeated request under one key happens once and answers the same.
#[test]
fn tm_12_an_idempotency_key_makes_a_change_happen_once() {
    let (_scene, repo) = set_up();
    let key = |key: &'static str, args: &[&'static str]| {
        let mut all = vec!["--idempotency-key", key];
        all.extend(args);
        repo.data(&all)
    };
    let first = key("k1", &["task", "create", "Once"]);
    let again = key("k1", &["task", "create", "Once"]);
    assert_eq!(first["uid"], again["uid"]);
    assert_eq!(
        repo.data(&["task", "list"])["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let calls: &[(&str, &[&str])] = &[
        ("k2", &["task", "comment", "T-1", "hello"]),
        ("k3", &["task", "start", "T-1", "--no-worktree"]),
        ("k4", &["task", "block", "T-1", "rain"]),
        ("k5", &["task", "unblock", "T-1"]),
        ("k6", &["task", "finish", "T-1", "--force"]),
        ("k7", &["task", "approve", "T-1"]),
        ("k8", &["task", "cancel", "T-1"]),
        ("k9", &["task", "reopen", "T-1"]),
        ("k10", &["task", "defer", "T-1"]),
        ("k11", &["task", "undefer", "T-1"]),
        ("k12", &["task", "edit", "T-1", "--title", "Twice"]),
        ("k13", &["task", "reassign", "T-1", "--to", "bea"]),
        ("k14", &["epic", "create", "E"]),
        ("k15", &["dep", "add", "T-1", "E-1", "--type", "related"]),
        ("k16", &["dep", "rm", "T-1", "E-1", "--type", "related"]),
        ("k17", &["task", "done", "T-1", "--force"]),
    ];
    for (name, args) in calls {
        let once = key(name, args);
        let tip = repo.tip("refs/pm/main");
        let twice = key(name, args);
        assert_eq!(once["uid"], twice["uid"], "{args:?}");
        assert_eq!(repo.tip("refs/pm/main"), tip, "{args:?} happened twice");
    }
    let item = repo.data(&["show", "T-1"]);
    assert_eq!(item["comments"].as_array().unwrap().len(), 1);
    // One key, two operations: a mistake that must not pass for success.
    repo.pm(&["--idempotency-key", "k1", "task", "cancel", "T-1"])
        .exits(2);
    let reserved = ["--idempotency-key", "k20", "reserve", "add", "docs/**"];
    repo.pm(&reserved).ok();
    let tip = repo.tip("refs/pm/main");
    repo.pm(&reserved).ok();
    assert_eq!(
        repo.tip("refs/pm/main"),
        tip,
        "a repeated `reserve add` reserved twice"
    );
}

// TM-12: an operation of several steps goes on where it was cut off, and a script that repeats it
// after a lost answer gets the same answer.
#[test]
fn tm_12_finish_and_merge_repeat_under_their_key() {
    let (_scene, repo) = set_up();
    let ready = |n: usize| {
        let id = repo.task(&format!("Work {n}"), &[]);
        repo.pm(&["start", &id]).ok();
        let work = repo.worktree(&id);
        work.write(&format!("file-{n}.txt"), "done\n");
        work.commit_all("Work");
        id
    };
    let id = ready(1);
    let call = ["--idempotency-key", "m1", "finish", id.as_str(), "--merge"];
    let once = repo.data(&call);
    let (tip, main) = (repo.tip("refs/pm/main"), repo.tip("refs/heads/main"));
    let again = repo.data(&call);
    assert_eq!(once["status"], "done");
    assert_eq!(again["status"], "done");
    assert_eq!(again["merged"]["new"], once["merged"]["new"]);
    assert_eq!(again["merged"]["target"], "main");
    assert_eq!(repo.tip("refs/pm/main"), tip);
    assert_eq!(repo.tip("refs/heads/main"), main);
    let id = ready(2);
    repo.pm(&["finish", &id]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    let call = ["--idempotency-key", "m2", "merge", id.as_str()];
    let once = repo.data(&call);
    let main = repo.tip("refs/heads/main");
    let again = repo.data(&call);
    assert_eq!(again["merged"]["new"], once["merged"]["new"]);
    assert_eq!(repo.tip("refs/heads/main"), main, "merged twice");
}

// What --force overrode is recorded and shown: here a gate that failed, and work without a commit.
#[test]
fn a_finish_by_force_is_recorded() {
    let (_scene, repo) = set_up();
    repo.git(&["config", "pm.gate", "test=false"]).ok();
    let id = repo.task("T", &[]);
    repo.pm(&["start", &id]).ok();
    let work = repo.worktree(&id);
    work.write("x.txt", "x\n");
    work.commit_all("Work");
    repo.pm(&["finish", &id]).exits(1);
    let item = repo.data(&["finish", &id, "--force"]);
    assert_eq!(item["status"], "in_review");
    assert_eq!(item["forced"], true, "nobody sees that the gate failed");
    let subject = repo
        .git(&["log", "-1", "--format=%s", "refs/pm/main"])
        .text();
    assert!(subject.contains("by force"), "{subject}");
    // Handed in again with everything in order, nothing is forced any more.
    repo.git(&["config", "--replace-all", "pm.gate", "test=true"])
        .ok();
    repo.pm(&["start", &id, "--resume"]).ok();
    let item = repo.data(&["finish", &id]);
    assert_eq!(item["forced"], false, "force outlived its reason");
}

#[test]
fn accept_ticks_criteria() {
    let (_scene, repo) = set_up();
    repo.task("T", &["--accept", "a", "--accept", "b", "--accept", "c"]);
    let item = repo.data(&["task", "accept", "T-0001", "1", "3", "--evidence", "run 7"]);
    let done: Vec<bool> = item["acceptance"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["done"].as_bool().unwrap())
        .collect();
    assert_eq!(done, [true, false, true]);
    assert_eq!(item["acceptance"][0]["evidence"], "run 7");
    assert_eq!(item["acceptance"][1]["evidence"], Value::Null);
    let before = repo.tip("refs/pm/main");
    repo.pm(&["task", "accept", "T-0001", "4"]).exits(4);
    repo.pm(&["task", "accept", "T-0001", "2", "4"]).exits(4);
    repo.pm(&["task", "accept", "T-0001"]).exits(2);
    repo.pm(&["task", "accept", "T-0001", "2", "--all"])
        .exits(2);
    repo.pm(&["task", "accept", "T-0001", "0"]).exits(2);
    assert_eq!(repo.tip("refs/pm/main"), before);
    let item = repo.data(&["task", "accept", "T-0001", "--all"]);
    assert_eq!(item["acceptance"][1]["done"], true);
    assert_eq!(
        item["acceptance"][0]["evidence"], "run 7",
        "evidence was overwritten"
    );
}

// TM-11: done needs evidence; without it only by force, which everybody sees.
#[test]
fn done_needs_evidence() {
    let (_scene, repo) = set_up();
    repo.task("T", &["--accept", "a"]);
    repo.pm(&["start", "T-1", "--no-worktree"]).ok();
    repo.pm(&["task", "done", "T-1"]).exits(1);
    // A text alone does not stand for open criteria.
    let error = repo
        .pm(&["--json", "task", "done", "T-1", "--evidence", "trust me"])
        .exits(1)
        .error();
    assert!(
        error.to_string().contains("git pm task accept T-0001"),
        "{error}"
    );
    assert_eq!(repo.data(&["show", "T-1"])["status"], "in_progress");
    repo.pm(&["task", "accept", "T-1", "--all"]).ok();
    repo.pm(&["task", "done", "T-1"]).exits(1);
    let item = repo.data(&["task", "done", "T-1", "--evidence", "release 3"]);
    assert_eq!(item["status"], "done");
    assert_eq!(item["forced"], false);
    assert_eq!(item["claim"], Value::Null);
    repo.task("U", &["--accept", "a"]);
    let item = repo.data(&["task", "done", "T-2", "--force"]);
    assert_eq!(item["status"], "done");
    assert_eq!(item["forced"], true);
    assert!(
        repo.pm(&["show", "T-2"]).ok().out.contains("forced"),
        "force is not shown"
    );
    assert!(
        repo.git(&["log", "-1", "--format=%s", "refs/pm/main"])
            .text()
            .contains("forced"),
        "force is not recorded"
    );
    // Force does not outlive a second life.
    let again = repo.data(&["task", "reopen", "T-2"]);
    assert_eq!(again["forced"], false);
}

#[test]
fn block_and_unblock() {
    let (_scene, repo) = set_up();
    repo.task("T", &[]);
    let item = repo.data(&["task", "block", "T-1", "no access"]);
    assert_eq!(item["status"], "blocked");
    assert_eq!(item["reason"], "no access");
    assert_eq!(repo.data(&["ready"])["items"], serde_json::json!([]));
    assert_eq!(repo.data(&["task", "unblock", "T-1"])["status"], "queued");
    repo.pm(&["start", "T-1", "--no-worktree"]).ok();
    let item = repo.data(&["task", "block", "T-1", "again"]);
    assert_eq!(item["claim"]["actor"], "Ana", "who holds it keeps it");
    let item = repo.data(&["task", "unblock", "T-1"]);
    assert_eq!(item["status"], "in_progress", "not the state before");
    assert_eq!(item["reason"], Value::Null);
    repo.pm(&["task", "finish", "T-1", "--force"]).ok();
    repo.pm(&["task", "block", "T-1", "x"]).ok();
    assert_eq!(
        repo.data(&["task", "unblock", "T-1"])["status"],
        "in_review"
    );
    repo.pm(&["task", "block", "T-1"]).exits(2);
}

#[test]
fn defer_and_undefer() {
    let (_scene, repo) = set_up();
    repo.task("T", &[]);
    let item = repo.data(&["task", "defer", "T-1", "--reason", "next year"]);
    assert_eq!(item["status"], "deferred");
    assert_eq!(item["reason"], "next year");
    assert_eq!(repo.data(&["ready"])["items"], serde_json::json!([]));
    assert_eq!(repo.data(&["task", "undefer", "T-1"])["status"], "queued");
    assert_eq!(repo.data(&["ready"])["items"][0]["id"], "T-0001");
}

#[test]
fn cancel_and_reopen() {
    let (_scene, repo) = set_up();
    repo.task("T", &[]);
    repo.pm(&["start", "T-1", "--no-worktree"]).ok();
    let item = repo.data(&["task", "cancel", "T-1", "--reason", "not needed"]);
    assert_eq!(item["status"], "cancelled");
    assert_eq!(
        item["claim"],
        Value::Null,
        "a cancelled task is held by nobody"
    );
    assert!(!item["closed_at"].is_null());
    let item = repo.data(&["task", "reopen", "T-1", "--reason", "it is"]);
    assert_eq!(item["status"], "queued");
    assert_eq!(item["closed_at"], Value::Null);
    repo.pm(&["start", "T-1", "--no-worktree"]).ok();
}

#[test]
fn comment_from_text_and_stdin() {
    let (_scene, repo) = set_up();
    repo.task("T", &[]);
    repo.pm(&["task", "comment", "T-1", "one"]).ok();
    repo.pm(&["task", "comment", "T-1", "-m", "two"]).ok();
    repo.feed("git-pm", &["task", "comment", "T-1", "-"], "three\nlines\n")
        .ok();
    let item = repo.by("bea").data(&["task", "comment", "T-1", "four"]);
    let texts: Vec<&str> = item["comments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["body"].as_str().unwrap())
        .collect();
    assert_eq!(texts, ["one", "two", "three\nlines\n", "four"]);
    assert_eq!(item["comments"][3]["author"], "bea");
    repo.pm(&["task", "comment", "T-1", "  "]).exits(2);
    repo.pm(&["task", "comment", "T-1"]).exits(2);
    repo.pm(&["task", "comment", "T-9", "x"]).exits(4);
}

// MS-11: conversation, reservations and audit trail have places of their own; none of them
// touches the task's file, and nothing keeps a second copy of the status.
#[test]
fn ms_11_each_fact_has_one_owner() {
    let (_scene, repo) = set_up();
    repo.task("T", &[]);
    let path = forge::path_of(&repo, "T-0001");
    let file = forge::oid(&repo, &path);
    repo.pm(&["task", "comment", "T-1", "a word"]).ok();
    repo.pm(&["reserve", "add", "docs/**", "--task", "T-1"])
        .ok();
    repo.pm(&["reserve", "release"]).ok();
    assert_eq!(
        forge::oid(&repo, &path),
        file,
        "a comment or a reservation rewrote the task"
    );
    let all = repo
        .git(&["ls-tree", "-r", "--name-only", "refs/pm/main"])
        .ok()
        .out;
    let folders: std::collections::BTreeSet<&str> =
        all.lines().filter_map(|p| p.split('/').next()).collect();
    assert_eq!(
        folders.into_iter().collect::<Vec<_>>(),
        ["comments", "pm.yaml", "reservations", "tasks"],
        "no stored events"
    );
    repo.pm(&["start", "T-1", "--no-worktree"]).ok();
    for other in repo
        .git(&["grep", "-l", "in_progress", "refs/pm/main"])
        .out
        .lines()
    {
        assert!(other.ends_with(&path), "{other} holds the status too");
    }
}

// RC-22: a lead halts somebody's work and gives it to somebody else; the work stays.
#[test]
fn rc_22_a_lead_takes_a_task_away_and_the_holder_is_told() {
    let (_scene, repo) = set_up();
    repo.task("T", &[]);
    let bea = repo.by("bea");
    bea.pm(&["start", "T-1"]).ok();
    let work = repo.worktree("T-0001").by("bea");
    work.write("src/auth.rs", "half done\n");
    let item = repo.data(&["task", "reassign", "T-1", "--to", "carl"]);
    assert_eq!(item["assignee"], "carl");
    assert_eq!(item["owner"], "carl");
    assert_eq!(item["claim"], Value::Null);
    assert_eq!(item["status"], "queued");
    assert_eq!(
        work.read("src/auth.rs"),
        "half done\n",
        "bea's work is gone"
    );
    let told = bea.data(&["status"])["notices"].to_string();
    assert!(told.contains("T-0001"), "bea is not told: {told}");
    let told = repo.by("carl").data(&["status"])["notices"].to_string();
    assert!(told.contains("T-0001"), "carl is not told: {told}");
    bea.pm(&["task", "finish", "T-1"]).exits(1);
    // `next` does not offer it to others.
    bea.pm(&["next"]).exits(1);
    assert_eq!(repo.by("carl").data(&["next"])["id"], "T-0001");
    // An agent cannot take a task from its holder.
    repo.by("carl").pm(&["start", "T-1", "--no-worktree"]).ok();
    let agent = repo.with("CLAUDECODE", "1").by("robot");
    agent
        .pm(&["task", "reassign", "T-1", "--to", "robot"])
        .exits(1);
    assert_eq!(repo.data(&["show", "T-1"])["owner"], "carl");
}

#[test]
fn epic_owns_tasks() {
    let (_scene, repo) = set_up();
    let epic = repo.data(&[
        "epic", "create", "Log in", "--body", "Plan", "--accept", "all in",
    ]);
    assert_eq!(epic["id"], "E-0001");
    assert_eq!(epic["kind"], "epic");
    assert_eq!(epic["status"], "open");
    repo.task("T", &["--epic", "E-1"]);
    assert_eq!(repo.data(&["show", "T-1"])["epic"], "E-0001");
    // An epic is never offered for work, and is no task.
    let ready = repo.data(&["ready"]);
    assert_eq!(ready["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        repo.data(&["task", "list", "--all"])["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let tree = repo.data(&["task", "tree"]);
    assert_eq!(tree["items"][0]["id"], "E-0001");
    assert_eq!(tree["items"][1]["id"], "T-0001");
    assert_eq!(tree["items"][1]["depth"], 1);
}

#[test]
fn log_tells_the_life_of_a_task() {
    let (_scene, repo) = set_up();
    repo.task("T", &[]);
    repo.task("Other", &[]);
    repo.by("bea").pm(&["start", "T-1", "--no-worktree"]).ok();
    repo.pm(&["task", "comment", "T-1", "hm"]).ok();
    let log = repo.data(&["log", "T-1"]);
    let ops: Vec<(&str, &str)> = log["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (e["op"].as_str().unwrap(), e["actor"].as_str().unwrap()))
        .collect();
    assert_eq!(
        ops,
        [
            ("task comment", "Ana"),
            ("task start", "bea"),
            ("task create", "Ana")
        ]
    );
    assert_eq!(
        repo.data(&["log", "--limit", "2"])["items"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let text = repo.pm(&["log", "T-0001"]).ok().out;
    assert!(
        text.contains("claimed by bea") && !text.contains("Other"),
        "{text}"
    );
    // It survives a tool that is gone: git alone tells it.
    let path = forge::path_of(&repo, "T-0001");
    let subjects = repo
        .git(&["log", "--format=%s", "refs/pm/main", "--", &path])
        .ok()
        .out;
    assert!(
        subjects.contains("task start T-0001: claimed by bea"),
        "{subjects}"
    );
    repo.pm(&["log", "T-0099"]).exits(4);
}

#[test]
fn flags_before_and_after_the_verb_mean_the_same() {
    let (scene, repo) = set_up();
    repo.task("T", &[]);
    let outside = scene.at(".");
    for args in [
        &[
            "-C", "a", "--json", "--as", "bea", "task", "comment", "T-1", "x",
        ][..],
        &[
            "task", "comment", "T-1", "x", "-C", "a", "--json", "--as", "bea",
        ],
        &[
            "task", "-C", "a", "comment", "--as", "bea", "T-1", "x", "--json",
        ],
        &[
            "-C", "a/src", "-C", "..", "task", "comment", "T-1", "--json", "x", "--as=bea",
        ],
    ] {
        let data = outside.pm(args).ok().data();
        assert_eq!(
            data["comments"].as_array().unwrap().last().unwrap()["author"],
            "bea",
            "{args:?}"
        );
    }
    outside.pm(&["-C", "nowhere", "status"]).exits(4);
}

// One document on standard output, whatever happens, and the exit code that belongs to it.
#[test]
fn every_exit_code_comes_with_one_json_document() {
    let scene = Scene::new();
    let (_hub, repo) = scene.with_hub();
    repo.task("T", &["--accept", "a"]);
    std::fs::create_dir(scene.dir.path().join("plain")).unwrap();
    let plain = scene.at("plain").with(
        "GIT_CEILING_DIRECTORIES",
        scene.dir.path().to_str().unwrap(),
    );
    repo.pm(&["start", "T-1", "--no-worktree"]).ok();
    repo.task("Lonely", &[]);
    repo.git(&["remote", "set-url", "origin", "../gone.git"])
        .ok();
    let cases: Vec<(&Repo, i32, &[&str])> = vec![
        (&repo, 0, &["task", "list"]),
        (&repo, 1, &["task", "done", "T-1"]),
        (&repo, 2, &["task", "create"]),
        (&repo, 2, &["task", "crate", "x"]),
        (&repo, 2, &["task", "create", "x", "--estimate", "Q"]),
        (&repo, 2, &["--as", "", "task", "list"]),
        (&repo, 2, &["task", "create", "x", "--as", "a<b"]),
        (&repo, 4, &["show", "T-77"]),
        (&plain, 5, &["status"]),
        (&repo, 6, &["start", "T-2"]),
        (&repo, 6, &["sync"]),
    ];
    for (place, code, args) in cases {
        let mut all = args.to_vec();
        all.push("--json");
        let ran = place.pm(&all).exits(code);
        assert_eq!(ran.out.lines().count(), 1, "{args:?}: {}", ran.out);
        let json = ran.json();
        assert_eq!(json["schema_version"], 1, "{args:?}");
        if code == 0 {
            assert!(json["error"].is_null());
        } else {
            let error = ran.error();
            assert!(!error["message"].as_str().unwrap().is_empty(), "{error}");
            assert!(
                error["hints"].as_array().is_some_and(|h| !h.is_empty()),
                "{args:?} names no next command: {error}"
            );
        }
    }
    // 3: somebody else holds it.
    repo.git(&["remote", "set-url", "origin", "../hub.git"])
        .ok();
    let error = repo
        .by("bea")
        .pm(&["--json", "start", "T-1"])
        .exits(3)
        .error();
    assert!(
        error["message"].as_str().unwrap().contains("Ana"),
        "{error}"
    );
}

/// The states, each with the verbs that DESIGN 3 allows from there.
const TABLE: &[(&str, &[&str])] = &[
    ("queued", &["start", "block", "defer", "cancel"]),
    (
        "in_progress",
        &["finish", "drop", "block", "defer", "cancel", "done"],
    ),
    ("in_review", &["approve", "block", "cancel"]),
    (
        "ready_for_integration",
        &["finish", "done", "block", "cancel"],
    ),
    ("blocked", &["unblock"]),
    ("deferred", &["undefer"]),
    ("done", &["reopen"]),
    ("cancelled", &["reopen"]),
];

/// The states that each state may become, for the messages.
const NEXT: &[(&str, &[&str])] = &[
    (
        "queued",
        &["in_progress", "blocked", "deferred", "cancelled"],
    ),
    (
        "in_progress",
        &[
            "in_review",
            "queued",
            "blocked",
            "deferred",
            "cancelled",
            "done",
        ],
    ),
    (
        "in_review",
        &[
            "ready_for_integration",
            "in_progress",
            "blocked",
            "cancelled",
        ],
    ),
    (
        "ready_for_integration",
        &["done", "in_progress", "in_review", "blocked", "cancelled"],
    ),
    ("blocked", &["in_progress"]),
    ("deferred", &["queued"]),
    ("done", &["queued"]),
    ("cancelled", &["queued"]),
];

/// Makes a task in a state by the verbs that lead there.
fn in_state(repo: &Repo, state: &str) -> String {
    let id = repo.task(&format!("In {state}"), &[]);
    let steps: &[&[&str]] = match state {
        "queued" => &[],
        "in_progress" => &[&["start"]],
        "in_review" => &[&["start"], &["finish"]],
        "ready_for_integration" => &[&["start"], &["finish"], &["approve"]],
        "blocked" => &[&["start"], &["block"]],
        "deferred" => &[&["defer"]],
        "done" => &[&["start"], &["done"]],
        "cancelled" => &[&["cancel"]],
        other => panic!("{other}"),
    };
    for step in steps {
        run_verb(repo, step[0], &id).ok();
    }
    assert_eq!(repo.data(&["show", &id])["status"], state);
    id
}

fn run_verb(repo: &Repo, verb: &str, id: &str) -> crate::support::Ran {
    let more: &[&str] = match verb {
        "start" => &["--no-worktree"],
        "finish" => &["--force"],
        "done" => &["--evidence", "seen"],
        "block" => &["a reason"],
        _ => &[],
    };
    let mut args = vec!["--json", "task", verb, id];
    args.extend(more);
    repo.pm(&args)
}

const VERBS: &[&str] = &[
    "start", "finish", "approve", "drop", "done", "block", "unblock", "defer", "undefer", "reopen",
    "cancel",
];

// TM-02, TM-04: what the table does not have is refused, with the allowed states and a command
// that leads to one of them; nothing is written.
#[test]
fn tm_04_every_illegal_transition_is_refused_with_the_legal_ones() {
    let (_scene, repo) = set_up();
    for (state, legal) in TABLE {
        let id = in_state(&repo, state);
        let before = repo.tip("refs/pm/main");
        let next = NEXT.iter().find(|(s, _)| s == state).unwrap().1;
        for verb in VERBS.iter().filter(|v| !legal.contains(v)) {
            let ran = run_verb(&repo, verb, &id);
            // `start` of what one holds already is a conflict that offers `--resume`.
            let held = *verb == "start"
                && ["in_progress", "in_review", "ready_for_integration"].contains(state);
            let ran = ran.exits(if held { 3 } else { 1 });
            let error = ran.error();
            let hints = error["hints"].to_string();
            assert!(
                hints.contains("git pm "),
                "{verb} of {state}: no next command: {error}"
            );
            if !held {
                let message = error["message"].as_str().unwrap();
                assert!(
                    message.contains(state),
                    "{verb} of {state} does not name the state: {message}"
                );
                for word in next {
                    assert!(
                        message.contains(word),
                        "{verb} of {state} does not name {word}: {message}"
                    );
                }
            }
            assert_eq!(
                repo.tip("refs/pm/main"),
                before,
                "a refused `{verb}` of a task that is {state} wrote something"
            );
        }
    }
}

// TM-02, TM-04: what the table has works from the command line.
#[test]
fn tm_04_every_legal_transition_works() {
    let (_scene, repo) = set_up();
    for (state, legal) in TABLE {
        for verb in *legal {
            let id = in_state(&repo, state);
            let after = run_verb(&repo, verb, &id).ok().data()["status"].clone();
            let expected = match *verb {
                "start" => "in_progress",
                "finish" => "in_review",
                "approve" => "ready_for_integration",
                "drop" | "reopen" | "undefer" => "queued",
                "unblock" => "in_progress",
                "done" => "done",
                "block" => "blocked",
                "defer" => "deferred",
                "cancel" => "cancelled",
                other => panic!("{other}"),
            };
            assert_eq!(after, expected, "{verb} of {state}");
        }
        // Changes after a review: back to work, by its claimant.
        if ["in_review", "ready_for_integration"].contains(state) {
            let id = in_state(&repo, state);
            let back = repo.data(&["task", "start", &id, "--resume", "--no-worktree"]);
            assert_eq!(back["status"], "in_progress");
        }
    }
}

// TM-06, and DESIGN 3: an agent is one by its environment; another name makes no human of it.
#[test]
fn tm_06_no_agent_approves_under_any_name() {
    let (_scene, repo) = set_up();
    let id = in_state(&repo, "in_review");
    let before = repo.tip("refs/pm/main");
    for marker in [
        "CLAUDECODE",
        "CODEX_SANDBOX",
        "CURSOR_AGENT",
        "GEMINI_CLI",
        "AGENT_NAME",
    ] {
        let agent = repo.with(marker, "x");
        for args in [
            &["task", "approve", id.as_str()][..],
            &["--as", "Ana", "task", "approve", &id],
            &["task", "finish", &id, "--merge"],
            &["--as", "Ana", "task", "finish", &id, "--merge"],
        ] {
            let mut all = vec!["--json"];
            all.extend(args);
            let error = agent.pm(&all).exits(1).error();
            assert!(
                error["hints"].to_string().contains("git pm "),
                "{marker} {args:?}: {error}"
            );
        }
        agent.by("Ana").pm(&["task", "approve", &id]).exits(1);
        agent
            .with("BD_ACTOR", "Ana")
            .pm(&["task", "approve", &id])
            .exits(1);
    }
    // Registered as one.
    repo.git(&["config", "pm.agent", "robot"]).ok();
    repo.pm(&["--as", "robot", "task", "approve", &id]).exits(1);
    assert_eq!(repo.tip("refs/pm/main"), before, "an agent approved");
    // An empty marker is none, and a human may.
    let item = repo.with("CLAUDECODE", "").data(&["task", "approve", &id]);
    assert_eq!(item["status"], "ready_for_integration");
    assert_eq!(item["approved_by"], "Ana");
    assert!(!item["approved_at"].is_null());
}

#[test]
fn a_strict_approval_needs_a_terminal() {
    let (_scene, repo) = set_up();
    let id = in_state(&repo, "in_review");
    repo.pm(&["config", "pm.approval", "strict"]).ok();
    repo.pm(&["task", "approve", &id]).exits(1);
    assert_eq!(repo.data(&["show", &id])["status"], "in_review");
    repo.pm(&["config", "pm.approval", "--unset"]).ok();
    repo.pm(&["task", "approve", &id, "--note", "fine"]).ok();
    let subject = repo
        .git(&["log", "-1", "--format=%s", "refs/pm/main"])
        .text();
    assert!(
        subject.contains("advisory"),
        "advisory is not recorded: {subject}"
    );
}

#[test]
fn actors_are_named_in_the_order_of_the_design() {
    let (_scene, repo) = set_up();
    repo.task("T", &[]);
    let author = |place: &Repo, args: &[&str]| {
        let mut all = args.to_vec();
        all.extend(["task", "comment", "T-1", "x"]);
        place.data(&all)["comments"]
            .as_array()
            .unwrap()
            .last()
            .unwrap()["author"]
            .clone()
    };
    let all = repo
        .with("AGENT_NAME", "four")
        .with("BD_ACTOR", "three")
        .with("GIT_PM_ACTOR", "two");
    assert_eq!(author(&all, &["--as", "one"]), "one");
    assert_eq!(author(&all, &[]), "two");
    assert_eq!(
        author(
            &repo.with("AGENT_NAME", "four").with("BD_ACTOR", "three"),
            &[]
        ),
        "three"
    );
    assert_eq!(author(&repo.with("AGENT_NAME", "four"), &[]), "four");
    assert_eq!(author(&repo, &[]), "Ana");
    // In a task's worktree: its claimant for an agent, and who they are for a human.
    repo.pm(&["start", "T-1", "--as", "bea"]).ok();
    let place = repo.worktree("T-1");
    assert_eq!(author(&place, &[]), "Ana");
    assert_eq!(author(&place.with("CLAUDECODE", "1"), &[]), "bea");
    // The commit: the actor as author, git's identity as committer.
    let who = repo
        .git(&["log", "-1", "--format=%an|%cn|%ce", "refs/pm/main"])
        .text();
    assert_eq!(who, "bea|Ana|ana@example.org");
}

// TM-05: numbers grow past four digits and are never used twice.
#[test]
fn tm_05_ids_have_four_digits_and_grow_past_them() {
    let (_scene, repo) = set_up();
    let id = repo.task("T", &[]);
    assert_eq!(id, "T-0001");
    let path = forge::path_of(&repo, &id);
    let text = forge::read(&repo, &path);
    let uid = repo.data(&["show", &id])["uid"]
        .as_str()
        .unwrap()
        .to_string();
    let other = format!("{}zzzz", &uid[..uid.len() - 4]);
    let forged = text.replace(&uid, &other).replace("T-0001", "T-9999");
    forge::put(&repo, "tasks/99/T-9999-zzzz.md", forged.as_bytes());
    assert_eq!(repo.data(&["show", "T-9999"])["uid"], other.as_str());
    let next = repo.task("Next", &[]);
    assert_eq!(next, "T-10000");
    assert!(
        forge::path_of(&repo, &next).starts_with("tasks/100/"),
        "{next}"
    );
    assert_eq!(repo.data(&["show", "t-10000"])["id"], "T-10000");
    // A closed task's number is not given again.
    repo.pm(&["task", "cancel", "T-10000"]).ok();
    assert_eq!(repo.task("More", &[]), "T-10001");
    let ids: Vec<String> = repo.data(&["task", "list"])["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["id"].as_str().unwrap().into())
        .collect();
    assert_eq!(
        ids,
        ["T-0001", "T-9999", "T-10001"],
        "not in the order of numbers"
    );
}

// WT-02: the branch's form is a template, and the name is stored, not computed again.
#[test]
fn wt_02_branches_follow_the_template_and_stay() {
    let (_scene, repo) = set_up();
    repo.task("Fix the Flaky: Login (test)!", &[]);
    repo.git(&["config", "pm.branch", "feature/{id}-{slug}"])
        .ok();
    let item = repo.data(&["start", "T-1", "--no-worktree"]);
    assert_eq!(item["branch"], "feature/T-0001-fix-the-flaky-login-test");
    repo.git(&["config", "pm.branch", "x/{id}"]).ok();
    repo.pm(&["task", "edit", "T-1", "--title", "Another"]).ok();
    let item = repo.data(&["show", "T-1"]);
    assert_eq!(item["branch"], "feature/T-0001-fix-the-flaky-login-test");
    repo.task("Two", &[]);
    repo.git(&["config", "pm.branch", "bad..name/{id}~"]).ok();
    let ran = repo.pm(&["start", "T-2", "--no-worktree"]);
    if ran.code == 0 {
        let name = repo.data(&["show", "T-2"])["branch"]
            .as_str()
            .unwrap()
            .to_string();
        repo.git(&["check-ref-format", "--branch", &name]).ok();
    } else {
        assert!(ran.err.contains("branch pattern"), "{}", ran.err);
        assert_eq!(repo.data(&["show", "T-2"])["status"], "queued");
    }
}

// WT-08: branch status and merge readiness of each task.
#[test]
fn wt_08_status_tells_ahead_behind_conflicts_and_what_is_missing() {
    let (_scene, repo) = set_up();
    repo.task("T", &["--accept", "a"]);
    repo.pm(&["start", "T-1"]).ok();
    let work = repo.worktree("T-1");
    work.write("src/auth.rs", "pub fn login() { 1 }\n");
    work.commit_all("One");
    work.write("new.txt", "uncommitted\n");
    repo.write("src/auth.rs", "pub fn login() { 2 }\n");
    repo.commit_all("Meanwhile");
    repo.write("README.md", "# Changed\n");
    repo.commit_all("Meanwhile 2");
    let branch = |repo: &Repo| repo.data(&["status"])["branches"][0].clone();
    let b = branch(&repo);
    assert_eq!(b["id"], "T-0001");
    assert_eq!(b["branch"], "task/T-0001-t");
    assert_eq!(b["target"], "main");
    assert_eq!(b["ahead"], 1);
    assert_eq!(b["behind"], 2);
    assert_eq!(b["conflicts"], serde_json::json!(["src/auth.rs"]));
    assert_eq!(b["dirty"], true);
    assert_eq!(b["accepted"], serde_json::json!([0, 1]));
    assert!(
        !b["readiness"].as_str().unwrap().contains("ready to merge"),
        "{b}"
    );
    // Everything put right.
    std::fs::remove_file(work.path.join("new.txt")).unwrap();
    work.git(&["merge", "-q", "-X", "ours", "main"]).ok();
    repo.pm(&["task", "accept", "T-1", "--all"]).ok();
    repo.pm(&["finish", "T-1"]).ok();
    repo.pm(&["task", "approve", "T-1"]).ok();
    let b = branch(&repo);
    assert_eq!(b["behind"], 0);
    assert_eq!(b["conflicts"], serde_json::json!([]));
    assert_eq!(b["dirty"], false);
    assert!(
        b["readiness"].as_str().unwrap().contains("ready to merge"),
        "{b}"
    );
    let text = repo.pm(&["status"]).ok().out;
    assert!(
        text.contains("T-0001") && text.contains("ready to merge"),
        "{text}"
    );
}

// TM-14: a write that is killed anywhere is there whole or not at all, and needs no hand.
#[test]
fn tm_14_a_killed_write_is_whole_or_absent() {
    let (_scene, repo) = set_up();
    let rounds = if std::env::var_os("GIT_PM_TEST_FULL").is_some() {
        200
    } else {
        20
    };
    let mut acknowledged = Vec::new();
    for n in 0..rounds {
        let title = format!("Write {n}");
        let mut child = repo.spawn(&["--json", "task", "create", &title]);
        // Spread over the whole life of a process, without a random number generator.
        std::thread::sleep(std::time::Duration::from_micros((n * 7919) % 30_000));
        let _ = child.kill();
        let output = child.wait_with_output().unwrap();
        if output.status.success() {
            acknowledged.push(title);
        }
    }
    let list = repo.data(&["task", "list", "--limit", "1000"]);
    let titles: Vec<&str> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["title"].as_str().unwrap())
        .collect();
    for title in &acknowledged {
        assert!(
            titles.contains(&title.as_str()),
            "`{title}` was acknowledged and is gone"
        );
    }
    repo.git(&["fsck", "--strict"]).ok();
    repo.pm(&["doctor"]).ok();
    repo.task("After", &[]);
    assert!(!repo.path.join(".git/refs/pm/main.lock").exists());
}

// CONFORMANCE TM-08: a story keeps its sentence.
#[test]
fn tm_08_a_story_keeps_its_words() {
    let (_scene, repo) = set_up();
    let title = "As a user I need to log in so that I see my plans";
    let item = repo.data(&["task", "create", title, "--type", "story"]);
    assert_eq!(item["title"], title);
    assert_eq!(item["type"], "story");
}

#[test]
fn conflicting_bodies_are_both_kept_until_somebody_decides() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("T", &["--body", "one\ntwo\nthree\nfour\n"]);
    a.task("U", &["--body", "base\n"]);
    a.task("V", &["--body", "base\n"]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Bea");
    for (place, t, u) in [
        (&a, "ONE\ntwo\nthree\nfour\n", "from a\n"),
        (&b, "one\ntwo\nthree\nFOUR\n", "from b\n"),
    ] {
        place.pm(&["task", "edit", "T-1", "--body", t]).ok();
        place.pm(&["task", "edit", "T-2", "--body", u]).ok();
        place.pm(&["task", "edit", "T-3", "--body", u]).ok();
        place.pm(&["task", "edit", "T-3", "--title", u.trim()]).ok();
    }
    a.pm(&["sync"]).ok();
    let report = b.data(&["sync"]);
    assert_eq!(
        report["conflicted"],
        serde_json::json!(["T-0001", "T-0002", "T-0003"]),
        "a text was overwritten in silence"
    );
    a.pm(&["sync"]).ok();
    assert_eq!(a.state_tree(), b.state_tree());
    let list = a.data(&["conflicts"]);
    let found = list["items"].as_array().unwrap();
    assert_eq!(found.len(), 3);
    for conflict in found {
        assert_eq!(
            conflict["versions"].as_array().unwrap().len(),
            2,
            "{conflict}"
        );
    }
    let texts = found[1]["versions"].to_string();
    assert!(
        texts.contains("from a") && texts.contains("from b"),
        "{texts}"
    );
    assert!(
        a.pm(&["show", "T-2"]).ok().out.contains("git pm conflicts"),
        "show is silent"
    );
    // The merge is offered, not imposed.
    let merged = a.data(&["conflicts", "T-1", "--merged"]);
    assert_eq!(merged["body"], "ONE\ntwo\nthree\nFOUR\n");
    let refused = a.pm(&["conflicts", "T-2", "--merged"]).exits(1).err;
    assert!(refused.contains("no merge of the versions of"), "{refused}");
    a.pm(&["conflicts", "T-2", "--keep", "3"]).exits(4);
    let second = found[1]["versions"][1]["text"].clone();
    assert_eq!(a.data(&["conflicts", "T-2", "--keep", "2"])["body"], second);
    let written = a
        .feed(
            "git-pm",
            &["--json", "conflicts", "T-3", "--text", "-"],
            "both\n",
        )
        .ok()
        .data();
    assert_eq!(written["body"], "both\n");
    assert_eq!(a.data(&["conflicts"])["items"], serde_json::json!([]));
    a.pm(&["conflicts", "T-1", "--keep", "1"]).exits(1);
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    assert_eq!(b.data(&["conflicts"])["items"], serde_json::json!([]));
    assert_eq!(b.data(&["show", "T-1"])["body"], "ONE\ntwo\nthree\nFOUR\n");
    // What the join overrode can be read.
    let lost = b.data(&["log", "--conflicts"]);
    let row = lost["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["field"] == "title")
        .unwrap_or_else(|| panic!("the overridden title is nowhere: {lost}"));
    assert_eq!(row["item"], "T-0003");
    let pair = [row["kept"].as_str().unwrap(), row["lost"].as_str().unwrap()];
    assert!(
        pair.contains(&"from a") && pair.contains(&"from b"),
        "{row}"
    );
}
