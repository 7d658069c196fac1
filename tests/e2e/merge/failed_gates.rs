//! A gate that fails on a merge is recorded of the work, and told wherever that is looked at.

use super::{alone, approved, status};
use crate::support::Scene;

/// What a merge of one item finds is known to all who look at the work, as what the queue finds, until the work changes
/// or passes.
#[test]
fn a_gate_that_fails_on_a_merge_is_told_by_all_that_shows_the_work() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let gate = "together=! { test -e 1.txt && test -e 2.txt; }";
    repo.git(&["config", "pm.gate", gate]).ok();
    let (one, _) = approved(&repo, "One", "1.txt", "x\n");
    let (id, _) = approved(&repo, "Two", "2.txt", "x\n");
    repo.pm(&["merge", &one]).ok();
    let (main, text) = (repo.tip("main"), "the gate `together` failed");
    for gates in [&["--gates"][..], &[][..]] {
        // The second one runs them because the first one failed.
        let args = [&["--json", "merge", &id], gates].concat();
        let refused = repo.pm(&args).exits(1).error();
        assert_eq!(refused["reason"], "merge.gate_failed", "{refused}");
    }
    assert_eq!(repo.tip("main"), main);
    // The record is no step of the user's.
    let undo = repo.pm(&["undo", "--dry-run"]);
    assert!(!(undo.out + &undo.err).contains("on its merge"));
    let work = repo.data(&["show", &id])["work"].clone();
    assert!(
        work["gate_failed"].as_str().unwrap().contains(text),
        "{work}"
    );
    let shown = repo.pm(&["show", &id]).ok().text();
    assert!(shown.contains(text), "{shown}");
    assert!(!shown.contains("next: git pm merge"), "{shown}");
    let listed = repo.data(&["status"])["branches"][0].clone();
    assert_eq!(listed["step"], "stopped", "{listed}");
    let why = listed["readiness"].as_str().unwrap();
    assert_eq!(why.matches(text).count(), 1, "{why}");
    let said = repo.pm(&["approve", &id]).ok().err;
    assert!(said.contains(text), "{said}");
    // It is told to who takes the work up again, too.
    repo.pm(&["start", &id, "--resume"]).ok();
    let shown = repo.pm(&["show", &id]).ok();
    assert!((shown.out + &shown.err).contains(text));
    let listed = repo.pm(&["status"]).ok().out;
    assert!(listed.contains(text), "{listed}");
    repo.git(&["config", "--replace-all", "pm.gate", "together=true"])
        .ok();
    repo.worktree(&id).pm(&["finish"]).ok();
    repo.pm(&["approve", &id]).ok();
    // Another gate stops the merge once this one passes, and is told instead.
    repo.git(&["config", "--replace-all", "pm.gate", "other=exit 1"])
        .ok();
    repo.pm(&["merge", &id]).exits(1);
    let work = repo.data(&["show", &id])["work"].to_string();
    assert!(!work.contains(text) && work.contains("other"), "{work}");
    repo.git(&["config", "--replace-all", "pm.gate", "other=true"])
        .ok();
    repo.pm(&["approve", &id]).ok();
    repo.pm(&["merge", &id]).ok();
    assert_eq!(status(&repo, &id), "done");
    assert!(repo.data(&["show", &id])["work"]["gate_failed"].is_null());
}
