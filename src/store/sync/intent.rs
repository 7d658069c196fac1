//! Intents: a record of what a process is about to push, written beside the replica id before the push.
//!
//! Their file is locked while the process lives, so the kernel shows which ones dead processes left.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::fault::point;
use crate::{lock, random, shared_files};

/// The parts of a push that both sides must agree on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The remote it goes to, by name or URL.
    #[serde(default)]
    pub remote: String,
    /// The remote's tip on which the push is based: once the remote has another one, a push that
    /// did not arrive can no longer arrive.
    #[serde(default)]
    pub before: Option<String>,
    /// Claims: uid of the item and id of the claim.
    pub claims: Vec<(String, String)>,
    /// Reservations that are valid only if the push arrives.
    pub reservations: Vec<String>,
    /// Uids of items whose ids count as published until the outcome is known.
    pub items: Vec<String>,
    /// The time when the last of its claims expires, milliseconds since the Unix epoch.
    pub until_ms: u64,
}

/// An intent on disk, held by this process.
pub struct Held {
    path: PathBuf,
    file: Option<File>,
    intent: Intent,
}

impl Intent {
    /// True if another one, which settles nothing, says nothing that this one does not say.
    fn covers(&self, other: &Intent) -> bool {
        let settles = !other.claims.is_empty() || !other.reservations.is_empty();
        let has = |item| self.items.contains(item);
        self.remote == other.remote && !settles && other.items.iter().all(has)
    }
}

fn folder(common_dir: &Path) -> PathBuf {
    lock::folder(common_dir).join("intents")
}

/// Writes an intent and holds it.
///
/// # Errors
/// When it cannot be written: then nothing may be pushed.
pub fn write(common_dir: &Path, intent: &Intent) -> Result<Held> {
    let folder = folder(common_dir);
    let fail = lock::unwritable(&folder);
    point("intent-folder")
        .and_then(|()| shared_files::create_dir_all(&folder))
        .map_err(&fail)?;
    let name = format!("{}-{}", std::process::id(), random::name()?);
    let temporary = folder.join(format!("{name}.tmp"));
    let path = folder.join(format!("{name}.json"));
    let text = serde_json::to_string(intent).map_err(|e| {
        Error::state(format!(
            "cannot record the push that is about to start: {e}"
        ))
    })?;
    point("intent-create").map_err(&fail)?;
    let mut file = OpenOptions::new()
        .create_new(true)
        .read(true)
        .write(true)
        .open(&temporary)
        .map_err(&fail)?;
    // Locked before it has its name: no process ever sees the intent of a live one unlocked.
    let _ = file.lock();
    point("intent-write")
        .and_then(|()| file.write_all(text.as_bytes()))
        .and_then(|()| file.sync_data())
        .inspect(|()| shared_files::share(&temporary))
        .and_then(|()| point("intent-rename"))
        .and_then(|()| std::fs::rename(&temporary, &path))
        .map_err(&fail)?;
    Ok(Held {
        path,
        file: Some(file),
        intent: intent.clone(),
    })
}

impl Held {
    /// The outcome is known: nothing remains to be settled.
    pub fn done(mut self) {
        let _ = point("intent-done").and_then(|()| std::fs::remove_file(&self.path));
        self.file.take();
    }

    /// The outcome is unknown: the intent is left for the process that finds out, unless an earlier
    /// attempt has left one for the same.
    pub fn leave(mut self, common_dir: &Path) {
        let (_, left) = read_others(common_dir, &self);
        if left.iter().any(|one| one.intent.covers(&self.intent)) {
            return self.done();
        }
        self.file.take();
    }
}

/// An intent whose process is gone.
#[derive(Clone, Debug)]
pub struct Orphan {
    path: PathBuf,
    /// The intent.
    pub intent: Intent,
}

impl Orphan {
    /// Removes it.
    pub fn remove(&self) {
        let _ = point("intent-clear").and_then(|()| std::fs::remove_file(&self.path));
    }
}

/// All intents in a clone: those of live processes, and those that dead ones left.
pub fn read_all(common_dir: &Path) -> (Vec<Intent>, Vec<Orphan>) {
    read_but(common_dir, None)
}

/// As [`read_all`], without the caller's own.
pub fn read_others(common_dir: &Path, own: &Held) -> (Vec<Intent>, Vec<Orphan>) {
    read_but(common_dir, Some(&own.path))
}

fn read_but(common_dir: &Path, own: Option<&Path>) -> (Vec<Intent>, Vec<Orphan>) {
    let (mut living, mut orphans) = (Vec::new(), Vec::new());
    let Ok(entries) = std::fs::read_dir(folder(common_dir)) else {
        return (living, orphans);
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|e| e != "json") || Some(path.as_path()) == own {
            continue;
        }
        let Ok(mut file) = File::open(&path) else {
            continue;
        };
        let alive = file.try_lock_shared().is_err();
        let mut text = String::new();
        let _ = file.read_to_string(&mut text);
        let intent: Intent = serde_json::from_str(&text).unwrap_or_default();
        if alive {
            living.push(intent);
        } else {
            orphans.push(Orphan { path, intent });
        }
    }
    (living, orphans)
}
