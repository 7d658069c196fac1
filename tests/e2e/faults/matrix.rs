//! Every command that writes, killed and failed at every system call of the store and between its
//! steps. Afterwards nothing or everything happened, acknowledged writes are there, and there is
//! nothing to clean up by hand. TM-14.
//!
//! `GIT_PM_TEST_POINT=POINT:N:ACTION` runs one of them alone.

use serde_json::{Value, json};

use crate::faults::stage::{Case, Stage};
use crate::support::Repo;

fn simple(name: &'static str, args: &[&str]) {
    Case::new(name, Stage::with_state(|_| ()), args).run();
}

#[test]
fn tm_14_an_interrupted_create_happened_or_not() {
    let more = [
        "--accept", "works", "--path", "lib/**", "--body", "Text", "--label", "new",
    ];
    let args = [&["task", "create", "New"][..], &more].concat();
    simple("create", &args);
}

#[test]
fn tm_14_an_interrupted_edit_happened_or_not() {
    simple(
        "edit",
        &[
            "task", "edit", "T-2", "--title", "Changed", "--body", "New text",
        ],
    );
}

#[test]
fn tm_14_an_interrupted_comment_happened_or_not() {
    simple("comment", &["task", "comment", "T-2", "Said"]);
}

/// The messages that another actor has.
fn messages(a: &Repo) -> Value {
    let all = a.by("cleo").data(&["msg", "inbox", "--all"]);
    let thread = a.by("cleo").data(&["msg", "thread", "T-1"]);
    let subject = |m: &Value| format!("{} {}", m["subject"], m["acks"].as_array().unwrap().len());
    let of =
        |list: &Value| -> Vec<String> { list.as_array().unwrap().iter().map(subject).collect() };
    json!({"inbox": of(&all["items"]), "thread": of(&thread["messages"])})
}

#[test]
fn tm_14_an_interrupted_message_was_sent_once_or_not() {
    let sent = |name, args: &[&str]| {
        Case::new(name, Stage::with_state(|_| ()), args)
            .seeing(messages)
            .run();
    };
    sent("msg send", &["msg", "send", "--to", "all", "Hello", "Text"]);
    sent("handoff", &["handoff", "T-1", "--done", "all of it"]);
}

#[test]
fn tm_14_an_interrupted_artifact_is_there_with_its_content_or_not_at_all() {
    simple("artifact put", &["artifact", "put", "T-2", "src/auth.rs"]);
}

#[test]
fn tm_14_an_interrupted_acceptance_happened_or_not() {
    simple("accept", &["task", "accept", "T-2", "1", "2"]);
}

#[test]
fn tm_14_an_interrupted_change_of_state_happened_or_not() {
    simple(
        "cancel",
        &["task", "cancel", "T-2", "--reason", "Not needed"],
    );
    simple("block", &["task", "block", "T-2", "Waits for the key"]);
}

#[test]
fn tm_14_an_interrupted_dep_add_happened_or_not() {
    simple("dep add", &["dep", "add", "T-2", "T-3"]);
}

#[test]
fn tm_14_an_interrupted_batch_happened_completely_or_not() {
    let lines = "{\"op\":\"task.create\",\"title\":\"One\"}\n\
                 {\"op\":\"task.create\",\"title\":\"Two\",\"depends-on\":[\"T-0004\"]}\n\
                 {\"op\":\"task.cancel\",\"id\":\"T-0003\"}\n";
    Case::new("batch", Stage::with_state(|_| ()), &["batch"])
        .reading(lines.into())
        .run();
}

#[test]
fn tm_14_an_interrupted_batch_in_a_pack_happened_completely_or_not() {
    let lines: String = (0..300)
        .map(|n| format!("{{\"op\":\"task.create\",\"title\":\"Task {n}\"}}\n"))
        .collect();
    Case::new("batch in a pack", Stage::with_state(|_| ()), &["batch"])
        .reading(lines)
        .reaching(&[
            "pack-write:1",
            "pack-keep:1",
            "pack-index-rename:1",
            "ref-rename:1",
        ])
        .run();
}

#[test]
fn tm_14_an_interrupted_import_happened_completely_or_not() {
    let lines = "{\"id\":\"bd-1\",\"title\":\"One\",\"updated_at\":\"2026-01-01T00:00:00Z\"}\n\
                 {\"_type\":\"memory\",\"key\":\"k\",\"value\":\"v\"}\n";
    let args = ["import", "beads", "-"];
    Case::new("import beads", Stage::with_state(|_| ()), &args)
        .reading(lines.into())
        .run();
}

