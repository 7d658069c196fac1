//! Commands that end an approval, and commands that must not restore one.

use serde_json::json;

use super::{KINDS, approved, is_not_approved, not_merged, show, worked};
use crate::support::{Dice, agent, seed, set_up, thorough};

#[test]
fn every_return_to_an_earlier_state_withdraws_the_approval() {
    let resume: &[&[&str]] = &[&["start", "ID", "--resume"]];
    let again: &[&[&str]] = &[&["finish", "ID", "--force"]];
    let cancel: &[&[&str]] = &[&["task", "cancel", "ID"], &["task", "reopen", "ID"]];
    let done: &[&[&str]] = &[
        &["task", "done", "ID", "--evidence", "seen", "--force"],
        &["task", "reopen", "ID"],
    ];
    let (_scene, repo) = set_up();
    let turn = Dice::new(seed()).below(KINDS.len());
    for (k, kind) in KINDS.into_iter().enumerate() {
        for (n, steps) in [resume, again, cancel, done].into_iter().enumerate() {
            if !thorough() && (n + turn) % KINDS.len() != k {
                continue;
            }
            let (id, _) = approved(&repo, kind, &format!("{kind}{n}.txt"));
            assert_eq!(show(&repo, &id)["approved_by"], "Ana");
            for step in steps {
                let args: Vec<&str> = step
                    .iter()
                    .map(|arg| if *arg == "ID" { id.as_str() } else { arg })
                    .collect();
                repo.pm(&args).ok();
            }
            is_not_approved(&repo, &id);
            not_merged(&repo, &id);
            let text = repo.pm(&["show", &id]).ok().out;
            assert!(!text.contains("approved"), "{text}");
        }
    }
    for status in ["open", "in_progress", "in_review"] {
        let (id, _) = approved(&repo, "issue", &format!("{status}.txt"));
        repo.pm(&["issue", "update", &id, "--status", status]).ok();
        is_not_approved(&repo, &id);
        not_merged(&repo, &id);
    }
}

#[test]
fn an_agent_cannot_resume_stopped_work_that_is_approved() {
    for kind in KINDS {
        let (_scene, repo) = set_up();
        let (id, _) = approved(&repo, kind, "a.txt");
        let (main, agent) = (repo.tip("main"), agent(&repo));
        let verb = if kind == "task" { "block" } else { "defer" };
        let reason = if kind == "task" {
            "wait"
        } else {
            "--reason=wait"
        };
        repo.pm(&["task", verb, &id, reason]).ok();
        let back = format!("un{verb}");
        let before = repo.tip("refs/pm/main");
        let refused = agent.pm(&["task", &back, &id]).exits(1);
        assert!(refused.err.contains("human"), "{}", refused.err);
        agent.pm(&["issue", "undefer", &id]).exits(1);
        let line = json!({"op": format!("task.{back}"), "id": id}).to_string();
        let said = agent.feed("git-pm", &["batch"], &line);
        assert!(said.err.contains("human"), "{}{}", said.out, said.err);
        agent.pm(&["undo"]).exits(1);
        assert_eq!(repo.tip("refs/pm/main"), before);
        not_merged(&repo, &id);
        assert_eq!(repo.tip("main"), main);
        // The approver may resume it, and its approval is kept.
        repo.pm(&["task", &back, &id]).ok();
        assert_eq!(show(&repo, &id)["status"], "ready_for_integration");
        repo.pm(&["merge", &id]).ok();
    }
}

#[test]
fn work_stopped_before_its_approval_returns_to_its_earlier_state() {
    let (_scene, repo) = set_up();
    let agent = agent(&repo).by("bot");
    let (id, _) = worked(&agent, "task", "a.txt");
    agent.pm(&["finish", &id]).ok();
    agent.pm(&["task", "block", &id, "wait"]).ok();
    agent.pm(&["task", "unblock", &id]).ok();
    assert_eq!(show(&repo, &id)["status"], "in_review");
    // An agent cannot resume approved work even if it stopped the work itself.
    repo.pm(&["task", "approve", &id]).ok();
    agent.pm(&["task", "block", &id, "wait"]).ok();
    let refused = agent.pm(&["task", "unblock", &id]).exits(1);
    assert!(refused.err.contains("ask a human"), "{}", refused.err);
    repo.pm(&["task", "unblock", &id]).ok();
    assert_eq!(show(&repo, &id)["status"], "ready_for_integration");
}

#[test]
fn an_undo_cannot_restore_an_approval() {
    let (_scene, repo) = set_up();
    let (id, place) = approved(&repo, "task", "a.txt");
    let bot = agent(&place);
    bot.pm(&["start", &id, "--resume"]).ok();
    let before = repo.tip("refs/pm/main");
    for who in [bot, repo.clone()] {
        let refused = who.pm(&["undo"]).exits(1);
        assert!(refused.err.contains("would approve"), "{}", refused.err);
        who.pm(&["undo", "--force"]).exits(1);
    }
    assert_eq!(repo.tip("refs/pm/main"), before);
    is_not_approved(&repo, &id);
    // A human can undo their own stop: approved work stays approved.
    repo.pm(&["finish", &id]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    repo.pm(&["task", "block", &id, "wait"]).ok();
    repo.pm(&["undo"]).ok();
    repo.pm(&["merge", &id]).ok();
    // And the undo of a mistaken reopen closes the item again.
    agent(&repo).pm(&["task", "reopen", &id]).ok();
    agent(&repo).pm(&["undo"]).ok();
    assert_eq!(show(&repo, &id)["status"], "done");
}
