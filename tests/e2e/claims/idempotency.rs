//! A repeated idempotency key makes a change happen once.

use std::path::Path;

use super::{holder, two_clones};
use crate::support::{Repo, Scene, set_up, wait_all};

/// Runs a command twice under one key; the second run changes nothing and prints the same.
#[track_caller]
fn twice(place: &Repo, key: &str, args: &[&str]) {
    let mut all = vec!["--json", "--idempotency-key", key];
    all.extend(args);
    let first = place.pm(&all).ok();
    let tree = place.state_tree();
    let second = place.pm(&all);
    assert_eq!(
        second.code, 0,
        "repeating `{}` under one key fails: {}{}",
        second.what, second.out, second.err
    );
    assert_eq!(
        place.state_tree(),
        tree,
        "`{}` happened twice under one key",
        second.what
    );
    let ids = |data: serde_json::Value| {
        let items = data["items"].as_array().into_iter().flatten();
        let items: Vec<_> = items.map(|one| one["id"].clone()).collect();
        (data["id"].clone(), items)
    };
    assert_eq!(
        ids(first.data()),
        ids(second.data()),
        "the repetition of `{}` answers with other items",
        second.what
    );
}

// TM-12: every mutating command is idempotent by key.
#[test]
fn tm_12_a_repeated_key_makes_every_change_happen_once() {
    let scene = Scene::new();
    let (_, a) = scene.with_hub();
    twice(&a, "k1", &["task", "create", "Once"]);
    twice(&a, "k2", &["task", "create", "Once"]);
    twice(&a, "k3", &["task", "edit", "T-0001", "--title", "Twice"]);
    twice(&a, "k4", &["task", "comment", "T-0001", "hello"]);
    twice(&a, "k5", &["dep", "add", "T-0002", "T-0001"]);
    twice(&a, "k6", &["dep", "rm", "T-0002", "T-0001"]);
    twice(&a, "k7", &["epic", "create", "Epic"]);
    twice(&a, "k8", &["task", "block", "T-0002", "waits"]);
    twice(&a, "k9", &["task", "unblock", "T-0002"]);
    twice(&a, "k10", &["task", "defer", "T-0002"]);
    twice(&a, "k11", &["task", "undefer", "T-0002"]);
    twice(&a, "k12", &["task", "reassign", "T-0002", "--to", "Ben"]);
    twice(&a, "k13", &["task", "cancel", "T-0002"]);
    twice(&a, "k14", &["task", "reopen", "T-0002"]);
    twice(&a, "k15", &["start", "T-0001"]);
    twice(&a, "k16", &["task", "drop", "T-0001"]);
    twice(&a, "k17", &["start", "T-0001"]);
    let work = a.worktree("T-0001");
    work.write("x.txt", "x\n");
    work.commit_all("X");
    twice(&a, "k18", &["finish", "T-0001"]);
    twice(&a, "k19", &["task", "approve", "T-0001"]);
    twice(&a, "k20", &["merge", "T-0001"]);
    twice(&a, "k21", &["task", "done", "T-0002", "--force"]);
    twice(&a, "k22", &["reserve", "add", "docs/**"]);
    twice(&a, "k23", &["reserve", "renew", "docs/**", "--ttl", "2h"]);
    twice(&a, "k24", &["reserve", "release", "docs/**"]);
    let tasks = a.data(&["task", "list", "--all"])["items"].clone();
    assert_eq!(tasks.as_array().unwrap().len(), 2, "{tasks}");
}

// TM-12: what is looked up before the write is closed, deleted or removed by then.
#[test]
fn tm_12_what_ends_items_answers_a_repeated_key_as_it_did_first() {
    let (_scene, repo) = set_up();
    let ids: Vec<String> = ["One", "Two", "Three"]
        .map(|title| repo.pm(&["issue", "q", title]).ok().text())
        .into();
    let [one, two, three] = [0, 1, 2].map(|n| ids[n].as_str());
    twice(&repo, "c1", &["issue", "close", one, "--reason", "fixed"]);
    for other in [
        &["issue", "close", one, "--reason", "other"][..],
        &["issue", "close", two, "--reason", "fixed"],
    ] {
        let args = [&["--json", "--idempotency-key", "c1"], other].concat();
        let error = repo.pm(&args).exits(2).error();
        assert_eq!(error["reason"], "key.reused", "{error}");
    }
    // One of them was closed before.
    twice(&repo, "c2", &["issue", "close", one, two, three]);
    twice(&repo, "c3", &["issue", "reopen", one, two, three]);
    twice(&repo, "c4", &["issue", "delete", one, two]);
    repo.pm(&["--idempotency-key", "c4", "issue", "delete", three])
        .exits(2);
    twice(&repo, "c5", &["epic", "create", "Epic"]);
    twice(&repo, "c6", &["epic", "close", "E-0001"]);
    twice(&repo, "c7", &["epic", "delete", "E-0001"]);
    repo.write("notes.txt", "text\n");
    repo.task("Four", &[]);
    twice(&repo, "c8", &["artifact", "put", "T-1", "notes.txt"]);
    twice(&repo, "c9", &["artifact", "remove", "T-1", "notes.txt"]);
}

