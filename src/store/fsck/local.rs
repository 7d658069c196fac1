//! Which files and refs of this clone alone are damaged or left over.

use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::git::repo::Oid;
use crate::handle::Store;
use crate::layout::{MAIN, PUBLISHED, TORN};
use crate::model::limits::TEMPORARY_FILE_MS;
use crate::sync::intent;

/// The prefix of the folders into which a backup is read back to verify it.
pub const VERIFYING: &str = "verify-";

/// The folder of copies of exports and of imported files.
pub const EXPORTS: &str = "exports";

/// A finding about this clone's own files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// Its stable code.
    pub code: &'static str,
    /// The file or ref that it is about.
    pub object: String,
    /// One sentence.
    pub message: String,
    /// The command that repairs it.
    pub fix: Option<&'static str>,
    /// True if it is more than a note.
    pub warning: bool,
}

/// Checks the pm folder, leftovers of dead processes and the refs of this clone.
pub fn look(store: &Store) -> Result<Vec<Local>> {
    let mut out = Vec::new();
    let folder = store.folder();
    let mut add = |code, object: &str, message: String, fix, warning| {
        out.push(Local {
            code,
            object: object.to_string(),
            message,
            fix,
            warning,
        });
    };
    let replica = folder.join("replica.json");
    if replica.exists() && store.known_replica().is_none() {
        let message = "the id of this clone was created in a different location, \
                       because the clone was \
                       copied, restored or moved; the next write creates a new id";
        let file = "pm/replica.json";
        add("replica-foreign", file, message.into(), None, false);
    }
    let common = store.repo().common_dir();
    let lock = format!("{MAIN}.lock");
    if common.join(&lock).exists() {
        let message = "another process is writing the ref, or died while doing so; if git pm left \
                       the lock, the next write removes it";
        let fix = Some("git pm doctor");
        add("ref-locked", &lock, message.into(), fix, true);
    }
    let (_, orphans) = intent::read_all(common);
    if !orphans.is_empty() {
        let count = orphans.len();
        let message =
            format!("pushes with an unknown outcome, because their process died: {count}");
        let fix = Some("git pm sync");
        add("intent-left", "pm/intents", message, fix, false);
    }
    for file in left_over(&folder, store.env().now_ms()) {
        let name = file.strip_prefix(common).unwrap_or(&file).display();
        let message = "a process died while it wrote this file".to_string();
        let fix = Some("git pm gc");
        add("temporary-left", &name.to_string(), message, fix, false);
    }
    for prefix in ["refs/pm-local/writing/", "refs/pm-local/fetch/"] {
        let left = store.repo().refs_under(prefix)?;
        if !left.is_empty() {
            let message = format!(
                "refs left by processes that died or may still be running: {}",
                left.len()
            );
            add("ref-left", prefix, message, None, false);
        }
    }
    if let Some(tip) = store.repo().ref_target(PUBLISHED)?
        && !matches!(store.readable(PUBLISHED, tip), Ok(found) if found == tip)
    {
        let message = "the published state cannot be read; the next sync restores it".to_string();
        let fix = Some("git pm sync");
        add("published-unreadable", PUBLISHED, message, fix, true);
    }
    Ok(out)
}

/// Temporary files under the pm folder that no process writes any more. Those of the index are
/// under its own lock.
pub fn left_over(folder: &Path, now_ms: u64) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for below in [folder.to_path_buf(), folder.join("intents")] {
        for entry in std::fs::read_dir(below).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let modified = entry.metadata().and_then(|m| m.modified()).ok();
            let age = modified
                .and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok())
                .map(|d| now_ms.saturating_sub(u64::try_from(d.as_millis()).unwrap_or(0)));
            let old = age.is_none_or(|age| age > TEMPORARY_FILE_MS);
            let temporary = name.ends_with(".tmp") && !name.starts_with("index.");
            if (temporary || name.starts_with(VERIFYING)) && old {
                out.push(entry.path());
            }
        }
    }
    out.sort();
    out
}

/// Folders under the pm folder that hold copies of what the state has or had.
pub fn copies(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let named = entries.filter(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name == TORN || name == EXPORTS || name.starts_with(VERIFYING)
    });
    named.map(|entry| entry.path()).collect()
}

/// The relation of the state's reflog to the tip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reflog {
    /// Its last entry is the tip.
    Fits,
    /// There is no reflog.
    Absent,
    /// Its last entry is another commit: the ref was moved past it.
    Behind,
}

/// Compares the reflog with the tip.
pub fn reflog(store: &Store, tip: Oid) -> Reflog {
    match store.repo().logged(MAIN).last() {
        None => Reflog::Absent,
        Some(last) if *last == tip => Reflog::Fits,
        Some(_) => Reflog::Behind,
    }
}
