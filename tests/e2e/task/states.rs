//! States and legal transitions.

use git_pm::values::status_word;
use serde_json::Value;

use super::{in_state, run_verb};
use crate::support::{Ran, Scene, agent, binary, set_up};

// The checks that --force overrode are recorded and shown: here a failed gate, and work without a
// commit.
#[test]
fn a_forced_finish_is_recorded() {
    let (_scene, repo) = set_up();
    repo.git(&["config", "pm.gate", "test=false"]).ok();
    let id = repo.task("T", &[]);
    repo.pm(&["start", &id]).ok();
    let work = repo.worktree(&id);
    work.write("x.txt", "x\n");
    work.commit_all("Work");
    repo.pm(&["finish", &id]).exits(1);
    let item = repo.data(&["finish", &id, "--force"]);
    assert_eq!(item["status"], "in_review");
    assert_eq!(item["forced"], true, "the failed gate is not shown");
    let subject = repo
        .git(&["log", "-1", "--format=%s", "refs/pm/main"])
        .text();
    assert!(subject.contains("(forced)"), "{subject}");
    // After a finish that passes all checks, nothing is shown as forced.
    repo.git(&["config", "--replace-all", "pm.gate", "test=true"])
        .ok();
    repo.pm(&["start", &id, "--resume"]).ok();
    let item = repo.data(&["finish", &id]);
    assert_eq!(item["forced"], false, "force is still shown");
}

#[test]
fn accept_marks_criteria_as_accepted() {
    let (_scene, repo) = set_up();
    repo.task("T", &["--accept", "a", "--accept", "b", "--accept", "c"]);
    let item = repo.data(&["task", "accept", "T-0001", "1", "3", "--evidence", "run 7"]);
    let done: Vec<bool> = item["acceptance"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["done"].as_bool().unwrap())
        .collect();
    assert_eq!(done, [true, false, true]);
    assert_eq!(item["acceptance"][0]["evidence"], "run 7");
    assert_eq!(item["acceptance"][1]["evidence"], Value::Null);
    let before = repo.tip("refs/pm/main");
    repo.pm(&["task", "accept", "T-0001", "4"]).exits(4);
    repo.pm(&["task", "accept", "T-0001", "2", "4"]).exits(4);
    repo.pm(&["task", "accept", "T-0001"]).exits(2);
    repo.pm(&["task", "accept", "T-0001", "2", "--all"])
        .exits(2);
    repo.pm(&["task", "accept", "T-0001", "0"]).exits(2);
    assert_eq!(repo.tip("refs/pm/main"), before);
    let item = repo.data(&["task", "accept", "T-0001", "--all"]);
    assert_eq!(item["acceptance"][1]["done"], true);
    assert_eq!(
        item["acceptance"][0]["evidence"], "run 7",
        "evidence was overwritten"
    );
}

#[test]
fn numbers_alone_are_criteria_only_in_the_worktree_of_a_task() {
    let (_scene, repo) = set_up();
    repo.task("T", &["--accept", "a", "--accept", "b"]);
    // Outside of a worktree, the first number would be an id to other commands.
    repo.pm(&["start", "T-0001"]).ok();
    let unnamed = repo.pm(&["task", "accept", "1", "2"]).exits(2).err;
    assert!(unnamed.contains("the id comes first"), "{unnamed}");
    let work = repo.worktree("T-0001");
    work.pm(&["task", "accept", "2"]).ok();
    repo.task("Other", &["--accept", "x"]);
    let other = repo.data(&["task", "accept", "2", "--all"]);
    assert_eq!(other["id"], "T-0002");
}

