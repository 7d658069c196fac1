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

/// Appends commits without trailers to the state, one for each of these paths, whose file then ends in
/// the number of the commit; the first is at this time, in seconds since the Unix epoch.
fn write_into(repo: &Repo, paths: &[&str], first: usize) {
    let mut stream = String::new();
    for (n, path) in paths.iter().enumerate() {
        let from = match n {
            0 => format!("from {}\n", repo.tip("refs/pm/main")),
            _ => String::new(),
        };
        let (at, old) = (
            first + n,
            repo.git(&["show", &format!("refs/pm/main:{path}")])
                .ok()
                .out,
        );
        let (said, new) = (format!("write {n}"), format!("{old}\nLine {n}\n"));
        write!(
            stream,
            "commit refs/heads/line\nauthor A <a@b> {at} +0000\ncommitter A <a@b> {at} +0000\n\
             data {}\n{said}\n{from}M 100644 inline {path}\ndata {}\n{new}\n",
            said.len(),
            new.len()
        )
        .unwrap();
    }
    repo.feed("git", &["fast-import", "--quiet", "--force"], &stream)
        .ok();
    repo.git(&["update-ref", "refs/pm/main", "line"]).ok();
}

#[test]
fn the_log_of_an_item_has_every_commit_and_reads_few_folders_between_them() {
    let (_scene, repo) = set_up();
    let path_of = |id: &str| {
        let files = repo
            .git(&["ls-tree", "-r", "--name-only", "refs/pm/main"])
            .ok()
            .out;
        let file = files.lines().find(|line| line.contains(&format!("/{id}-")));
        file.unwrap().to_string()
    };
    let (one, other) = (repo.task("One", &[]), repo.task("Other", &[]));
    let (rare, usual) = (path_of(&one), path_of(&other));
    // Alone, side by side, and at the ends of runs of any length.
    let at = [0, 7, 8, 9, 40, 41, 399, 899];
    let paths: Vec<&str> = (0..900)
        .map(|n| {
            if at.contains(&n) {
                &rare[..]
            } else {
                &usual[..]
            }
        })
        .collect();
    write_into(&repo, &paths, 1_900_000_000);
    let log = repo.data(&["log", &one]);
    let found: Vec<&str> = log["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["message"].as_str().unwrap())
        .collect();
    let mut wanted: Vec<String> = at.iter().rev().map(|n| format!("write {n}")).collect();
    wanted.push(format!("task create {one}: One"));
    assert_eq!(found, wanted);
    // Each commit twice, and the folders of the ends of runs.
    let read = objects(&repo, &["log", &one]);
    assert!(read < 3 * 900, "{read} objects");
    // Commits from before its creation are not read at all.
    let young = repo.when("2031-01-01T00:00:00Z").task("Young", &[]);
    let read = objects(&repo, &["log", &young]);
    assert!(read < 100, "{read} objects");
    assert_eq!(
        repo.data(&["log", &young])["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}
