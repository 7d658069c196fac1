//! PL-15: what is taken back, in the state or in git, and what moves to another document.

use serde_json::json;

use super::asked_again::EXPORT;
use super::new_work::approved;
use super::{list, planned, text, texts};
use crate::support::{Repo, set_up};

/// Commits the document and stores it.
fn store(repo: &Repo, document: &str) {
    repo.write("d.md", document);
    repo.commit_all("Specify");
    repo.pm(&["plan", "update", "d.md", "--write"]).ok();
}

/// The file whose update was undone, or that a later commit put back, is the newer text; one of a clone that did not
/// pull is not.
#[test]
fn pl_15_a_text_that_was_put_back_is_no_older_version() {
    let (_scene, repo) = approved(EXPORT);
    repo.commit_all("Specify");
    let reworded = EXPORT.replace("Log each export", "Log each export with its size");
    store(&repo, &reworded);
    repo.pm(&["undo"]).ok();
    let said = "d.md has changed since it was planned";
    assert!(repo.pm(&["status"]).ok().out.contains(said));
    repo.pm(&["plan", "update", "d.md", "--write"]).ok();
    // A commit of a later second.
    let git = repo.with("GIT_AUTHOR_DATE", "2099-01-01T00:00:00Z");
    git.git(&["revert", "--no-edit", "HEAD"]).ok();
    assert!(repo.pm(&["status"]).ok().out.contains(said));
    let found = repo.data(&["plan", "update", "d.md", "--write"]);
    assert_eq!(texts(&found, "changed"), ["Log each export"], "{found}");
    // An edit of the file that is not committed is no older version either.
    repo.write("d.md", &reworded);
    assert!(repo.pm(&["status"]).ok().out.contains(said));
}

/// An undo of an approval leaves the words of work that was begun with them.
#[test]
fn pl_15_an_undone_approval_leaves_the_words_of_begun_work() {
    for begin in [
        &["start", "T-0003", "--no-worktree"][..],
        &["task", "done", "T-0003", "--force"],
    ] {
        let (_scene, repo) = approved(EXPORT);
        repo.commit_all("Specify");
        store(
            &repo,
            &EXPORT.replace("Log each export", "Log each export with its size"),
        );
        let made = repo.data(&["plan", "approve"]);
        assert_eq!(list(&made, "updated").len(), 1, "{made}");
        let commit = repo.git(&["rev-parse", "refs/pm/main"]).text().to_owned();
        repo.pm(begin).ok();
        let refused = repo.pm(&["undo", &commit]);
        assert!(
            refused
                .err
                .contains("T-0003 title: the work was begun with it"),
            "{refused:?}"
        );
        repo.pm(&["undo", &commit, "--force"]).ok();
        let title = repo.data(&["show", "T-0003"])["title"].clone();
        assert_eq!(title, "Log each export with its size");
    }
}

/// The line of finished work leads to it, also when its box is ticked.
#[test]
fn ob_05_a_ticked_line_is_traced_to_its_task() {
    let (_scene, repo) = approved(EXPORT);
    repo.pm(&["task", "done", "T-0003", "--force"]).ok();
    store(&repo, &EXPORT.replace("[ ] Log", "[x] Log"));
    let trace = repo.data(&["trace", "d.md:6"]);
    assert_eq!(list(&trace, "tasks")[0]["id"], json!("T-0003"), "{trace}");
}

/// What an update left for the next one is named with the command that plans it.
#[test]
fn pl_15_a_refused_approval_names_the_next_update() {
    let (_scene, repo) = approved(EXPORT);
    let more: String = (1..=7)
        .map(|n| format!("- [ ] Extra work number {n}\n"))
        .collect();
    store(&repo, &format!("{EXPORT}{more}"));
    let refused = repo.pm(&["plan", "approve"]);
    let hint = "`git pm plan update d.md --write` plans the next of them";
    assert!(refused.err.contains(hint), "{refused:?}");
    repo.pm(&["plan", "update", "d.md", "--write"]).ok();
    assert_eq!(texts(&repo.data(&["plan", "approve"]), "created").len(), 7);
}

/// A line that moves to another document is new work there, and its task is named.
#[test]
fn pl_15_a_line_that_moves_to_another_document_names_its_task() {
    let (_scene, repo) = set_up();
    repo.pm(&["config", "--shared", "pm.planTests", "false"])
        .ok();
    let other =
        "# Views\n\n## Tasks\n- [ ] Draw the page of a day\n- [ ] Draw the page of a week\n";
    for (file, document) in [("d.md", EXPORT), ("e.md", other)] {
        let plan = planned(&repo, file, document);
        repo.pm(&["plan", "approve", text(&plan, "prd")]).ok();
    }
    let line = "- [ ] Add a dashboard with exports per day\n";
    store(&repo, &EXPORT.replace(line, ""));
    repo.write("e.md", &format!("{other}{line}"));
    let told = repo.pm(&["plan", "update", "e.md", "--write"]).ok().err;
    assert!(
        told.contains("T-0002 (queued), for which P-0001 does not ask any more"),
        "{told}"
    );
    // What is done already can meet it.
    repo.pm(&["task", "done", "T-0002", "--force"]).ok();
    let made = repo.data(&["plan", "approve", "P-0002", "--already-met", "3"]);
    assert!(list(&made, "created").is_empty(), "{made}");
}

/// A file in which git left both sides of a conflict is not planned; code that shows one is.
#[test]
fn pl_04_a_file_with_a_merge_conflict_is_not_planned() {
    let (_scene, repo) = approved(EXPORT);
    let conflict = "<<<<<<< HEAD\n- [ ] One\n=======\n- [ ] Two\n>>>>>>> other\n";
    repo.write("d.md", &format!("{EXPORT}{conflict}"));
    repo.write("e.md", &format!("# E\n\n{conflict}"));
    for plan in [
        &["plan", "update", "d.md", "--write"][..],
        &["plan", "new", "e.md"],
    ] {
        let refused = repo.pm(plan).exits(1).err;
        assert!(
            refused.contains("has an unresolved merge conflict, from line"),
            "{refused}"
        );
    }
    repo.write("d.md", &format!("{EXPORT}\n```\n{conflict}```\n"));
    repo.pm(&["plan", "update", "d.md", "--write"]).ok();
}

/// What waits for an approval keeps its epic and its document open.
#[test]
fn pl_31_a_plan_with_tasks_that_wait_for_approval_is_not_closed() {
    let (_scene, repo) = approved(EXPORT);
    for id in ["T-0001", "T-0002", "T-0003"] {
        repo.pm(&["task", "done", id, "--force"]).ok();
    }
    store(&repo, &format!("{EXPORT}- [ ] Encrypt the backups\n"));
    for (kind, id) in [("epic", "E-0001"), ("prd", "P-0001")] {
        let refused = repo.pm(&[kind, "close", id]).exits(1).err;
        let said = "the plan of P-0001 has 1 task waiting for approval";
        assert!(refused.contains(said), "{refused}");
        repo.pm(&[kind, "close", id, "--force"]).ok();
        let status = repo.pm(&["status"]).ok().out;
        assert!(status.contains("git pm plan show P-0001"), "{status}");
    }
}
