//! Approving is for humans.

use super::{alone, approved, changes_nothing, status, worked};
use crate::support::{Scene, agent, at_terminal};

// TM-06: an agent is refused under any name.
#[test]
fn approve_refuses_agents() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let (id, _) = worked(&repo, "Fix", "a.txt", "a\n");
    let early = changes_nothing(&repo, &["task", "approve", &id], 1);
    assert!(early.err.contains("finish"), "{}", early.err);
    repo.pm(&["finish", &id]).ok();
    for (key, value) in [
        ("AGENT_NAME", "claude-1"),
        ("CLAUDECODE", "1"),
        ("CODEX_SANDBOX", "seatbelt"),
    ] {
        let agent = repo.with(key, value);
        changes_nothing(&agent, &["task", "approve", &id], 1);
        changes_nothing(&agent, &["task", "approve", &id, "--as", "Ana"], 1);
    }
    repo.git(&["config", "--add", "pm.agent", "robot"]).ok();
    changes_nothing(&repo.by("robot"), &["task", "approve", &id], 1);
    let item = repo.data(&["task", "approve", &id, "--note", "looks right"]);
    assert_eq!(item["status"], "ready_for_integration");
    assert_eq!(item["approved_by"], "Ana");
}

// An approval without a terminal is advisory, recorded as such, and not enough where the
// setting is strict.
#[test]
fn a_strict_approval_needs_a_terminal() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let (id, _) = approved(&repo, "Fix", "a.txt", "a\n");
    let log = repo.git(&["log", "-1", "--format=%B", "refs/pm/main"]).out;
    assert!(log.contains("advisory"), "not recorded as such: {log}");
    repo.git(&["config", "pm.approval", "strict"]).ok();
    let refused = changes_nothing(&repo, &["merge", &id], 1);
    assert!(refused.err.contains("pm.approval"), "{}", refused.err);
    assert!(refused.err.contains("task approve"), "{}", refused.err);
    let (other, _) = worked(&repo, "Other", "b.txt", "b\n");
    let refused = changes_nothing(&repo, &["finish", &other, "--merge"], 1);
    let command = format!("`git pm finish {other} --merge` at a terminal");
    assert!(refused.err.contains(&command), "{}", refused.err);
    repo.pm(&["finish", &other]).ok();
    let refused = changes_nothing(&repo, &["task", "approve", &other], 1);
    assert!(refused.err.contains("terminal"), "{}", refused.err);
    at_terminal(&repo, &["task", "approve", &other], "").ok();
    repo.pm(&["merge", &other]).ok();
    assert_eq!(status(&repo, &other), "done");
    // With the command that the refusal named.
    at_terminal(&repo, &["task", "approve", &id], "").ok();
    repo.pm(&["merge", &id]).ok();
}

// In a task's worktree a human approves under their own name, not as the claimant.
#[test]
fn an_agent_cannot_approve_from_its_worktree() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let id = repo.task("Fix", &[]);
    repo.git(&["config", "--add", "pm.agent", "robot"]).ok();
    repo.by("robot").pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write("a.txt", "a\n");
    place.commit_all("Fix");
    changes_nothing(&place, &["finish", "--merge"], 1);
    place.pm(&["finish"]).ok();
    changes_nothing(&place, &["task", "approve", &id], 1);
    repo.pm(&["task", "approve", &id]).ok();
    assert_eq!(repo.data(&["show", &id])["approved_by"], "Ana");
}

/// Whoever works on an item may not lower what it is accepted by unseen.
#[test]
fn an_approver_is_told_which_criteria_the_worker_removed() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let bot = agent(&repo);
    let task = repo.task("Fix", &["--accept", "it works", "--accept", "it is fast"]);
    let issue = repo.pm(&["issue", "q", "Speed up"]).ok().text();
    let boxes = "- [ ] it works\n- [ ] it is fast";
    repo.pm(&["issue", "update", &issue, "--acceptance", boxes])
        .ok();
    let same = repo.task("Same", &["--accept", "it works"]);
    let lowered: [&[&str]; 3] = [
        &["edit", &task, "--remove-accept", "2"],
        &["issue", "update", &issue, "--acceptance", "- [x] it works"],
        &["edit", &same, "--title", "The same"],
    ];
    for (id, lower) in [&task, &issue, &same].into_iter().zip(lowered) {
        bot.pm(&["start", id]).ok();
        bot.pm(lower).ok();
        let place = bot.worktree(id);
        place.write(id, "x\n");
        place.commit_all("Work");
        place.pm(&["task", "accept", "--all"]).ok();
        place.pm(&["finish"]).ok();
        let told = format!(
            "{id}: criteria that were there when the work began are gone or reworded: it is fast"
        );
        for verb in ["diff", "approve"] {
            let said = repo.pm(&["task", verb, id]).ok().err;
            assert_eq!(said.contains(&told), *id != same, "{verb}: {said}");
            assert_eq!(said.contains("criteria that were"), *id != same, "{said}");
        }
    }
}

