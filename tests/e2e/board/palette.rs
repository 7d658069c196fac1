//! The command palette of the live board, in a real terminal.
#![cfg(unix)]

use super::live::session;
use crate::support::set_up;

#[test]
fn ob_02_the_palette_runs_actions_and_only_work_that_exists_is_approved() {
    let (scene, repo) = set_up();
    repo.task("First", &["-p", "0"]);
    repo.pm(&["start", "T-1"]).ok();
    repo.task("Second", &[]);
    let Some(session) = session(&repo, &scene, 90, 24) else {
        return;
    };
    session.open_board("");
    session.type_text(":new task");
    session.see("do: new task");
    session.press("Enter");
    session.see("new task:");
    session.type_text("Third");
    session.press("Enter");
    session.see("Created T-0003");
    // The cursor is on it.
    session.press("Enter");
    session.wait("its details", |screen| {
        screen.contains("Esc back") && screen.contains("Third")
    });
    session.close("Esc back");
    session.type_text(":T-0001");
    session.press("Enter");
    session.wait("the keys of an item under way", |screen| {
        // Without a commit there is nothing to submit or to approve.
        screen.contains("? help") && !screen.contains("f finish") && !screen.contains("a approve")
    });
    session.type_text("a");
    let screen = session.see("Esc closes");
    assert!(!screen.contains("Approve T-0001"), "{screen}");
    session.close("Esc closes");
    let status = repo.data(&["show", "T-1"])["status"].clone();
    assert_eq!(status, "in_progress");
    session.type_text("q");
    session.is_as_before("after");
}

#[test]
fn ob_02_the_palette_accepts_criteria_and_merges_what_is_approved() {
    let (scene, repo) = set_up();
    repo.task(
        "First",
        &["--accept", "it is clean", "--accept", "it is dry"],
    );
    repo.pm(&["start", "T-1"]).ok();
    let place = repo.worktree("T-1");
    place.write("first.txt", "1\n");
    place.commit_all("First");
    let Some(session) = session(&repo, &scene, 90, 24) else {
        return;
    };
    session.open_board("");
    session.type_text(":tick off");
    session.see("do: tick off");
    session.press("Enter");
    session.see("accept of T-0001");
    session.press("Enter");
    session.see("evidence (may be empty)");
    session.type_text("seen");
    session.press("Enter");
    session.see("Accepted criteria of T-0001");
    let criteria = repo.data(&["show", "T-1"])["acceptance"].clone();
    assert_eq!(criteria[0]["evidence"], "seen", "{criteria}");
    assert_eq!(criteria[1]["done"], false, "{criteria}");
    session.type_text("t");
    session.wait("what is left", |screen| {
        screen.contains("it is dry") && !screen.contains("all of them")
    });
    session.press("Enter");
    session.see("evidence (may be empty)");
    session.press("Enter");
    session.wait("no open criterion", |screen| {
        screen.contains("? help") && !screen.contains("t criteria")
    });
    place.pm(&["finish"]).ok();
    repo.pm(&["task", "approve", "T-1"]).ok();
    session.see("M merge");
    session.type_text(":merge it");
    session.see("do: merge it");
    session.press("Enter");
    session.see("into main (commits: 1, files: 1)?");
    session.type_text("y");
    session.see("Merged T-0001");
    assert_eq!(repo.data(&["show", "T-1"])["status"], "done");
    // Nothing is left to merge.
    session.type_text("M");
    session.see("has no approved work to merge");
    session.close("has no approved work to merge");
    session.type_text("q");
    session.is_as_before("after");
}
