//! Documents that several tests use, and helpers that write them into a repository.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{criteria, own, text};

/// The documents of testdata, by name.
pub fn documents() -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/plan");
    let mut all: Vec<(String, PathBuf)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "md"))
        .map(|path| {
            (
                path.file_stem().unwrap().to_str().unwrap().to_string(),
                path,
            )
        })
        .collect();
    all.sort();
    assert!(all.len() >= 8, "too few documents");
    all
}

/// The text of all tasks of a plan.
pub fn texts_of_tasks(plan: &Value) -> String {
    let mut out = String::new();
    for task in own(plan) {
        let all = [text(task, "title"), text(task, "description")];
        for part in all.into_iter().chain(criteria(task)) {
            out.push_str(part);
            out.push('\n');
        }
    }
    out
}
