//! Which parts of the shared git directory a sandbox may write.
//!
//! Those that a change of the state writes: new objects, the refs of the state, and files of git pm.
//! Packed objects, branches, hooks and configuration are read-only.

use std::path::{Path, PathBuf};

use crate::store::shared_files::create_dir_all;

/// The folders, which are created if missing.
pub(super) fn of_state(common: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = (0..=255)
        .map(|byte| common.join(format!("objects/{byte:02x}")))
        .collect();
    // The folders of git pm that are changed in place. Others, such as hooks and the options of
    // runs, determine what is executed.
    let others = ["refs/pm", "logs/refs/pm", "pm/seen", "pm/intents"];
    folders.extend(others.map(|folder| common.join(folder)));
    for folder in folders.iter().filter(|folder| !folder.is_dir()) {
        // If it cannot be created, git reports that when it needs it.
        let _ = create_dir_all(folder);
    }
    folders.extend(["pm/lock", "pm/replica.lock"].map(|file| common.join(file)));
    folders
}

/// The object stores from which the repository borrows, directly or indirectly.
pub(super) fn alternates(common: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    let mut open = vec![common.join("objects")];
    while let Some(store) = open.pop() {
        let listed = std::fs::read_to_string(store.join("info/alternates")).unwrap_or_default();
        for line in listed.lines().filter(|line| !line.starts_with('#')) {
            let other = store.join(line);
            if !line.is_empty() && !found.contains(&other) && found.len() < 100 {
                found.push(other.clone());
                open.push(other);
            }
        }
    }
    found
}