// TM-11: done needs evidence; without it `--force` is needed, which is shown.
#[test]
fn done_needs_evidence() {
    let (_scene, repo) = set_up();
    repo.task("T", &["--accept", "a"]);
    repo.pm(&["start", "T-1", "--no-worktree"]).ok();
    repo.pm(&["task", "done", "T-1"]).exits(1);
    // A text alone is not enough if criteria are open.
    let error = repo
        .pm(&["--json", "task", "done", "T-1", "--evidence", "trust me"])
        .exits(1)
        .error();
    assert!(
        error.to_string().contains("git pm task accept T-0001"),
        "{error}"
    );
    assert_eq!(repo.data(&["show", "T-1"])["status"], "in_progress");
    repo.pm(&["task", "accept", "T-1", "--all"]).ok();
    repo.pm(&["task", "done", "T-1"]).exits(1);
    let item = repo.data(&["task", "done", "T-1", "--evidence", "release 3"]);
    assert_eq!(item["status"], "done");
    assert_eq!(item["forced"], false);
    assert_eq!(item["claim"], Value::Null);
    repo.task("U", &["--accept", "a"]);
    let item = repo.data(&["task", "done", "T-2", "--force"]);
    assert_eq!(item["status"], "done");
    assert_eq!(item["forced"], true);
    assert!(
        repo.pm(&["show", "T-2"]).ok().out.contains("forced"),
        "force is not shown"
    );
    assert!(
        repo.git(&["log", "-1", "--format=%s", "refs/pm/main"])
            .text()
            .contains("forced"),
        "force is not recorded"
    );
    // The mark of a forced close does not survive a reopen.
    let again = repo.data(&["task", "reopen", "T-2"]);
    assert_eq!(again["forced"], false);
}

// TM-11: a person may tick off a queued task with evidence, under the rules of any close; an agent
// works it.
#[test]
fn tm_11_a_person_ticks_off_a_queued_task_with_evidence() {
    let (_scene, repo) = set_up();
    repo.task("Call Marta", &[]);
    let hint = repo.pm(&["done", "T-1"]).exits(1).err;
    assert!(hint.contains("--evidence TEXT"), "{hint}");
    let tick = ["task", "done", "T-1", "--evidence", "she said yes"];
    let said = agent(&repo).pm(&tick).exits(1).err;
    assert!(said.contains("git pm task start T-0001"), "{said}");
    let item = repo.data(&tick);
    assert_eq!(
        (&item["status"], &item["forced"]),
        (&"done".into(), &false.into())
    );
    assert_eq!(item["assignee"], "Ana");
    repo.task("Write it down", &["--accept", "it is in the book"]);
    repo.task("Call again", &["--depends-on", "T-2"]);
    let refused = |id: &str, reason: &str| {
        let said = repo.pm(&["done", id, "--evidence", "x"]).exits(1).err;
        assert!(said.contains(reason), "{said}");
    };
    refused("T-2", "acceptance criteria");
    refused("T-3", "waits for: T-0002");
}

#[test]
fn block_and_unblock_change_the_state_and_record_the_reason() {
    let (_scene, repo) = set_up();
    repo.task("T", &[]);
    let item = repo.data(&["task", "block", "T-1", "no access"]);
    assert_eq!(item["status"], "blocked");
    assert_eq!(item["reason"], "no access");
    assert_eq!(repo.data(&["ready"])["items"], serde_json::json!([]));
    assert_eq!(repo.data(&["task", "unblock", "T-1"])["status"], "queued");
    repo.pm(&["start", "T-1", "--no-worktree"]).ok();
    let item = repo.data(&["task", "block", "T-1", "again"]);
    assert_eq!(item["claim"]["actor"], "Ana", "the holder lost the claim");
    let item = repo.data(&["task", "unblock", "T-1"]);
    assert_eq!(item["status"], "in_progress", "not the state before");
    assert_eq!(item["reason"], Value::Null);
    repo.pm(&["task", "finish", "T-1", "--force"]).ok();
    repo.pm(&["task", "block", "T-1", "x"]).ok();
    assert_eq!(
        repo.data(&["task", "unblock", "T-1"])["status"],
        "in_review"
    );
    repo.pm(&["task", "block", "T-1"]).exits(2);
}

#[test]
fn defer_and_undefer_change_the_state() {
    let (_scene, repo) = set_up();
    repo.task("T", &[]);
    let item = repo.data(&["task", "defer", "T-1", "--reason", "next year"]);
    assert_eq!(item["status"], "deferred");
    assert_eq!(item["reason"], "next year");
    assert_eq!(repo.data(&["ready"])["items"], serde_json::json!([]));
    assert_eq!(repo.data(&["task", "undefer", "T-1"])["status"], "queued");
    assert_eq!(repo.data(&["ready"])["items"][0]["id"], "T-0001");
}

