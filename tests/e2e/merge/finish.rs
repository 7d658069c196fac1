//! `git pm finish`: gates, acceptance, and what is not ready.

use super::{alone, changes_nothing, status, worked};
use crate::serve::{Server, token};
use crate::support::{Scene, agent, at_terminal};

// in_review → in_progress is open to any actor, not only to the former holder.
#[test]
fn an_item_in_review_without_a_holder_can_be_resumed() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let (id, _) = worked(&repo, "Fix", "a.txt", "a\n");
    repo.pm(&["finish", &id]).ok();
    repo.pm(&["task", "reassign", &id, "--to", "Ben"]).ok();
    assert_eq!(status(&repo, &id), "in_review");
    let ben = repo.by("Ben");
    let refused = changes_nothing(&ben, &["start", &id], 1);
    assert!(refused.err.contains("--resume"), "{}", refused.err);
    let resumed = ben.data(&["start", &id, "--resume"]);
    assert_eq!(resumed["status"], "in_progress");
    assert_eq!(resumed["claim"]["actor"], "Ben");
    assert_eq!(repo.worktree(&id).read("a.txt"), "a\n");
}

#[test]
fn finish_merge_is_only_for_a_human_who_works_alone() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let (id, place) = worked(&repo, "Fix", "a.txt", "a\n");
    let agent = place.with("CLAUDECODE", "1");
    changes_nothing(&agent, &["finish", &id, "--merge"], 1);
    repo.git(&["config", "pm.soloMerge", "false"]).ok();
    let refused = changes_nothing(&repo, &["finish", &id, "--merge"], 1);
    assert!(refused.err.contains("pm.soloMerge"), "{}", refused.err);
    let (other, there) = worked(&repo, "Other", "b.txt", "b\n");
    there.pm(&["finish"]).ok();
    let refused = changes_nothing(&repo, &["approve", &other], 1);
    assert!(refused.err.contains("pm.soloMerge"), "{}", refused.err);
    repo.by("Ben").pm(&["approve", &other]).ok();
    repo.git(&["config", "pm.soloMerge", "true"]).ok();
    // Also after it was finished, and only by the claimant.
    changes_nothing(&repo.by("Ben"), &["finish", &id, "--merge"], 3);
    repo.pm(&["finish", &id]).ok();
    changes_nothing(&repo.by("Ben"), &["finish", &id, "--merge"], 3);
    let done = repo.data(&["finish", &id, "--merge"]);
    assert_eq!(done["status"], "done");
    assert_eq!(done["approved_by"], "Ana");
    assert_eq!(repo.read("a.txt"), "a\n");
}

#[test]
fn finish_refuses_work_that_is_not_complete() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let id = repo.task("Fix", &["--accept", "it works", "--accept", "it is tested"]);
    let refused = changes_nothing(&repo, &["finish", &id], 1);
    assert!(refused.err.contains("start"), "{}", refused.err);
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    changes_nothing(&repo, &["finish", &id], 1);
    place.write("a.txt", "a\n");
    let refused = changes_nothing(&repo, &["finish", &id], 1);
    assert!(refused.err.contains("uncommitted"), "{}", refused.err);
    place.commit_all("Fix");
    let refused = changes_nothing(&repo, &["finish", &id], 1);
    assert!(
        refused.err.contains(&format!("git pm task accept {id}")),
        "{}",
        refused.err
    );
    changes_nothing(&repo.by("Ben"), &["finish", &id], 3);
    repo.pm(&["task", "accept", &id, "1"]).ok();
    let refused = changes_nothing(&repo, &["finish", &id], 1);
    assert!(refused.err.contains("1 of 2"), "{}", refused.err);
    repo.pm(&["task", "accept", &id, "2", "--evidence", "CI run 7"])
        .ok();
    repo.pm(&["finish", &id]).ok();
    assert_eq!(status(&repo, &id), "in_review");
}

#[test]
fn finish_runs_the_gates_in_the_worktree() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let (id, place) = worked(&repo, "Fix", "a.txt", "a\n");
    repo.git(&[
        "config",
        "--add",
        "pm.gate",
        "test=test -f ok.txt || { echo 3 tests failed; exit 9; }",
    ])
    .ok();
    let refused = changes_nothing(&repo, &["finish", &id], 1);
    assert!(
        refused.err.contains("3 tests failed") && refused.err.contains("`test`"),
        "{}",
        refused.err
    );
    assert_eq!(status(&repo, &id), "in_progress");
    place.write("ok.txt", "");
    place.commit_all("Make it pass");
    repo.pm(&["finish", &id]).ok();
}

#[test]
fn finish_asks_for_the_acceptance_at_a_terminal() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let id = repo.task("Fix", &["--accept", "it works"]);
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write("a.txt", "a\n");
    place.commit_all("Fix");
    let no = at_terminal(&repo, &["finish", &id], "n\n").exits(1);
    assert!(no.out.contains("it works"), "not asked: {}", no.out);
    assert_eq!(status(&repo, &id), "in_progress");
    at_terminal(&repo, &["finish", &id], "y\n").ok();
    let item = repo.data(&["show", &id]);
    assert_eq!(item["status"], "in_review");
    assert_eq!(item["acceptance"][0]["done"], true);
}

