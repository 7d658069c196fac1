//! The history of changes of a plan.

use super::{LOGIN, list, number, planned, task, titles};
use crate::support::set_up;

/// PL-40: every change of a plan is in the history with author, time and fields.
#[test]
fn pl_40_every_change_to_a_plan_is_in_the_history() {
    let (_scene, repo) = set_up();
    let plan = planned(&repo, "login.md", LOGIN);
    let keys = number(&plan, "Store public keys");
    repo.by("Ben")
        .pm(&["plan", "set", &keys, "estimate=L"])
        .ok();
    let log = repo.data(&["log", "--op", "plan"]);
    let last = &list(&log, "items")[0];
    let said = last.to_string();
    for part in ["Ben", "plan set", "estimate of task", "P-0001"] {
        assert!(said.contains(part), "the history lacks `{part}`: {said}");
    }
}

/// TM-13, PL-40: an edit of a plan can be undone like any other operation.
#[test]
fn an_edit_of_a_plan_can_be_undone() {
    let (_scene, repo) = set_up();
    let plan = planned(&repo, "login.md", LOGIN);
    let keys = number(&plan, "Store public keys");
    let changed = repo.data(&["plan", "set", &keys, "estimate=L"]);
    assert_eq!(task(&changed, "Store public keys")["estimate"], "L");
    repo.pm(&["undo"]).ok();
    let again = repo.data(&["plan", "show"]);
    let before = task(&plan, "Store public keys");
    assert_eq!(
        task(&again, "Store public keys")["estimate"],
        before["estimate"]
    );
    repo.pm(&["plan", "rm", &number(&plan, "Revoke a key")])
        .ok();
    repo.pm(&["undo"]).ok();
    assert_eq!(titles(&repo.data(&["plan", "show"])), titles(&plan));
}

/// An approval is undone as a whole, and can be given again.
#[test]
fn an_undone_approval_leaves_no_task_and_can_be_given_again() {
    let (_scene, repo) = set_up();
    planned(&repo, "login.md", LOGIN);
    let made = repo.data(&["plan", "approve"]);
    repo.pm(&["undo"]).ok();
    assert!(list(&repo.data(&["task", "list"]), "items").is_empty());
    assert!(list(&repo.data(&["epic", "list"]), "items").is_empty());
    assert_eq!(
        repo.data(&["plan", "show"])["status"],
        "draft",
        "the plan is approved without tasks"
    );
    repo.pm(&["plan", "approve"]).ok();
    let again = repo.data(&["task", "list"]);
    assert_eq!(list(&again, "items").len(), list(&made, "tasks").len());
}

/// PL-40: a plan's older state can be seen, and the state of a plan is a readable file.
#[test]
fn a_plan_in_the_state_is_text_that_git_shows() {
    let (_scene, repo) = set_up();
    planned(&repo, "login.md", LOGIN);
    let files = repo
        .git(&["ls-tree", "-r", "--name-only", "refs/pm/main"])
        .text();
    let plan = files.lines().find(|f| f.starts_with("plans/"));
    let plan = plan.unwrap_or_else(|| panic!("no file of the plan: {files}"));
    let shown = repo.git(&["show", &format!("refs/pm/main:{plan}")]).text();
    for part in [
        "Store public keys",
        "A malformed key is refused with exit code 2",
    ] {
        assert!(shown.contains(part), "`git show` hides \"{part}\"");
    }
}
