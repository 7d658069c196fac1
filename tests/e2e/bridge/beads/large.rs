//! Large imports are written while they are read, with the same result as small ones.

use std::fmt::Write;

use super::{export, import, ready, same};
use crate::support::{Repo, commits};

fn file(n: usize) -> String {
    let mut text = String::new();
    for i in 0..n {
        let _ = write!(
            text,
            "{{\"id\":\"bd-{i:04}\",\"title\":\"Number {i}\",\"status\":\"open\",\"priority\":2,\"issue_type\":\"task\",\"created_at\":\"2026-01-01T00:00:00Z\",\"updated_at\":\"2026-01-01T00:00:00Z\""
        );
        // Two depend on each other, one on a child of its own parent, the others on an earlier one.
        let edge = match i {
            7 => Some((9, "blocks")),
            9 => Some((7, "blocks")),
            20 => Some((21, "parent-child")),
            22 => Some((21, "parent-child")),
            21 => Some((20, "blocks")),
            _ if i % 3 == 0 && i > 30 => Some((i - 30, "blocks")),
            _ => None,
        };
        if let Some((to, kind)) = edge {
            let _ = write!(
                text,
                ",\"dependencies\":[{{\"issue_id\":\"bd-{i:04}\",\"depends_on_id\":\"bd-{to:04}\",\"type\":\"{kind}\",\"created_at\":\"2026-01-01T00:00:00Z\"}}]"
            );
        }
        if i % 50 == 1 {
            let _ = write!(
                text,
                ",\"comments\":[{{\"id\":{i},\"issue_id\":\"bd-{i:04}\",\"author\":\"e\",\"text\":\"first\",\"created_at\":\"2026-01-01T00:00:00Z\"}}]"
            );
        }
        text += "}\n";
    }
    text + "{\"id\":\"bd-0005\",\"title\":\"twin\",\"updated_at\":\"2026-01-01T00:00:00Z\"}\n"
}

fn tree(repo: &Repo, folder: &str) -> String {
    let name = format!("refs/pm/main:{folder}");
    repo.git(&["rev-parse", &name]).ok().text()
}

fn messages(report: &serde_json::Value) -> Vec<String> {
    let all = report["warnings"].as_array().unwrap().iter();
    let mut all: Vec<String> = all
        .map(|w| format!("{} {}", w["id"], w["message"]))
        .collect();
    all.sort();
    all
}

#[test]
fn a_large_import_is_one_commit_and_one_pack_and_equals_small_imports() {
    let (scene, repo) = ready();
    let text = file(400);
    let before = commits(&repo);
    let report = import(&repo, &text).ok().data();
    assert_eq!(report["created"], 401);
    assert_eq!(report["comments"], 8);
    assert_eq!(commits(&repo), before + 1);
    same("a large file", &export(&repo), &text);
    let folder = repo.path.join(".git/objects/pack");
    let names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(
        names.len(),
        2,
        "a pack, its index and nothing else: {names:?}"
    );
    repo.git(&["fsck", "--strict"]).ok();
    repo.pm(&["fsck"]).ok();
    let warnings = messages(&report);
    assert!(
        warnings.iter().any(|w| w.contains("creates a cycle")),
        "{warnings:?}"
    );
    assert!(
        warnings
            .iter()
            .any(|w| w.contains("record number 2 with this id")),
        "{warnings:?}"
    );
    // In a store with items, every record is compared with them.
    let small = scene.set_up("small");
    small.task("something", &[]);
    let again = import(&small, &text).ok().data();
    assert_eq!(messages(&again), warnings);
    for id in ["bd-0031", "bd-0007", "bd-0399"] {
        let show = |repo: &Repo| repo.data(&["issue", "show", id]);
        assert_eq!(show(&repo)["title"], show(&small)["title"]);
        assert_eq!(show(&repo)["depends_on"], show(&small)["depends_on"]);
    }
    assert_eq!(tree(&repo, "comments"), tree(&small, "comments"));
    // A second import finds all items unchanged.
    assert_eq!(import(&repo, &text).ok().data()["unchanged"], 401);
    assert_eq!(commits(&repo), before + 1);
}

#[test]
fn a_dry_run_of_a_large_import_leaves_no_files() {
    let (_scene, repo) = ready();
    let text = file(400);
    let before = commits(&repo);
    let ran = repo.feed(
        crate::support::binary(),
        &["--json", "import", "beads", "--dry-run", "-"],
        &text,
    );
    assert_eq!(ran.ok().data()["created"], 401);
    assert_eq!(commits(&repo), before);
    let folder = repo.path.join(".git/objects/pack");
    let left = std::fs::read_dir(folder).map_or(0, Iterator::count);
    assert_eq!(left, 0);
}

#[test]
fn an_input_that_can_be_read_only_once_gives_the_same_as_a_file() {
    let (scene, repo) = ready();
    // More than an import keeps in memory, and the last line has no end.
    let long = "word ".repeat(80_000);
    let record = |n: usize| {
        format!(
            "{{\"id\":\"bd-{:02}\",\"title\":\"Number {n}\",\"description\":\"{long}\",\"updated_at\":\"2026-01-01T00:00:00Z\"}}",
            12 - n
        )
    };
    let text = (0..12).map(record).collect::<Vec<_>>().join("\n");
    assert_eq!(import(&repo, &text).ok().data()["created"], 12);
    let other = scene.set_up("other");
    other.write("beads.jsonl", &text);
    other.pm(&["import", "beads", "beads.jsonl"]).ok();
    assert_eq!(tree(&repo, "issues"), tree(&other, "issues"));
    same("from a pipe", &export(&repo), &text);
    same("from a file", &export(&other), &text);
}