#[test]
fn cancel_and_reopen_change_the_state() {
    let (_scene, repo) = set_up();
    repo.task("T", &[]);
    repo.pm(&["start", "T-1", "--no-worktree"]).ok();
    let item = repo.data(&["task", "cancel", "T-1", "--reason", "not needed"]);
    assert_eq!(item["status"], "cancelled");
    assert_eq!(item["claim"], Value::Null, "a cancelled task has a claim");
    assert!(!item["closed_at"].is_null());
    let item = repo.data(&["task", "reopen", "T-1", "--reason", "it is"]);
    assert_eq!(item["status"], "queued");
    assert_eq!(item["closed_at"], Value::Null);
    repo.pm(&["start", "T-1", "--no-worktree"]).ok();
}

/// The states, each with the verbs that are allowed from there.
const TABLE: &[(&str, &[&str])] = &[
    ("queued", &["start", "block", "defer", "cancel", "done"]),
    (
        "in_progress",
        &["finish", "drop", "block", "defer", "cancel", "done"],
    ),
    ("in_review", &["finish", "approve", "block", "cancel"]),
    (
        "ready_for_integration",
        &["finish", "done", "block", "cancel"],
    ),
    ("blocked", &["unblock"]),
    ("deferred", &["undefer"]),
    ("done", &["reopen"]),
    ("cancelled", &["reopen"]),
];

/// The states that each state may become, for the messages.
const NEXT: &[(&str, &[&str])] = &[
    (
        "queued",
        &["in_progress", "blocked", "deferred", "cancelled", "done"],
    ),
    (
        "in_progress",
        &[
            "in_review",
            "queued",
            "blocked",
            "deferred",
            "cancelled",
            "done",
        ],
    ),
    (
        "in_review",
        &[
            "ready_for_integration",
            "in_progress",
            "blocked",
            "cancelled",
        ],
    ),
    (
        "ready_for_integration",
        &["done", "in_progress", "in_review", "blocked", "cancelled"],
    ),
    ("blocked", &["in_progress"]),
    ("deferred", &["queued"]),
    ("done", &["queued"]),
    ("cancelled", &["queued"]),
];

const VERBS: &[&str] = &[
    "start", "finish", "approve", "drop", "done", "block", "unblock", "defer", "undefer", "reopen",
    "cancel",
];

// TM-02, TM-04: transitions that are not in the table are refused with the allowed states and a
// command for one of them; nothing is written.
#[test]
fn tm_04_every_illegal_transition_is_refused_with_the_legal_ones() {
    let (_scene, repo) = set_up();
    for (state, legal) in TABLE {
        let id = in_state(&repo, state);
        let before = repo.tip("refs/pm/main");
        let next = NEXT.iter().find(|(s, _)| s == state).unwrap().1;
        for verb in VERBS.iter().filter(|v| !legal.contains(v)) {
            let ran = run_verb(&repo, verb, &id);
            // `start` of an item in progress that the actor already holds changes nothing.
            if (*verb, *state) == ("start", "in_progress") {
                assert_eq!(ran.ok().data()["again"], true);
                continue;
            }
            // So does the approval of what is approved.
            if (*verb, *state) == ("approve", "ready_for_integration") {
                ran.ok();
                assert_eq!(repo.tip("refs/pm/main"), before);
                continue;
            }
            let held = *verb == "start" && ["in_review", "ready_for_integration"].contains(state);
            let ran = ran.exits(1);
            let error = ran.error();
            let hints = error["hints"].to_string();
            assert!(
                hints.contains("git pm "),
                "{verb} of {state}: no next command: {error}"
            );
            if !held {
                let message = error["message"].as_str().unwrap();
                assert!(
                    message.contains(&*status_word(state)),
                    "{verb} of {state} does not name the state: {message}"
                );
                for word in next {
                    assert!(
                        message.contains(&*status_word(word)),
                        "{verb} of {state} does not name {word}: {message}"
                    );
                }
            }
            assert_eq!(
                repo.tip("refs/pm/main"),
                before,
                "a refused `{verb}` of a task that is {state} changed the state"
            );
        }
    }
}