#[test]
fn tm_14_an_interrupted_undo_happened_or_not() {
    let stage = Stage::with_state(|stage| {
        stage
            .at("a")
            .pm(&["task", "edit", "T-2", "--title", "Wrong"])
            .ok();
    });
    let edit = stage.at("a").tip("refs/pm/main");
    Case::new("undo", stage, &["undo", &edit]).run();
}

#[test]
fn tm_14_an_interrupted_conflict_resolution_happened_or_not() {
    let stage = Stage::with_state(|stage| {
        let (a, b) = (stage.at("a"), stage.at("b"));
        a.pm(&["task", "edit", "T-2", "--body", "As Ana sees it"])
            .ok();
        b.pm(&["task", "edit", "T-2", "--body", "As Ben sees it"])
            .ok();
        b.pm(&["sync"]).ok();
        a.pm(&["sync"]).ok();
    });
    Case::new("conflicts", stage, &["conflicts", "T-2", "--keep", "1"]).run();
}

/// Through the remote: the push succeeds or not, and this clone records it or not.
fn again(args: &[&str], repo: &Repo) {
    repo.pm(args).ok();
}

#[test]
fn tm_14_an_interrupted_reservation_is_made_once_by_repeating_it() {
    fn end(a: &Repo) {
        // A reservation that was pushed but not recorded here is ended by the next sync.
        again(&["sync"], a);
        let reserved = a.data(&["reserve", "list"]);
        if reserved["items"].as_array().unwrap().is_empty() {
            again(&["reserve", "add", "docs/**", "--task", "T-2"], a);
        }
    }
    let args = ["reserve", "add", "docs/**", "--task", "T-2"];
    Case::steps("reserve add", Stage::with_state(|_| ()), &args, end)
        .reaching(&["publish-pushed:1", "intent-rename:1", "ref-rename:1"])
        .run();
}

#[test]
fn tm_14_an_interrupted_release_happened_or_not() {
    let stage = Stage::with_state(|stage| {
        stage
            .at("a")
            .pm(&["reserve", "add", "docs/**", "--task", "T-2"])
            .ok();
    });
    Case::new(
        "reserve release",
        stage,
        &["reserve", "release", "--task", "T-2"],
    )
    .run();
}

/// The only steps that a person takes after an interrupted start.
fn start_again(a: &Repo) {
    again(&["start", "T-2"], a);
    assert!(a.data(&["show", "T-2"])["worktree"].is_string());
}

#[test]
fn tm_14_an_interrupted_start_can_be_resumed() {
    let stage = Stage::with_state(|_| ());
    Case::undone("start", stage, &["start", "T-2"], start_again)
        .reaching(&[
            "publish-pushed:1",
            "start-claimed:1",
            "git-worktree:1",
            "start-added:1",
        ])
        .run();
}

#[test]
fn tm_14_an_interrupted_offline_start_can_be_resumed() {
    let stage = Stage::with_state(|stage| {
        stage.at("a").git(&["config", "pm.sync", "manual"]).ok();
    });
    Case::undone("start offline", stage, &["start", "T-2"], start_again)
        .reaching(&["ref-rename:1", "start-claimed:1", "git-worktree:1"])
        .run();
}

/// The task, started by Ana, with one commit in its worktree.
fn started(stage: &Stage) -> Repo {
    let a = stage.at("a");
    a.pm(&["start", "T-2"]).ok();
    let work = a.worktree("T-2");
    work.write("src/auth.rs", "pub fn login() -> bool { true }\n");
    work.commit_all("Let them in");
    a.pm(&["task", "accept", "T-2", "--all"]).ok();
    a
}

#[test]
fn tm_14_an_interrupted_finish_happened_or_not() {
    let stage = Stage::with_state(|stage| {
        started(stage);
    });
    Case::new("finish", stage, &["finish", "T-2"])
        .reaching(&["finish-gated:1", "finish-written:1", "publish-pushed:1"])
        .run();
}

#[test]
fn tm_14_an_interrupted_approval_happened_or_not() {
    let stage = Stage::with_state(|stage| {
        started(stage).pm(&["finish", "T-2"]).ok();
    });
    Case::new("approve", stage, &["task", "approve", "T-2"]).run();
}

#[test]
fn tm_14_an_interrupted_merge_is_completed_by_repeating_it() {
    fn end(a: &Repo) {
        let item = a.data(&["show", "T-2"]);
        if item["status"] != "done" {
            again(&["merge", "T-2"], a);
        }
        // Of a task that is done, at most the worktree remains.
        again(&["worktree", "gc"], a);
    }
    let stage = Stage::with_state(|stage| {
        let a = started(stage);
        a.pm(&["finish", "T-2"]).ok();
        a.pm(&["task", "approve", "T-2"]).ok();
    });
    Case::steps("merge", stage, &["merge", "T-2"], end)
        .reaching(&[
            "git-update-ref-done:1",
            "git-read-tree:1",
            "merge-moved:1",
            "worktree-remove:1",
        ])
        .run();
}

