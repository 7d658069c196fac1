//! Claims without a remote, or with one that cannot be reached.

use super::{holder, two_clones};
use crate::support::Scene;

// Unreachable: exit 6 with the hint, and nothing changed.
#[test]
fn start_and_reserve_fail_with_an_unreachable_remote_and_name_the_ways_to_continue() {
    let scene = Scene::new();
    let (hub, a, _) = two_clones(&scene);
    let away = hub.path.with_extension("away");
    std::fs::rename(&hub.path, &away).unwrap();
    let before = a.tip("refs/pm/main");
    for args in [
        &["start", "T-0001"][..],
        &["reserve", "add", "src/**"][..],
        &["next", "--claim"][..],
    ] {
        let refused = a.pm(args).exits(6);
        assert!(refused.err.contains("--offline"), "{}", refused.err);
        assert_eq!(a.tip("refs/pm/main"), before, "{args:?} changed the state");
    }
    assert_eq!(a.git(&["branch", "--list", "task/*"]).text(), "");
    assert_eq!(a.git(&["worktree", "list"]).ok().out.lines().count(), 1);
    let json = a.pm(&["--json", "start", "T-0001"]).exits(6).error();
    assert_eq!(json["code"], "remote");

    // Both ways to continue: the claim is shown as tentative and settled by the next sync.
    let started = a.data(&["--offline", "start", "T-0001", "--no-worktree"]);
    assert_eq!(started["claim"]["confirmed"], false);
    a.git(&["config", "pm.offline", "allow"]).ok();
    let reserved = a.pm(&["--json", "reserve", "add", "src/**"]).ok();
    assert_eq!(reserved.data()["confirmed"], false);
    let told = reserved.json()["notices"].to_string();
    assert!(told.contains("offline"), "{told}");
    let status = a.data(&["status"]);
    assert_eq!(status["remote"]["tentative"][0], "T-0001");
    assert!(a.pm(&["status"]).ok().out.contains("tentative"));
    assert!(a.pm(&["show", "T-0001"]).ok().out.contains("tentative"));

    std::fs::rename(&away, &hub.path).unwrap();
    assert_eq!(a.data(&["sync"])["confirmed"][0], "T-0001");
    assert_eq!(holder(&a, "T-0001"), ("Ana".into(), true));
    assert_eq!(a.data(&["reserve", "list"])["items"][0]["confirmed"], true);
}

// Other commands with the remote unreachable: done locally, exit 0, with a notice if a sync was
// due.
#[test]
fn create_edit_and_finish_work_with_an_unreachable_remote() {
    let scene = Scene::new();
    let (hub, a, _) = two_clones(&scene);
    a.pm(&["start", "T-0001"]).ok();
    let work = a.worktree("T-0001");
    work.write("src/new.rs", "// new\n");
    work.commit_all("Work");
    let away = hub.path.with_extension("away");
    std::fs::rename(&hub.path, &away).unwrap();
    let finished = a.pm(&["finish", "T-0001"]).ok();
    assert!(finished.err.contains("git pm sync"), "{}", finished.err);
    a.git(&["config", "pm.sync", "always"]).ok();
    for args in [
        &["task", "create", "Made on a plane"][..],
        &["task", "edit", "T-0002", "--priority", "1"][..],
        &["task", "comment", "T-0002", "from 10,000 metres"][..],
    ] {
        let done = a.pm(args).ok();
        assert!(done.err.contains("git pm sync"), "{args:?}: {}", done.err);
    }
    assert_eq!(a.data(&["show", "T-0001"])["status"], "in_review");
    std::fs::rename(&away, &hub.path).unwrap();
    a.pm(&["sync"]).ok();
    assert_eq!(a.state_tree(), hub.state_tree());
}

// Only `pm.remote` confirms.
#[test]
fn a_push_to_another_remote_does_not_confirm_a_claim() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    let backup = scene.bare("backup.git");
    let place = backup.path.to_str().unwrap().to_string();
    for clone in [&a, &b] {
        clone.git(&["remote", "add", "backup", &place]).ok();
    }
    a.pm(&["--offline", "start", "T-0001", "--no-worktree"])
        .ok();
    let report = a.data(&["sync", "backup"]);
    assert!(report["confirmed"].as_array().unwrap().is_empty());
    assert_eq!(holder(&a, "T-0001"), ("Ana".into(), false));
    // Ben has seen Ana's tentative claim through the backup; at the main remote it is free, but
    // the earlier claim is known here, so it is not silently taken.
    b.pm(&["sync", "backup"]).ok();
    assert_eq!(holder(&b, "T-0001"), ("Ana".into(), false));
    a.pm(&["sync"]).ok();
    assert_eq!(holder(&a, "T-0001"), ("Ana".into(), true));
}

// Without a remote the local swap decides, so the claim is settled at once.
#[test]
fn a_claim_is_settled_at_once_without_a_remote() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.task("Alone", &[]);
    let started = repo.pm(&["--json", "start", "T-0001"]).ok();
    assert_eq!(started.data()["claim"]["confirmed"], true);
    assert!(!started.err.contains("tentative"), "{}", started.err);
}

// A start that fails after the claim is undone whole, also at the remote.
#[test]
fn a_start_whose_worktree_fails_releases_the_claim_also_at_the_remote() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    a.git(&["config", "pm.setup", "exit 7"]).ok();
    a.pm(&["start", "T-0001"]).exits(1);
    assert_eq!(holder(&a, "T-0001"), (String::new(), false));
    assert_eq!(a.git(&["branch", "--list", "task/*"]).text(), "");
    b.pm(&["start", "T-0001"]).ok();
}
