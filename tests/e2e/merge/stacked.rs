//! Branches that are stacked on others: a squash of the lower one does not make the upper one
//! conflict.

use super::alone;
use crate::support::{Repo, Scene};

/// Finished and approved work on top of the branch of the items that it depends on.
pub fn on_top(repo: &Repo, title: &str, on: Option<&str>, text: &str) -> String {
    let id = repo.task(title, &[]);
    if let Some(on) = on {
        repo.pm(&["dep", "add", &id, on, "--soft"]).ok();
    }
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write("list.txt", text);
    place.commit_all(title);
    repo.pm(&["finish", &id]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    id
}

/// ST-03: three branches that change the same line, each on top of the one before.
#[test]
fn stacked_branches_are_merged_one_after_the_other() {
    for strategy in ["squash", "merge", "rebase"] {
        let scene = Scene::new();
        let repo = alone(&scene);
        repo.write("list.txt", "zero\n");
        repo.commit_all("List");
        repo.git(&["config", "pm.stacked", "true"]).ok();
        repo.git(&["config", "pm.mergeStrategy", strategy]).ok();
        let one = on_top(&repo, "One", None, "one\n");
        let two = on_top(&repo, "Two", Some(&one), "two\n");
        let three = on_top(&repo, "Three", Some(&two), "three\n");
        for (id, text) in [(one, "one\n"), (two, "two\n"), (three, "three\n")] {
            repo.pm(&["merge", &id]).ok();
            assert_eq!(repo.read("list.txt"), text, "{strategy}");
        }
        assert_eq!(repo.git(&["status", "--porcelain"]).ok().out, "");
    }
}

/// The target's own change of the same line still conflicts.
#[test]
fn a_change_of_the_target_still_conflicts_with_stacked_work() {
    let scene = Scene::new();
    let repo = alone(&scene);
    repo.write("list.txt", "zero\n");
    repo.commit_all("List");
    repo.git(&["config", "pm.stacked", "true"]).ok();
    let one = on_top(&repo, "One", None, "one\n");
    let two = on_top(&repo, "Two", Some(&one), "two\n");
    repo.pm(&["merge", &one]).ok();
    repo.write("list.txt", "changed\n");
    repo.commit_all("Change it");
    let main = repo.tip("main");
    let refused = repo.pm(&["merge", &two]).exits(3);
    assert!(refused.err.contains("list.txt"), "{}", refused.err);
    assert_eq!(repo.tip("main"), main);
}

/// Work that was merged and reverted since is not taken back by what is stacked on it.
#[test]
fn a_lower_branch_that_was_reverted_stays_reverted() {
    let scene = Scene::new();
    let repo = alone(&scene);
    repo.write("other.txt", "zero\n");
    repo.write("list.txt", "zero\n");
    repo.commit_all("List");
    repo.git(&["config", "pm.stacked", "true"]).ok();
    let one = on_top(&repo, "One", None, "one\n");
    let two = repo.task("Two", &[]);
    repo.pm(&["dep", "add", &two, &one, "--soft"]).ok();
    repo.pm(&["start", &two]).ok();
    let place = repo.worktree(&two);
    place.write("other.txt", "two\n");
    place.commit_all("Two");
    repo.pm(&["finish", &two]).ok();
    repo.pm(&["task", "approve", &two]).ok();
    repo.pm(&["merge", &one]).ok();
    repo.git(&["revert", "--no-edit", "HEAD"]).ok();
    repo.pm(&["merge", &two]).ok();
    assert_eq!(repo.read("other.txt"), "two\n");
    assert_eq!(repo.read("list.txt"), "zero\n");
}
