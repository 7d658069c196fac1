//! Questions about many items are answered with one walk through the history.

use std::fmt::Write as _;

use crate::approval::worked;
use crate::support::{Repo, Scene, set_up};

/// Adds this many commits to the state that change nothing.
fn add_commits(repo: &Repo, commits: usize) {
    let tip = repo.tip("refs/pm/main");
    let mut stream = String::new();
    for n in 0..commits {
        let from = match n {
            0 => format!("from {tip}\n"),
            _ => String::new(),
        };
        let at = 1_900_000_000 + n;
        write!(
            stream,
            "commit refs/heads/line\nauthor A <a@b> {at} +0000\ncommitter A <a@b> {at} +0000\n\
             data 1\nx\n{from}\n"
        )
        .unwrap();
    }
    repo.feed("git", &["fast-import", "--quiet"], &stream).ok();
    repo.git(&["update-ref", "refs/pm/main", "line"]).ok();
}

/// How many objects a command reads.
fn objects(repo: &Repo, args: &[&str]) -> u64 {
    let file = repo.path.join(".git/counted");
    let _ = std::fs::remove_file(&file);
    repo.with("GIT_PM_COSTS", file.to_str().unwrap()).pm(args);
    let text = std::fs::read_to_string(&file).unwrap();
    let line: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    line["objects_read"].as_u64().unwrap()
}

#[test]
fn the_authors_of_many_approvals_are_found_in_one_walk() {
    let (_scene, repo) = set_up();
    let approve = |n: usize| {
        for n in 0..n {
            let (id, place) = worked(&repo, "task", &format!("{n}.txt"));
            place.pm(&["finish", &id]).ok();
            repo.pm(&["task", "approve", &id]).ok();
        }
    };
    approve(1);
    add_commits(&repo, 400);
    let one = objects(&repo, &["doctor"]);
    repo.git(&["branch", "-D", "line"]).ok();
    approve(5);
    add_commits(&repo, 400);
    let six = objects(&repo, &["doctor"]);
    assert!(six < 3 * one, "{six} objects for six, {one} for one");
}

#[test]
fn the_replaced_versions_of_many_texts_are_found_in_one_walk() {
    let count = |conflicts: usize| {
        let scene = Scene::new();
        let (hub, a) = scene.with_hub();
        let create = |n: usize| {
            let title = format!("I{n}");
            let args = ["issue", "create", &title, "--notes", "begun"];
            let id = a.data(&args)["id"].clone();
            id.as_str().unwrap().to_string()
        };
        let ids: Vec<String> = (0..conflicts).map(create).collect();
        a.pm(&["sync"]).ok();
        let b = scene.clone_of(&hub, "b", "Bob");
        b.pm(&["sync"]).ok();
        for (place, text) in [(&a, "cause X"), (&b, "found Y")] {
            for id in &ids {
                let args = ["issue", "update", id, "--append-notes", text];
                place
                    .pm(&["--offline"].into_iter().chain(args).collect::<Vec<_>>())
                    .ok();
            }
        }
        a.pm(&["sync"]).ok();
        b.pm(&["sync"]).ok();
        add_commits(&b, 400);
        let all = b.data(&["conflicts"])["items"].clone();
        let merged = all.as_array().unwrap().iter();
        let merged = merged.filter(|one| one["merged"].is_string()).count();
        assert_eq!(merged, conflicts, "{all:#}");
        let list = objects(&b, &["conflicts"]);
        (list, objects(&b, &["conflicts", &ids[0], "--keep", "1"]))
    };
    let ((one, keep), (six, _)) = (count(1), count(6));
    assert!(six < 2 * one, "{six} objects for six, {one} for one");
    // Keeping a text needs no merge, so the history is not walked while the write lock is held.
    assert!(
        keep < one / 2,
        "{keep} objects to keep one, {one} to list it"
    );
}
