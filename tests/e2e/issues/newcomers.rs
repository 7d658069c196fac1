//! What somebody who comes from beads meets in the first hour.

use super::bd;
use crate::support::{Repo, binary, set_up};

/// Imports records of beads.
#[track_caller]
fn import(repo: &Repo, records: &str) {
    repo.feed(binary(), &["import", "beads", "-"], records).ok();
}

// The undo of an import deletes all that it made, and brings nothing back.
#[test]
fn only_a_deletion_made_here_is_said_to_be_undone() {
    let (_scene, repo) = set_up();
    import(
        &repo,
        "{\"id\":\"p-a\",\"title\":\"A\",\"status\":\"open\",\"updated_at\":\"2026-01-01T00:00:00Z\"}\n\
         {\"id\":\"p-t\",\"title\":\"T\",\"status\":\"tombstone\",\"updated_at\":\"2026-01-01T00:00:00Z\",\
         \"deleted_at\":\"2026-01-01T00:00:00Z\",\"original_type\":\"task\"}\n",
    );
    for args in [&["show", "p-t"][..], &["issue", "reopen", "p-t"]] {
        let refused = repo.pm(args).exits(4).err;
        assert!(refused.contains("p-t was deleted"), "{refused}");
        assert!(!refused.contains("git pm undo"), "{args:?}: {refused}");
    }
    repo.pm(&["issue", "delete", "p-a"]).ok();
    let refused = repo.pm(&["issue", "reopen", "p-a"]).exits(4).err;
    assert!(refused.contains("`git pm show p-a`"), "{refused}");
    let shown = repo.pm(&["show", "p-a"]).exits(4).err;
    let (_, command) = shown.split_once("`git pm undo ").expect(&shown);
    repo.pm(&["undo", command.split('`').next().unwrap()]).ok();
    assert_eq!(repo.data(&["show", "p-a"])["status"], "open");
}

#[test]
fn a_list_accepts_what_only_issues_have() {
    let (_scene, repo) = set_up();
    for [option, word] in [
        ["-t", "epic"],
        ["-t", "decision"],
        ["-t", "task"],
        ["-s", "hooked"],
    ] {
        let out = bd(&repo, &["list", option, word]).ok().out;
        assert!(out.contains("No issues"), "{word}: {out}");
    }
}

// In beads, being pinned is a status as well as a mark.
#[test]
fn an_issue_that_beads_pinned_can_be_unpinned() {
    let (_scene, repo) = set_up();
    import(
        &repo,
        "{\"id\":\"p-p\",\"title\":\"P\",\"status\":\"pinned\",\"pinned\":true,\
         \"updated_at\":\"2026-01-01T00:00:00Z\"}\n",
    );
    bd(&repo, &["close", "p-p"]).exits(1);
    bd(&repo, &["update", "p-p", "--pinned", "false"]).ok();
    assert_eq!(repo.data(&["show", "p-p"])["status"], "open");
    assert_eq!(repo.data(&["list", "is:pinned"])["items"], serde_json::json!([]));
    bd(&repo, &["close", "p-p"]).ok();
}
