//! Locks of git that a dead process of ours left behind.
//!
//! They are recognized by the note of their owner in the writers' lock, and cleared by the next
//! owner.

use std::path::Path;
use std::time::Duration;

use crate::fault::point;
use crate::lock::Lock;

/// The note of an owner while git writes the repository's configuration.
pub const CONFIG: &str = "config -";

/// Removes the lock of a git that wrote the configuration for a dead owner. Its content does not
/// identify it; the lock of a live git is gone, or replaced by another, a moment later.
fn clear_config_lock(path: &Path) {
    let look = || {
        let file = std::fs::metadata(path).ok()?;
        Some((file.len(), file.modified().ok()?))
    };
    let Some(seen) = look() else { return };
    std::thread::sleep(Duration::from_millis(150));
    if look() == Some(seen) {
        let _ = point("lock-clear").and_then(|()| std::fs::remove_file(path));
    }
}

/// Removes the ref lock of a dead writer: its owner announced the swap under our lock, which we
/// hold now, so it is not alive. A lock with other content belongs to another process.
pub(crate) fn clear_stale_ref_lock(lock: &mut Lock, common_dir: &Path) {
    let Some(note) = lock.abandoned_note() else {
        return;
    };
    if note == CONFIG {
        clear_config_lock(&common_dir.join("config.lock"));
    } else if let Some((name, new)) = note.trim().split_once(' ') {
        let path = common_dir.join(format!("{name}.lock"));
        let ours = |text: &str| text.trim().is_empty() || text.trim() == new;
        let stale = |path: &Path| std::fs::read_to_string(path).is_ok_and(|t| ours(&t));
        if stale(&path) {
            // An empty one might belong to another program that is just writing it.
            std::thread::sleep(Duration::from_millis(30));
            if stale(&path) {
                let _ = point("lock-clear").and_then(|()| std::fs::remove_file(&path));
            }
        }
    }
    lock.announce("");
}