#[test]
fn tm_14_an_interrupted_drop_is_completed_by_repeating_it() {
    fn end(a: &Repo) {
        let item = a.data(&["show", "T-2"]);
        if item["status"] != "queued" || item["worktree"].is_string() {
            again(&["task", "drop", "T-2", "--remove-worktree"], a);
        }
    }
    let stage = Stage::with_state(|stage| {
        started(stage);
    });
    Case::steps(
        "drop",
        stage,
        &["task", "drop", "T-2", "--remove-worktree"],
        end,
    )
    .run();
}

/// An offline claim, an edit and an item whose number the other clone has used, and conflicting
/// writes that the other clone pushed.
fn diverge(stage: &Stage) {
    let (a, b) = (stage.at("a"), stage.at("b"));
    a.pm(&["--offline", "start", "T-2", "--no-worktree"]).ok();
    a.task("Of Ana", &["--depends-on", "T-3"]);
    a.pm(&["task", "edit", "T-3", "--body", "As Ana sees it"])
        .ok();
    b.task("Of Ben", &[]);
    b.pm(&["task", "edit", "T-3", "--body", "As Ben sees it"])
        .ok();
    b.pm(&["sync"]).ok();
}

fn sync_again(a: &Repo) {
    again(&["sync"], a);
}

#[test]
fn tm_14_an_interrupted_sync_is_completed_by_repeating_it() {
    Case::steps("sync", Stage::with_state(diverge), &["sync"], sync_again)
        .reaching(&[
            "git-fetch:1",
            "git-push:1",
            "publish-intended:1",
            "publish-noted:1",
        ])
        .run();
}

#[test]
fn tm_14_an_interrupted_push_is_completed_by_a_sync() {
    Case::steps("push", Stage::with_state(diverge), &["push"], sync_again).run();
}

#[test]
fn tm_14_an_interrupted_pull_is_completed_by_repeating_it() {
    fn end(a: &Repo) {
        again(&["pull"], a);
    }
    Case::steps("pull", Stage::with_state(diverge), &["pull"], end).run();
}

#[test]
fn tm_14_an_interrupted_init_is_completed_by_repeating_it() {
    fn end(a: &Repo) {
        again(&["init"], a);
    }
    let stage = Stage::new(|stage| {
        let b = stage.at("b");
        b.pm(&["init"]).ok();
        b.task("The bystander", &[]);
        b.task("Of Ben", &[]);
        b.pm(&["sync"]).ok();
    });
    Case::steps("init", stage, &["init"], end)
        .reaching(&[
            "git-fetch:1",
            "ref-rename:1",
            "hook-rename:1",
            "replica-rename:1",
        ])
        .run();
}

/// The redacted text is gone in the end, after any number of attempts.
#[test]
fn tm_14_an_interrupted_redaction_is_completed_by_repeating_it() {
    fn end(a: &Repo) {
        // Exit code 4: nothing of it is left.
        let ran = a.pm(&["redact", "hunter2"]);
        assert!([0, 4].contains(&ran.code), "{}{}", ran.out, ran.err);
        again(&["sync"], a);
    }
    let stage = Stage::with_state(|stage| {
        let a = stage.at("a");
        a.pm(&["task", "edit", "T-2", "--body", "The key is hunter2"])
            .ok();
        a.pm(&["sync"]).ok();
    });
    Case::steps("redact", stage, &["redact", "hunter2"], end)
        .seeing(|a| has(a, "hunter2"))
        .reaching(&["ref-rename:1", "log-rename:1", "object-remove:1"])
        .run();
}

/// Whether a clone has a text in any object, reachable or not.
fn has(a: &Repo, text: &str) -> Value {
    let all = a.git(&["cat-file", "--batch-all-objects", "--batch"]).ok();
    all.out.contains(text).into()
}

#[test]
fn tm_14_an_interrupted_cut_of_history_is_completed_by_the_next_one() {
    fn end(a: &Repo) {
        again(&["gc", "--new-generation"], a);
    }
    let args = ["gc", "--new-generation"];
    Case::steps("gc", Stage::with_state(|_| ()), &args, end)
        .seeing(|a| has(a, "\ninit: "))
        .reaching(&["ref-rename:1", "log-rename:1", "object-remove:1"])
        .run();
}