// TM-02, TM-04: all transitions of the table work on the command line.
#[test]
fn tm_04_every_legal_transition_works() {
    let (_scene, repo) = set_up();
    for (state, legal) in TABLE {
        for verb in *legal {
            let id = in_state(&repo, state);
            let after = run_verb(&repo, verb, &id).ok().data()["status"].clone();
            let expected = match *verb {
                "start" => "in_progress",
                "finish" => "in_review",
                "approve" => "ready_for_integration",
                "drop" | "reopen" | "undefer" => "queued",
                "unblock" => "in_progress",
                "done" => "done",
                "block" => "blocked",
                "defer" => "deferred",
                "cancel" => "cancelled",
                other => panic!("{other}"),
            };
            assert_eq!(after, expected, "{verb} of {state}");
        }
        // Changes after a review: the claimant resumes the work.
        if ["in_review", "ready_for_integration"].contains(state) {
            let id = in_state(&repo, state);
            let back = repo.data(&["task", "start", &id, "--resume", "--no-worktree"]);
            assert_eq!(back["status"], "in_progress");
        }
    }
}

#[test]
fn a_deleted_item_is_told_with_what_brings_it_back() {
    let (_scene, repo) = set_up();
    let id = repo.task("One", &[]);
    repo.by("Ben")
        .pm(&["task", "delete", &id, "--reason", "a double"])
        .ok();
    let ran = repo.pm(&["show", &id]).exits(4);
    let told = format!("{id} was deleted by Ben: a double");
    assert!(ran.err.contains(&told), "{}", ran.err);
    let other = repo.pm(&["task", "edit", &id, "--title", "T"]).exits(4);
    assert!(other.err.contains(&told), "{}", other.err);
    let undo = ran
        .err
        .split_once("`git pm undo ")
        .and_then(|(_, rest)| rest.split_once('`'));
    let (commit, _) = undo.unwrap_or_else(|| panic!("{}", ran.err));
    repo.pm(&["undo", commit]).ok();
    repo.pm(&["show", &id]).ok();
}

// The id of a deleted issue is also how those of its children begin.
#[test]
fn a_deleted_parent_is_told_as_deleted_and_not_as_its_children() {
    let (_scene, repo) = set_up();
    let epic = repo.pm(&["issue", "q", "Epic", "-t", "epic"]).ok().text();
    for title in ["One", "Two"] {
        repo.pm(&["issue", "q", title, "--parent", &epic]).ok();
    }
    repo.pm(&["issue", "delete", &epic, "--force"]).ok();
    for args in [
        &["issue", "children", &epic][..],
        &["show", &epic],
        &["comment", &epic, "late"],
    ] {
        let said = repo.pm(args).exits(4).err;
        assert!(said.contains(&format!("{epic} was deleted")), "{said}");
    }
    assert_eq!(repo.data(&["show", &format!("{epic}.1")])["title"], "One");
}

/// The commands that a refusal names.
fn named(ran: &Ran) -> Vec<String> {
    let hints = ran.err.lines().filter(|line| line.starts_with("hint: "));
    let commands = hints.filter_map(|line| line.split('`').nth(1));
    commands.map(|one| one.replace("TEXT", "seen")).collect()
}

// TM-10: work that another tracker has in review has no branch; what is offered for it works.
#[test]
fn imported_work_in_review_is_offered_what_works() {
    let scene = Scene::new();
    for (n, args) in [
        &["next"][..],
        &["task", "approve", "T-0001"],
        &["finish", "T-0001"],
        &["start", "T-0001"],
        &["task", "done", "T-0001", "--evidence", "seen"],
    ]
    .into_iter()
    .enumerate()
    {
        let mut count = 0;
        for m in 0.. {
            let repo = scene.set_up(&format!("r{n}-{m}"));
            let rows = "Summary,Issue key,Status\nA,AB-1,In Review\n";
            repo.feed(binary(), &["import", "csv", "-"], rows).ok();
            let refused = repo.pm(args);
            assert_ne!(refused.code, 0, "{refused:?}");
            let mut offered = named(&refused);
            // The reason of a block is for the reader to fill in.
            offered.retain(|one| !one.contains("REASON"));
            count = offered.len();
            let Some(one) = offered.get(m) else { break };
            let ran = repo.run("sh", &["-c", one]);
            assert_eq!(ran.code, 0, "{args:?} offers {one}: {ran:?}");
        }
        assert!(count > 0, "{args:?} offers nothing");
    }
    let repo = scene.set_up("board");
    let rows = "Summary,Issue key,Status\nA,AB-1,In Review\n";
    repo.feed(binary(), &["import", "csv", "-"], rows).ok();
    let board = repo.data(&["board", "--cards", "9", "--moves"]).to_string();
    assert!(
        board.contains("\"block\"") && !board.contains("\"return\""),
        "{board}"
    );
}