// TM-12: an operation of several steps, too.
#[test]
fn tm_12_finish_and_merge_under_one_key_happen_once() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    for (title, file) in [("One", "one.txt"), ("Two", "two.txt")] {
        let id = repo.task(title, &[]);
        repo.pm(&["start", &id]).ok();
        let work = repo.worktree(&id);
        work.write(file, "x\n");
        work.commit_all("Work");
    }
    twice(&repo, "k1", &["finish", "T-0001", "--merge"]);
    // Also if it was finished before.
    repo.pm(&["finish", "T-0002"]).ok();
    let before = repo.git(&["rev-list", "--count", "main"]).text();
    twice(&repo, "k2", &["finish", "T-0002", "--merge"]);
    let after = repo.git(&["rev-list", "--count", "main"]).text();
    assert_eq!(
        after.parse::<u32>().unwrap(),
        before.parse::<u32>().unwrap() + 1,
        "merged twice"
    );
}

// TM-12: a key belongs to one actor and one operation in all clones; another operation with it is refused.
#[test]
fn tm_12_a_key_belongs_to_one_actor_and_operation_in_all_clones() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    let create = ["--idempotency-key", "d-1", "task", "create", "Once"];
    a.pm(&create).ok();
    a.pm(&["--idempotency-key", "d-1", "start", "T-0001"])
        .exits(2);
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    let tree = b.state_tree();
    let ana = b.by("ana");
    ana.pm(&create).ok();
    assert_eq!(b.state_tree(), tree, "the same key created two items");
    let again = [
        "--json",
        "--idempotency-key",
        "d-1",
        "task",
        "create",
        "Else",
    ];
    let refused = ana.pm(&again).exits(2).error();
    let said = refused["message"].as_str().unwrap();
    assert!(said.contains("key `d-1` was"), "{said}");
    // Ben's is a key of his own.
    let own = b.data(&create);
    assert_eq!(own["created_by"], "Ben", "{own}");
    assert_ne!(b.state_tree(), tree);
    let start = ["--idempotency-key", "d-2", "start", "T-0001"];
    let ran = wait_all((0..4).map(|_| a.spawn(&start)).collect());
    assert!(ran.iter().all(|r| r.code == 0), "{ran:#?}");
    assert_eq!(holder(&a, "T-0001"), ("Ana".into(), true));
    assert!(Path::new(&a.worktree("T-0001").path).exists());
}

// TM-12: a key with another content would be taken as a repetition, and its change never made.
#[test]
fn tm_12_a_key_that_was_used_with_another_content_is_refused() {
    let (_scene, repo) = set_up();
    for title in ["One", "Two"] {
        repo.task(title, &[]);
    }
    let pairs: &[(&[&str], &[&str], &str)] = &[
        (
            &["task", "create", "A"],
            &["task", "create", "B"],
            "task create",
        ),
        (
            &["task", "comment", "T-0001", "a"],
            &["task", "comment", "T-0001", "b"],
            "task comment",
        ),
        (
            &["task", "edit", "T-0001", "--title", "A"],
            &["task", "edit", "T-0002", "--title", "A"],
            "task edit",
        ),
        (
            &["reserve", "add", "a/**"],
            &["reserve", "add", "b/**"],
            "reserve add",
        ),
        (
            &["issue", "claim", "T-0001"],
            &["issue", "claim", "T-0002"],
            "task start",
        ),
    ];
    for (first, other, op) in pairs {
        let key = ["--idempotency-key", op];
        repo.pm(&[&key[..], first].concat()).ok();
        let tree = repo.state_tree();
        repo.pm(&[&key[..], first].concat()).ok();
        let refused = repo
            .pm(&[&["--json"], &key[..], other].concat())
            .exits(2)
            .error();
        assert_eq!(refused["reason"], "key.reused", "{refused}");
        let said = refused["message"].as_str().unwrap();
        assert!(said.contains(&format!("another `{op}`")), "{said}");
        assert_eq!(repo.state_tree(), tree, "{op}");
    }
    let two = ["--idempotency-key", "two", "issue", "update", "--claim"];
    repo.pm(&[&two[..], &["T-0001", "T-0002"]].concat())
        .exits(2);
    // Without an id the request is about the task of the folder.
    repo.pm(&["task", "drop", "T-0001"]).ok();
    for id in ["T-0001", "T-0002"] {
        repo.pm(&["start", id]).ok();
        let work = repo.worktree(id);
        work.write(&format!("{id}.txt"), "x\n");
        work.commit_all("Work");
    }
    let finish = ["--idempotency-key", "done", "finish"];
    repo.worktree("T-0001").pm(&finish).ok();
    repo.worktree("T-0001").pm(&finish).ok();
    repo.worktree("T-0002").pm(&finish).exits(2);
    assert_eq!(repo.data(&["show", "T-0002"])["status"], "in_progress");
}
