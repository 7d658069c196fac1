//! Pushed commits with headers that no git writes, which a server takes nevertheless.

use super::READS;
use super::fetched::shared;
use crate::support::Repo;

/// Headers between the parent and the message that `git receive-pack` accepts.
const ODD: [&str; 9] = [
    "author x\ncommitter x\n",
    "author x <y 1 +0000\ncommitter x <y 1 +0000\n",
    "author a <b> 1 +0000\nauthor c <d> 1 +0000\ncommitter a <b> 1 +0000\n",
    "",
    "author a <b> yesterday\ncommitter a <b> now\n",
    "author a <b> 1 +0000\ncommitter a <b> 1 +0000\nnonsense\n",
    "author a <b> 1 +0000\n alone\ncommitter a <b> 1 +0000\n",
    "author a <b> 1 +0000\ncommitter a <b> 1 +0000\ngpgsig -----BEGIN PGP SIGNATURE-----\n",
    "author a <b> 1 +0000\ncommitter a <b> 1 +0000\nencoding \n",
];

/// Pushes a commit with these headers on top of the hub's state.
fn push_odd(repo: &Repo, headers: &str, message: &str) -> String {
    repo.git(&["fetch", "-q", "origin", "refs/pm/main"]).ok();
    let (tip, tree) = (repo.tip("FETCH_HEAD"), repo.tip("FETCH_HEAD^{tree}"));
    let text = format!("tree {tree}\nparent {tip}\n{headers}{message}");
    let args = [
        "hash-object",
        "-t",
        "commit",
        "-w",
        "--stdin",
        "--literally",
    ];
    let made = repo.feed("git", &args, &text).text();
    repo.git(&["push", "-q", "origin", &format!("{made}:refs/pm/main")])
        .ok();
    made
}

#[test]
fn a_commit_whose_headers_git_would_not_write_stops_no_clone() {
    let (scene, hub, a, b) = shared(1);
    for headers in ODD {
        push_odd(&b, headers, "\ntask edit T-0001: x\n");
        a.pm(&["sync"]).ok();
    }
    // Without a blank line there is no message.
    push_odd(&b, "author a <b> 1 +0000\ncommitter a <b> 1 +0000\n", "");
    a.pm(&["pull"]).ok();
    a.pm(&["push"]).ok();
    a.pm(&["start", "T-0001", "--no-worktree"]).ok();
    for args in READS {
        let ran = a.pm(args);
        assert!(![5, 101].contains(&ran.code), "{args:?}: {ran:?}");
    }
    let report = a.pm(&["doctor"]).out;
    assert!(!report.contains("is damaged"), "{report}");
    let late = scene.clone_of(&hub, "late", "Lou");
    late.pm(&["init"]).ok();
    late.pm(&["sync"]).ok();
    assert_eq!(late.data(&["show", "T-0001"])["claim"]["actor"], "Ana");
}

// With `fetch.fsckObjects` git itself takes no such commit: each refusal names the way out, which
// needs nothing of the commit but its id.
#[test]
fn a_commit_that_git_rejects_can_be_replaced() {
    let (_scene, hub, a, b) = shared(1);
    a.git(&["config", "fetch.fsckObjects", "true"]).ok();
    let bad = push_odd(&b, ODD[0], "\nx\n");
    a.task("Own", &[]);
    let ways: [&[&str]; 4] = [
        &["sync"],
        &["pull"],
        &["init"],
        &["start", "T-0001", "--no-worktree"],
    ];
    for args in ways {
        let refused = a.pm(args).exits(5).err;
        assert!(refused.contains("git rejects refs/pm/main"), "{refused}");
        assert!(refused.contains(&bad), "{refused}");
        assert!(refused.contains("--restore-remote --replace"), "{refused}");
    }
    let report = a.pm(&["doctor"]).exits(1).out;
    assert!(report.contains("--restore-remote --replace"), "{report}");
    a.pm(&["doctor", "--restore-remote", "--replace"]).ok();
    assert_eq!(hub.tip("refs/pm/main"), a.tip("refs/pm/main"));
    a.pm(&["sync"]).ok();
    a.pm(&["doctor"]).ok();
}
