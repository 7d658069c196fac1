//! `--if-version` and idempotency keys.

use crate::support::set_up;

#[test]
fn if_version_refuses_an_edit_after_a_concurrent_change() {
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
        "an edit was overwritten without notice"
    );
    // It works for every verb that changes the item, not only for `edit`.
    repo.pm(&["edit", "T-1", "--accept", "it works"]).ok();
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

// TM-12: a repeated request with the same key happens once and gives the same answer.
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
    // One key for two operations is an error.
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

// TM-12: an interrupted operation of several steps is continued, and a script that repeats it after
// a lost answer gets the same answer.
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

/// Who repeats an edit learns that there was nothing to do, by every kind of document, and as JSON.
#[test]
fn an_edit_without_effect_says_so() {
    let (_scene, repo) = set_up();
    repo.task("One", &[]);
    repo.task("Two", &["--priority", "1"]);
    repo.pm(&["epic", "create", "Login"]).ok();
    repo.pm(&["prd", "create", "Product"]).ok();
    let issue = repo.data(&["issue", "create", "Bug"])["id"].clone();
    let learned = repo.data(&["learn", "add", "Keys"])["id"].clone();
    let (issue, learned) = (issue.as_str().unwrap(), learned.as_str().unwrap());
    repo.pm(&["context", "set", "build", "make"]).ok();
    for args in [
        &["task", "edit", "T-0001", "--title", "One"][..],
        &["epic", "edit", "E-0001", "--title", "Login"],
        &["prd", "edit", "P-0001", "--title", "Product"],
        &["issue", "edit", issue, "--title", "Bug"],
        &["issue", "update", issue, "--title", "Bug"],
        &["learn", "edit", learned, "--title", "Keys"],
        &["context", "set", "build", "make"],
    ] {
        let said = repo.pm(args).ok();
        assert!(said.out.starts_with("No changes:"), "{said:?}");
        assert!(!said.err.contains("nothing was changed"), "{said:?}");
        let json = repo.pm(&[&["--json"], args].concat()).ok().json();
        let notices = json["notices"].to_string();
        assert!(notices.contains("nothing was changed"), "{args:?}: {json}");
    }
    // One of two is a change.
    let both = ["task", "edit", "T-0001", "T-0002", "--priority", "1"];
    let said = repo.pm(&both).ok().out;
    assert!(said.contains("Changed T-0001"), "{said}");
    assert!(repo.pm(&both).ok().out.starts_with("No changes:"));
}