/// What stops the merge is said after the approval; only what hints follow ends with a colon.
#[test]
fn an_approval_says_that_the_work_conflicts() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let (id, place) = worked(&repo, "Fix", "src/auth.rs", "one\n");
    place.pm(&["finish"]).ok();
    repo.write("src/auth.rs", "two\n");
    repo.commit_all("Other");
    let said = repo.pm(&["task", "approve", &id]).ok().out;
    assert!(said.contains("returns it to its author\n"), "{said}");
}

/// What was accepted for finished work counts no more once that is reopened.
#[test]
fn tm_04_reopened_work_has_its_criteria_to_be_accepted_again() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let id = repo.task("One", &["--accept", "a is 2", "--accept", "b is 2"]);
    let text = ["issue", "create", "Two", "--acceptance", "- [ ] c is 2"];
    let issue = repo.data(&text)["id"].as_str().unwrap().to_owned();
    for id in [&id, &issue] {
        repo.pm(&["start", id]).ok();
        let place = repo.worktree(id);
        place.write(id, "2\n");
        place.commit_all("Work");
        place.pm(&["task", "accept", "--all"]).ok();
        place.pm(&["finish", "--merge"]).ok();
        let said = repo.pm(&["task", "reopen", id]).ok();
        assert!(
            said.err.contains("accept what still holds again"),
            "{said:?}"
        );
        let shown = repo.pm(&["show", id]).ok().out;
        assert!(!shown.contains("[x]"), "{shown}");
        repo.pm(&["start", id]).ok();
        let place = repo.worktree(id);
        place.write("other", id);
        place.commit_all("Other");
        let refused = place.pm(&["finish"]);
        assert!(
            refused.code != 0 && refused.err.contains("not accepted"),
            "{refused:?}"
        );
        place.pm(&["task", "accept", "--all"]).ok();
        place.pm(&["finish", "--merge"]).ok();
    }
}

/// The same of the boxes of an issue, also of ones that another tracker added before and that came here later.
#[test]
fn tm_04_a_box_of_an_issue_that_came_after_the_approval_holds_the_merge() {
    let record = |boxes: &str, day: u8| {
        format!(
            "{{\"id\":\"bd-a\",\"title\":\"X\",\"status\":\"open\",\"priority\":2,\"issue_type\":\"task\",\"acceptance_criteria\":\"{boxes}\",\"created_at\":\"2026-01-01T00:00:00Z\",\"updated_at\":\"2026-01-0{day}T00:00:00Z\"}}\n"
        )
    };
    for imported in [false, true] {
        let scene = Scene::new();
        let repo = alone(&scene);
        repo.write("i.jsonl", &record("- [ ] a works", 1));
        repo.pm(&["import", "beads", "i.jsonl"]).ok();
        repo.write("i.jsonl", "");
        repo.pm(&["start", "bd-a"]).ok();
        let place = repo.worktree("bd-a");
        place.write("z", "1\n");
        place.commit_all("Work");
        place.pm(&["task", "accept", "--all"]).ok();
        place.pm(&["finish"]).ok();
        repo.pm(&["approve", "bd-a"]).ok();
        if imported {
            repo.write("i.jsonl", &record("- [ ] a works\\n- [ ] no leaks", 2));
            repo.pm(&["import", "beads", "i.jsonl"]).ok();
        } else {
            let boxes = "- [ ] a works\n- [ ] no leaks";
            repo.pm(&["issue", "update", "bd-a", "--acceptance", boxes])
                .ok();
        }
        repo.git(&["clean", "-qf"]).ok();
        let merge = repo.pm(&["merge", "bd-a"]);
        let said = "came after its approval and are not accepted: no leaks";
        assert!(
            merge.code != 0 && merge.err.contains(said),
            "{imported}: {merge:?}"
        );
        repo.pm(&["task", "accept", "bd-a", "--all"]).ok();
        repo.pm(&["merge", "bd-a"]).ok();
    }
}

/// A criterion that was added after the approval is not passed over: the approver has to know it.
#[test]
fn tm_04_a_criterion_added_after_the_approval_holds_the_merge() {
    let scene = Scene::new();
    let (_, a) = scene.with_hub();
    let (id, _) = approved(&a, "One", "one.txt", "1\n");
    a.pm(&["edit", &id, "--accept", "handles an empty list"])
        .ok();
    let agent = a.with("CLAUDECODE", "1").by("claude-1");
    for merge in [a.pm(&["merge", &id]), agent.pm(&["merge", &id])] {
        let said = "came after its approval and are not accepted: handles an empty list";
        assert!(merge.code != 0 && merge.err.contains(said), "{merge:?}");
    }
    let queue = a.pm(&["merge", "--queue"]);
    assert_ne!(a.data(&["show", &id])["status"], "done", "{queue:?}");
    a.pm(&["approve", &id]).ok();
    a.pm(&["merge", &id]).ok();
}
