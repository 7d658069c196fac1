//! Merges into a target that lacks commits of its branch at the remote.

use serde_json::Value;

use super::approved;
use crate::support::{Repo, Scene};

/// Work that is ready to be merged in `a`, whose `main` is two fetched commits behind `origin`.
fn behind(scene: &Scene) -> (Repo, String) {
    let (hub, a) = scene.with_hub();
    let (id, _) = approved(&a, "Fix", "fix.txt", "1\n");
    let b = scene.clone_of(&hub, "b", "Ben");
    for text in ["one\n", "two\n"] {
        b.write("others.txt", text);
        b.commit_all("Others");
    }
    b.git(&["push", "-q", "origin", "main"]).ok();
    a.git(&["fetch", "-q"]).ok();
    (a, id)
}

/// The notices of a merge that succeeds.
fn notices(repo: &Repo, args: &[&str]) -> String {
    let merged = repo.pm(&[&["--json", "merge"], args].concat()).ok().json();
    let notices = merged["notices"].as_array().cloned().unwrap_or_default();
    let texts = notices.iter().filter_map(Value::as_str);
    texts.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_merge_into_a_target_that_is_behind_its_remote_says_so_and_what_to_run() {
    let scene = Scene::new();
    let (a, id) = behind(&scene);
    let said = notices(&a, &[&id]);
    assert!(
        said.contains("main is 2 commits behind origin/main"),
        "{said}"
    );
    let command = "git pull --no-rebase origin main";
    assert!(said.contains(&format!("`{command}`")), "{said}");
    a.git(&["push", "origin", "main"]).exits(1);
    let words: Vec<&str> = command.split(' ').skip(1).collect();
    a.git(&[&words[..], &["-q"]].concat()).ok();
    a.git(&["push", "-q", "origin", "main"]).ok();
    assert_eq!(a.read("fix.txt") + &a.read("others.txt"), "1\ntwo\n");
    let (next, _) = approved(&a, "Next", "next.txt", "1\n");
    let said = notices(&a, &[&next]);
    assert!(!said.contains("behind"), "{said}");
}

#[test]
fn the_queue_and_finish_say_it_too_for_the_branch_that_git_is_configured_for() {
    let scene = Scene::new();
    let (a, _) = behind(&scene);
    let (_, work) = {
        let id = a.task("More", &[]);
        a.pm(&["start", &id]).ok();
        let place = a.worktree(&id);
        place.write("more.txt", "1\n");
        place.commit_all("More");
        (id, place)
    };
    let queued = notices(&a, &["--queue"]);
    assert_eq!(queued.matches("2 commits behind").count(), 1, "{queued}");
    a.git(&["push", "-q", "origin", "origin/main~1:refs/heads/next"])
        .ok();
    a.git(&["branch", "-q", "-u", "origin/next", "main"]).ok();
    let finished = work.pm(&["finish", "--merge"]).ok().err;
    let said = "main is 1 commit behind origin/next";
    assert!(finished.contains(said), "{finished}");
    assert!(
        finished.contains("pull --no-rebase origin next"),
        "{finished}"
    );
}

/// A start warns if the merge of a prerequisite has not been pushed.
#[test]
fn a_start_names_merged_work_that_the_branch_does_not_have() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("One", &[]);
    a.task("Two", &["--depends-on", "T-0001"]);
    a.pm(&["start", "T-0001"]).ok();
    let place = a.worktree("T-0001");
    place.write("src/new.rs", "// new\n");
    place.commit_all("Work");
    a.pm(&["finish", "T-0001", "--merge"]).ok();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    let ran = b.pm(&["start", "T-0002"]).ok();
    assert!(
        ran.out.contains("T-0001 was merged into main at"),
        "{}",
        ran.out
    );
    b.pm(&["task", "drop", "T-0002", "--remove-worktree"]).ok();
    b.git(&["branch", "-D", "task/T-0002-two"]).ok();
    a.git(&["push", "-q", "origin", "main"]).ok();
    b.git(&["pull", "-q"]).ok();
    let ran = b.pm(&["start", "T-0002"]).ok();
    assert!(!ran.out.contains("was merged into"), "{}", ran.out);
}
