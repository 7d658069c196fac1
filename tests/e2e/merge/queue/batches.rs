//! The gates on the results of the queue, and bisection.

use super::{alone, approved, ids, left_out, pair, queue, records, runs, subjects, with_gate};
use crate::merge::status;
use crate::support::Scene;

/// Six tasks, of which the numbered ones add `bad.txt`.
fn six(repo: &crate::support::Repo, bad: &[usize]) {
    for n in 1..=6 {
        let file = format!("{n}.txt");
        let (id, place) = super::super::worked(repo, &format!("Number {n}"), &file, "good\n");
        if bad.contains(&n) {
            place.write("bad.txt", &format!("{n}\n"));
            place.commit_all("Bad");
        }
        // The gate has to fail on the merged result only.
        repo.pm(&["finish", &id, "--force"]).ok();
        repo.pm(&["task", "approve", &id]).ok();
    }
}

/// ST-02: a batch is tested once; what breaks it is found by bisection, left out with the gate's
/// output, and the others are merged.
#[test]
fn bisection_finds_the_culprit_of_a_batch() {
    let scene = Scene::new();
    let (repo, notes) = with_gate(&scene);
    let before = repo.tip("main");
    six(&repo, &[4]);
    runs(&notes);
    let report = queue(&repo, &["--batch", "6"], 1);
    // All six, three, four; then what is left.
    assert_eq!(runs(&notes), 4);
    let merged = ["T-0001", "T-0002", "T-0003", "T-0005", "T-0006"];
    assert_eq!(ids(&report, "merged"), merged);
    assert_eq!(left_out(&report), [pair("T-0004", "merge.gate_failed")]);
    assert!(
        report["left_out"][0]["text"]
            .as_str()
            .unwrap()
            .contains("bad.txt is here")
    );
    assert_eq!(subjects(&repo, &before).len(), 5);
    assert!(!repo.path.join("bad.txt").exists());
    assert_eq!(status(&repo, "T-0004"), "ready_for_integration");
    let item = repo.data(&["show", "T-0004"]);
    let comments = item["comments"].as_array().unwrap();
    assert_eq!(comments.len(), 1, "{item}");
    assert!(
        comments[0]["body"]
            .as_str()
            .unwrap()
            .contains("bad.txt is here")
    );
    for id in merged {
        assert_eq!(records(&repo, id), 1);
    }
    let places = repo.git(&["worktree", "list"]).ok().out;
    assert_eq!(places.lines().count(), 2, "{places}");

    // The same failure is not recorded twice.
    queue(&repo, &[], 1);
    let item = repo.data(&["show", "T-0004"]);
    assert_eq!(item["comments"].as_array().unwrap().len(), 1, "{item}");
}

#[test]
fn a_batch_that_passes_is_tested_once() {
    let scene = Scene::new();
    let (repo, notes) = with_gate(&scene);
    six(&repo, &[]);
    runs(&notes);
    let report = queue(&repo, &["--batch", "4"], 0);
    assert_eq!(runs(&notes), 2, "four and two");
    assert_eq!(report["batch"], 4);
    assert_eq!(ids(&report, "merged").len(), 6);
}

#[test]
fn several_culprits_are_left_out() {
    let scene = Scene::new();
    let (repo, _) = with_gate(&scene);
    six(&repo, &[1, 3, 6]);
    let report = queue(&repo, &["--batch", "10"], 1);
    assert_eq!(ids(&report, "merged"), ["T-0002", "T-0004", "T-0005"]);
    let bad = ["T-0001", "T-0003", "T-0006"].map(|id| pair(id, "merge.gate_failed"));
    assert_eq!(left_out(&report), bad);
}

/// Without batches each commit of the target has passed the gates.
#[test]
fn work_that_fails_only_together_is_found() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let gate = "together=! { test -e 1.txt && test -e 3.txt; }";
    repo.git(&["config", "pm.gate", gate]).ok();
    for n in 1..=3 {
        approved(&repo, &format!("Number {n}"), &format!("{n}.txt"), "x\n");
    }
    let report = queue(&repo, &[], 1);
    assert_eq!(ids(&report, "merged"), ["T-0001", "T-0002"]);
    assert_eq!(left_out(&report), [pair("T-0003", "merge.gate_failed")]);
}

