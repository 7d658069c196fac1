//! Actors: owners, agents, approvals.

use serde_json::Value;

use super::in_state;
use crate::support::{Repo, forge, set_up};

// MS-11: comments, reservations and history are stored separately; none of them changes the task's
// file, and there is no second copy of the status.
#[test]
fn ms_11_each_fact_has_one_owner() {
    let (_scene, repo) = set_up();
    repo.task("T", &[]);
    let path = forge::path_of(&repo, "T-0001");
    let file = forge::oid(&repo, &path);
    repo.pm(&["task", "comment", "T-1", "a word"]).ok();
    repo.pm(&["reserve", "add", "docs/**", "--task", "T-1"])
        .ok();
    repo.pm(&["reserve", "release"]).ok();
    assert_eq!(
        forge::oid(&repo, &path),
        file,
        "a comment or a reservation rewrote the task"
    );
    let all = repo
        .git(&["ls-tree", "-r", "--name-only", "refs/pm/main"])
        .ok()
        .out;
    let folders: std::collections::BTreeSet<&str> =
        all.lines().filter_map(|p| p.split('/').next()).collect();
    assert_eq!(
        folders.into_iter().collect::<Vec<_>>(),
        ["comments", "pm.yaml", "reservations", "tasks"],
        "no stored events"
    );
    repo.pm(&["start", "T-1", "--no-worktree"]).ok();
    for other in repo
        .git(&["grep", "-l", "in_progress", "refs/pm/main"])
        .out
        .lines()
    {
        assert!(other.ends_with(&path), "{other} holds the status too");
    }
}

// RC-22: a lead stops the work of one actor and assigns it to another; the work is kept.
#[test]
fn rc_22_a_lead_reassigns_a_task_and_the_holder_is_notified() {
    let (_scene, repo) = set_up();
    repo.task("T", &[]);
    let bea = repo.by("bea");
    bea.pm(&["start", "T-1"]).ok();
    let work = repo.worktree("T-0001").by("bea");
    work.write("src/auth.rs", "half done\n");
    let item = repo.data(&["task", "reassign", "T-1", "--to", "carl"]);
    assert_eq!(item["assignee"], "carl");
    assert_eq!(item["owner"], "carl");
    assert_eq!(item["claim"], Value::Null);
    assert_eq!(item["status"], "queued");
    assert_eq!(
        work.read("src/auth.rs"),
        "half done\n",
        "bea's work is lost"
    );
    let told = bea.data(&["status"])["notices"].to_string();
    assert!(told.contains("T-0001"), "bea is not notified: {told}");
    let told = repo.by("carl").data(&["status"])["notices"].to_string();
    assert!(told.contains("T-0001"), "carl is not notified: {told}");
    bea.pm(&["task", "finish", "T-1"]).exits(3);
    // `next` does not offer it to others.
    bea.pm(&["next"]).exits(1);
    assert_eq!(repo.by("carl").data(&["next"])["id"], "T-0001");
    // An agent cannot take a task from its holder.
    repo.by("carl").pm(&["start", "T-1", "--no-worktree"]).ok();
    let agent = repo.with("CLAUDECODE", "1").by("robot");
    agent
        .pm(&["task", "reassign", "T-1", "--to", "robot"])
        .exits(1);
    assert_eq!(repo.data(&["show", "T-1"])["owner"], "carl");
}

// TM-06: an agent is detected by its environment; another name does not make it a human.
#[test]
fn tm_06_an_agent_cannot_approve_under_any_name() {
    let (_scene, repo) = set_up();
    let id = in_state(&repo, "in_review");
    let before = repo.tip("refs/pm/main");
    for marker in [
        "CLAUDECODE",
        "CODEX_SANDBOX",
        "CURSOR_AGENT",
        "GEMINI_CLI",
        "AGENT_NAME",
    ] {
        let agent = repo.with(marker, "x");
        for args in [
            &["task", "approve", id.as_str()][..],
            &["--as", "Ana", "task", "approve", &id],
            &["task", "finish", &id, "--merge"],
            &["--as", "Ana", "task", "finish", &id, "--merge"],
        ] {
            let mut all = vec!["--json"];
            all.extend(args);
            let error = agent.pm(&all).exits(1).error();
            assert!(
                error["hints"].to_string().contains("git pm "),
                "{marker} {args:?}: {error}"
            );
        }
        agent.by("Ana").pm(&["task", "approve", &id]).exits(1);
        agent
            .with("BD_ACTOR", "Ana")
            .pm(&["task", "approve", &id])
            .exits(1);
    }
    // Configured as an agent.
    repo.git(&["config", "pm.agent", "robot"]).ok();
    repo.pm(&["--as", "robot", "task", "approve", &id]).exits(1);
    assert_eq!(repo.tip("refs/pm/main"), before, "an agent approved");
    // An empty marker does not count, and a human may approve.
    let item = repo.with("CLAUDECODE", "").data(&["task", "approve", &id]);
    assert_eq!(item["status"], "ready_for_integration");
    assert_eq!(item["approved_by"], "Ana");
    assert!(!item["approved_at"].is_null());
}

#[test]
fn a_strict_approval_needs_a_terminal() {
    let (_scene, repo) = set_up();
    let id = in_state(&repo, "in_review");
    repo.pm(&["config", "pm.approval", "strict"]).ok();
    repo.pm(&["task", "approve", &id]).exits(1);
    assert_eq!(repo.data(&["show", &id])["status"], "in_review");
    repo.pm(&["config", "pm.approval", "--unset"]).ok();
    repo.pm(&["task", "approve", &id, "--note", "fine"]).ok();
    let subject = repo
        .git(&["log", "-1", "--format=%s", "refs/pm/main"])
        .text();
    assert!(
        subject.contains("advisory"),
        "advisory is not recorded: {subject}"
    );
}

#[test]
fn the_actor_is_taken_from_options_variables_worktree_and_git_in_this_order() {
    let (_scene, repo) = set_up();
    repo.task("T", &[]);
    let author = |place: &Repo, args: &[&str]| {
        let mut all = args.to_vec();
        all.extend(["task", "comment", "T-1", "x"]);
        place.data(&all)["comments"]
            .as_array()
            .unwrap()
            .last()
            .unwrap()["author"]
            .clone()
    };
    let all = repo
        .with("AGENT_NAME", "four")
        .with("BD_ACTOR", "three")
        .with("GIT_PM_ACTOR", "two");
    assert_eq!(author(&all, &["--as", "one"]), "one");
    assert_eq!(author(&all, &[]), "two");
    assert_eq!(
        author(
            &repo.with("AGENT_NAME", "four").with("BD_ACTOR", "three"),
            &[]
        ),
        "three"
    );
    assert_eq!(author(&repo.with("AGENT_NAME", "four"), &[]), "four");
    assert_eq!(author(&repo, &[]), "Ana");
    // In a task's worktree: the claimant for an agent, and their own name for a human.
    repo.pm(&["start", "T-1", "--as", "bea"]).ok();
    let place = repo.worktree("T-1");
    assert_eq!(author(&place, &[]), "Ana");
    assert_eq!(author(&place.with("CLAUDECODE", "1"), &[]), "bea");
    // In commits the actor is the author, and git's identity the committer.
    let who = repo
        .git(&["log", "-1", "--format=%an|%cn|%ce", "refs/pm/main"])
        .text();
    assert_eq!(who, "bea|Ana|ana@example.org");
}
