//! `status` calls ready to finish, and offers as the next step, only what `finish` takes.

use crate::support::{Repo, Scene, set_up};

/// What `status` says where work is done, and the JSON row of the branch of an item.
fn status(place: &Repo, id: &str) -> (String, serde_json::Value) {
    let rows = place.data(&["status"])["branches"].clone();
    let mut rows = rows.as_array().unwrap().iter();
    let row = rows.find(|row| row["id"] == id).unwrap().clone();
    (place.pm(&["status"]).ok().out, row)
}

#[track_caller]
fn stopped(place: &Repo, id: &str, says: &str, next: &str) {
    let (out, row) = status(place, id);
    assert_eq!(row["step"], "stopped", "{row}");
    assert!(row["readiness"].to_string().contains(says), "{row}");
    let line = out.lines().find(|line| line.starts_with("next: "));
    let line = line.unwrap_or_default();
    assert!(
        line.contains(next) && !line.contains("git pm finish") && !line.contains("git commit"),
        "{out}"
    );
    place.pm(&["finish"]).exits(1);
}

/// An agent that works on `src/auth.rs`, which another one reserves once it has `done` its work.
fn reserved_meanwhile(scene: &Scene, done: impl Fn(&Repo)) -> Repo {
    let (_hub, a) = scene.with_hub();
    a.task("One", &["--path", "src/auth.rs"]);
    a.task("Two", &[]);
    let [one, two] = ["a1", "a2"].map(|name| a.with("AGENT_NAME", name));
    two.pm(&["start", "T-0002"]).ok();
    let place = two.worktree("T-0002");
    done(&place);
    one.pm(&["start", "T-0001"]).ok();
    place
}

#[test]
fn commits_in_paths_that_another_has_reserved_are_not_ready_to_finish() {
    let scene = Scene::new();
    let place = reserved_meanwhile(&scene, |place| {
        place.write("src/auth.rs", "2\n");
        place.commit_all("Two");
    });
    stopped(&place, "T-0002", "reserved by a1", "git pm reserve list");
}

#[test]
fn files_that_another_has_reserved_are_not_offered_to_be_committed() {
    let scene = Scene::new();
    let place = reserved_meanwhile(&scene, |place| {
        place.write("src/new.rs", "2\n");
        place.commit_all("Two");
        place.write("src/auth.rs", "2\n");
        place.git(&["add", "-A"]).ok();
    });
    stopped(&place, "T-0002", "reserved by a1", "git pm reserve list");
    place.git(&["reset", "-q", "--hard"]).ok();
    let (out, row) = status(&place, "T-0002");
    assert_eq!(row["step"], "finish", "{row}");
    assert!(out.contains("next: git pm finish"), "{out}");
    place.write("src/new.rs", "3\n");
    let (out, row) = status(&place, "T-0002");
    assert_eq!(row["step"], "commit", "{row}");
    assert!(out.contains("next: git commit"), "{out}");
}

#[test]
fn commits_on_a_detached_head_are_brought_back_before_a_finish() {
    let (_scene, repo) = set_up();
    repo.task("One", &[]);
    repo.pm(&["start", "T-0001"]).ok();
    let place = repo.worktree("T-0001");
    place.git(&["checkout", "-q", "--detach"]).ok();
    place.write("src/new.rs", "1\n");
    place.commit_all("One");
    stopped(
        &place,
        "T-0001",
        "detached",
        "switch task/T-0001-one && git -C",
    );
}

#[test]
fn work_whose_gates_are_not_trusted_is_not_ready_to_finish() {
    let (_scene, repo) = set_up();
    repo.write(".pm.toml", "[gates]\ntest = \"true\"\n");
    repo.commit_all("Gates");
    repo.task("One", &[]);
    repo.pm(&["start", "T-0001"]).ok();
    let place = repo.worktree("T-0001");
    place.write("src/new.rs", "1\n");
    place.commit_all("One");
    stopped(&place, "T-0001", "trusted", "git pm");
}

#[test]
fn work_that_conflicts_with_its_target_is_not_offered_to_be_finished() {
    let (_scene, repo) = set_up();
    repo.task("One", &[]);
    repo.pm(&["start", "T-0001"]).ok();
    let place = repo.worktree("T-0001");
    for (one, text) in [(&place, "1\n"), (&repo, "2\n")] {
        one.write("src/new.rs", text);
        one.commit_all(text.trim());
    }
    let (out, row) = status(&place, "T-0001");
    assert!(
        row["readiness"].to_string().contains("conflicts with main"),
        "{row}"
    );
    let next = out.lines().find(|line| line.starts_with("next: ")).unwrap();
    assert!(
        next.contains("git pm show T-0001") && !next.contains("git pm finish"),
        "{out}"
    );
}
