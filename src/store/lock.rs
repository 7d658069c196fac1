//! The queue of local writers: an advisory lock on a file in the common git directory. The kernel
//! drops it when its owner dies, so nobody waits for the dead. Losing it costs speed, not safety:
//! the compare-and-swap of the ref stays in place.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::store::fault::point;

/// How long a writer waits for its turn before it goes on without.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How long a sweep waits for an exchange to end.
const EXCHANGE_PATIENCE: Duration = Duration::from_millis(700);

/// The held lock; dropping it lets the next writer in.
pub struct Lock {
    file: Option<File>,
}

/// The folder of git pm's own files in a common git directory.
pub fn folder(common_dir: &Path) -> PathBuf {
    common_dir.join("pm")
}

/// Waits for the lock of the store in `common_dir`.
///
/// # Errors
/// When the folder cannot be made: the repository is read-only or the disk is full.
pub fn acquire(common_dir: &Path) -> Result<Lock> {
    let folder = folder(common_dir);
    let fail = |e: std::io::Error| {
        Error::io(format!("cannot write in {}", folder.display()), e)
            .hint("check permissions and free disk space of the git directory")
    };
    point("lock-folder")
        .and_then(|()| std::fs::create_dir_all(&folder))
        .map_err(fail)?;
    point("lock-open").map_err(fail)?;
    let file = OpenOptions::new()
        .create(true)
        .read(true)
        .write(true)
        .truncate(false)
        .open(folder.join("lock"))
        .map_err(fail)?;
    // On a file system without locks, or with a writer that hangs, the swap decides.
    if !matches!(wait(&file, PATIENCE), Ok(true)) {
        return Ok(Lock { file: None });
    }
    point("lock-held").map_err(fail)?;
    Ok(Lock { file: Some(file) })
}

/// Waits until this process has the lock of a file; false when it took longer than `patience`. The
/// kernel wakes whoever is next, which no polling is as quick as; as its call knows no end, a thread
/// waits for it. One that is left behind lets go of the lock as soon as it gets it.
///
/// # Errors
/// Where there are no locks.
pub(crate) fn wait(file: &File, patience: Duration) -> std::io::Result<bool> {
    match file.try_lock() {
        Ok(()) => return Ok(true),
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(error)) => return Err(error),
    }
    let same = file.try_clone()?;
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::Builder::new().spawn(move || tell.send(same.lock()))?;
    match told.recv_timeout(patience) {
        Ok(locked) => locked.map(|()| true),
        Err(_) => Ok(false),
    }
}

/// Held while a state is exchanged with a remote: what was fetched or made for it may be reached by
/// nothing yet, and must not be swept up. Any number hold it at once.
pub(crate) fn exchanging(common_dir: &Path) -> Option<File> {
    let file = open_exchange(common_dir)?;
    file.lock_shared().ok()?;
    Some(file)
}

/// The opposite of [`exchanging`], for a sweep; `None` while somebody exchanges. Where there are no
/// locks the sweep goes ahead.
pub(crate) fn alone(common_dir: &Path) -> Option<File> {
    let file = open_exchange(common_dir)?;
    match wait(&file, EXCHANGE_PATIENCE) {
        Ok(false) => None,
        _ => Some(file),
    }
}

fn open_exchange(common_dir: &Path) -> Option<File> {
    let folder = folder(common_dir);
    std::fs::create_dir_all(&folder).ok()?;
    OpenOptions::new()
        .create(true)
        .read(true)
        .write(true)
        .truncate(false)
        .open(folder.join("exchange.lock"))
        .ok()
}

/// Up to `limit`, so that writers that woke up together do not stay together.
pub(crate) fn jitter(limit: Duration) -> Duration {
    let mut byte = [0u8; 2];
    let _ = getrandom::fill(&mut byte);
    limit.mul_f64(f64::from(u16::from_ne_bytes(byte)) / 65536.0)
}

impl Lock {
    /// Notes in the lock file which ref is about to be swapped to what, so that the next owner can
    /// tell a ref lock that a dead writer of ours left from one of a living git.
    pub(crate) fn announce(&mut self, note: &str) {
        if let Some(file) = self.file.as_mut() {
            let _ = point("lock-empty").and_then(|()| file.set_len(0));
            let _ = file.seek(SeekFrom::Start(0));
            let _ = point("lock-announce").and_then(|()| file.write_all(note.as_bytes()));
        }
    }

    /// What the previous owner announced and never took back: it died in between.
    pub(crate) fn left_behind(&mut self) -> Option<String> {
        let file = self.file.as_mut()?;
        let mut note = String::new();
        file.seek(SeekFrom::Start(0)).ok()?;
        file.read_to_string(&mut note).ok()?;
        (!note.is_empty()).then_some(note)
    }

    /// Whether the lock is really held.
    pub fn is_held(&self) -> bool {
        self.file.is_some()
    }
}