// TM-11: what was passed over by force is what is said of it, also once the work is merged.
#[test]
fn a_forced_submission_says_what_it_passed_over() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let id = repo.task("Parent", &["--accept", "it is fast"]);
    repo.pm(&["start", &id]).ok();
    repo.pm(&["task", "create", "Child", "--parent", &id]).ok();
    let place = repo.worktree(&id);
    place.write("x.txt", "1\n");
    place.commit_all("Work");
    place.pm(&["finish", &id, "--force"]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    repo.pm(&["merge", &id]).ok();
    let shown = repo.pm(&["show", &id]).ok().out;
    let forced = shown.lines().find(|line| line.contains("forced"));
    let forced = forced.unwrap_or_else(|| panic!("{shown}"));
    for what in ["has open children: T-0002", "not accepted: it is fast"] {
        assert!(forced.contains(what), "{what}: {forced}");
    }
    assert!(!shown.contains("without evidence"), "{shown}");
    let key = token(&repo, "Ana", &["--scope", "approve"]);
    let page = Server::start(&repo, &[]).with(&key, "GET", &format!("/items/{id}"), "");
    assert!(
        page.body.contains("not accepted: it is fast"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("without evidence"), "{}", page.body);
    // By hand: what is not there.
    let other = repo.task("Other", &[]);
    repo.pm(&["done", &other, "--force"]).ok();
    let past = &repo.data(&["show", &other])["forced_past"];
    assert_eq!(past, "closed without evidence");
    repo.pm(&["task", "reopen", &other]).ok();
    assert!(repo.data(&["show", &other])["forced_past"].is_null());
}

// TM-11: the force of a submission counts for that one alone, and each later one needs and keeps its own.
#[test]
fn force_is_kept_with_each_submission() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let (id, place) = worked(&repo, "Parent", "x.txt", "1\n");
    repo.pm(&["task", "create", "Child", "--parent", &id]).ok();
    place.pm(&["finish", &id, "--force"]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    repo.write("x.txt", "2\n");
    repo.commit_all("Another");
    repo.pm(&["merge", &id]).exits(3);
    assert_eq!(status(&repo, &id), "in_progress");
    assert_ne!(place.git(&["merge", "-q", "main"]).code, 0);
    place.write("x.txt", "3\n");
    place.commit_all("Resolve");
    let refused = place.pm(&["finish", &id]).exits(1).err;
    assert!(refused.contains("open children"), "{refused}");
    let said = place.pm(&["finish", &id, "--force"]).ok().err;
    assert!(said.contains("finished anyway"), "{said}");
    // In review, with a further commit.
    place.write("y.txt", "1\n");
    place.commit_all("More");
    place.pm(&["finish", &id, "--force"]).ok();
    assert_eq!(repo.data(&["show", &id])["forced"], true);
    repo.pm(&["task", "approve", &id]).ok();
    repo.pm(&["merge", &id]).ok();
}

#[test]
fn an_agent_does_not_pass_over_criteria_and_gates_by_force() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let id = repo.task("Fix", &["--accept", "it works"]);
    agent(&repo).pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write("a.txt", "a\n");
    place.commit_all("Work");
    let refused = changes_nothing(&agent(&place), &["finish", &id, "--force"], 1);
    assert!(refused.err.contains("not accepted yet"), "{}", refused.err);
    assert!(refused.err.contains("only a human"), "{}", refused.err);
    agent(&place).pm(&["task", "accept", &id, "1"]).ok();
    repo.git(&["config", "pm.gate", "test=exit 1"]).ok();
    let refused = agent(&place).pm(&["finish", &id, "--force"]).exits(1).err;
    assert!(refused.contains("the gate `test`"), "{refused}");
    assert!(refused.contains("only a human"), "{refused}");
    assert_eq!(status(&repo, &id), "in_progress");
}

/// That there is nothing to submit is for a human to decide, too.
#[test]
fn an_agent_does_not_submit_work_without_commits_by_force() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let id = repo.task("Look into it", &[]);
    agent(&repo).pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    let refused = changes_nothing(&agent(&place), &["finish", "--force"], 1).err;
    for said in [
        "has no commits ahead of",
        "git pm task done",
        "only a human",
        "git pm task block",
    ] {
        assert!(refused.contains(said), "{said}: {refused}");
    }
    assert_eq!(status(&repo, &id), "in_progress");
    place.pm(&["finish", "--force"]).ok();
    assert_eq!(status(&repo, &id), "in_review");
    assert_eq!(repo.data(&["show", &id])["forced_past"], "no commits");
}

// TM-11
#[test]
fn those_who_approve_and_merge_are_told_what_was_passed_over_by_force() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let (id, place) = worked(&repo, "Fix", "a.txt", "a\n");
    repo.pm(&["edit", &id, "--accept", "it is fast"]).ok();
    place.pm(&["finish", &id, "--force"]).ok();
    let told = "submitted by force: not accepted: it is fast";
    let status = repo.data(&["status"]).to_string();
    assert!(status.contains(told), "{status}");
    let key = token(&repo, "Ana", &["--scope", "approve"]);
    let path = format!("/items/{id}/changes");
    let page = Server::start(&repo, &[]).with(&key, "GET", &path, "").body;
    assert!(page.contains(told), "{page}");
    for args in [
        &["task", "diff", &id][..],
        &["approve", &id],
        &["merge", "--queue", "--plan"],
        &["merge", &id],
    ] {
        let said = repo.pm(args).ok().err;
        assert!(said.contains(&format!("{id}: {told}")), "{args:?}: {said}");
    }
}

// TM-11: what is met since is not said to be passed over once the work is submitted again.
#[test]
fn a_submission_whose_criteria_are_accepted_later_is_submitted_without_force() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let (id, place) = worked(&repo, "Fix", "a.txt", "a\n");
    repo.pm(&["edit", &id, "--accept", "it is fast"]).ok();
    place.pm(&["finish", &id, "--force"]).ok();
    changes_nothing(&place, &["finish", &id], 1);
    place.pm(&["task", "accept", &id, "1"]).ok();
    place.pm(&["finish", &id]).ok();
    assert_eq!(status(&repo, &id), "in_review");
    assert!(repo.data(&["show", &id])["forced_past"].is_null());
}