/// No task is blamed for a gate that fails without it.
#[test]
fn a_target_that_fails_by_itself_is_named() {
    let scene = Scene::new();
    let (repo, _) = with_gate(&scene);
    six(&repo, &[]);
    repo.write("bad.txt", "bad\n");
    repo.commit_all("Break the target");
    let main = repo.tip("main");
    let report = queue(&repo, &["--batch", "3"], 1);
    assert_eq!(repo.tip("main"), main);
    let found = left_out(&report);
    assert_eq!(found.len(), 6);
    assert!(
        found.iter().all(|one| one.1 == "merge.target_fails"),
        "{found:?}"
    );
    let item = repo.data(&["show", "T-0001"]);
    assert!(
        item["comments"].as_array().is_none_or(Vec::is_empty),
        "{item}"
    );
    // Work that mends the target can be merged.
    let (mend, place) = super::super::worked(&repo, "Mend", "mend.txt", "x\n");
    place.git(&["rm", "-q", "bad.txt"]).ok();
    place.commit_all("Mend");
    repo.pm(&["finish", &mend]).ok();
    repo.pm(&["task", "approve", &mend]).ok();
    repo.pm(&["task", "edit", &mend, "-p", "0"]).ok();
    assert_eq!(ids(&queue(&repo, &[], 0), "merged").len(), 7);
}

/// Gates of a checked-in file need trust, as they do for any other command.
#[test]
fn gates_run_only_if_they_are_trusted() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let (id, _) = approved(&repo, "One", "1.txt", "1\n");
    repo.write(".pm.toml", "[gates]\ntests = \"touch owned\"\n");
    repo.commit_all("Gates");
    repo.pm(&["task", "approve", &id]).ok();
    let main = repo.tip("main");
    let report = queue(&repo, &[], 1);
    assert_eq!(left_out(&report), [pair(&id, "trust.required")]);
    assert_eq!(repo.tip("main"), main);
}

/// What the queue found is known to all that offers a merge, until the work changes, and to a merge of that item alone.
#[test]
fn work_that_failed_a_gate_in_the_queue_is_neither_offered_nor_merged() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let gate = "together=! { test -e 1.txt && test -e 2.txt; }";
    repo.git(&["config", "pm.gate", gate]).ok();
    approved(&repo, "One", "1.txt", "x\n");
    let (id, _) = super::super::worked(&repo.by("Ben"), "Two", "2.txt", "x\n");
    repo.by("Ben").pm(&["finish", &id]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    let report = queue(&repo, &[], 1);
    assert_eq!(left_out(&report), [pair(&id, "merge.gate_failed")]);
    // Its holder alone can resume it.
    let hints = report["left_out"][0]["hints"].to_string();
    assert!(
        hints.contains(&format!("return {id} --note TEXT")),
        "{hints}"
    );
    assert!(!hints.contains("--resume"), "{hints}");
    let branch = || {
        let all = repo.data(&["status"])["branches"].clone();
        let mut all = all.as_array().unwrap().iter();
        all.find(|one| one["id"] == id.as_str()).unwrap().clone()
    };
    let found = branch();
    assert_eq!(found["step"], "stopped", "{found}");
    let why = found["readiness"].as_str().unwrap();
    assert!(why.contains("the gate `together` failed"), "{why}");
    let shown = repo.pm(&["show", &id]).ok().text();
    assert!(!shown.contains("next: git pm merge"), "{shown}");
    let plan = queue(&repo, &["--plan"], 0);
    assert_eq!(left_out(&plan), [pair(&id, "merge.gate_failed")]);
    assert!(ids(&plan, "order").is_empty(), "{plan}");
    let main = repo.tip("main");
    let refused = repo.pm(&["--json", "merge", &id]).exits(1).error();
    assert_eq!(refused["reason"], "merge.gate_failed", "{refused}");
    assert_eq!(repo.tip("main"), main);
    // Also once the target has changed, which may mend it: the gates decide.
    repo.git(&["rm", "-q", "1.txt"]).ok();
    repo.commit_all("Remove");
    assert_eq!(branch()["step"], "stopped");
    repo.pm(&["merge", &id]).ok();
    assert_eq!(status(&repo, &id), "done");
}
