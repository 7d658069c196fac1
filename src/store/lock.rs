//! The queue of local writers: an advisory lock on a file in the common git directory.
//!
//! The kernel releases it when its owner exits, so no process waits for a dead one. Without it, speed
//! is lost, not safety: the compare-and-swap of the ref remains.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::fault::point;
use crate::model::limits::{EXCHANGE_LOCK_TIME, WRITERS_LOCK_TIME};
use crate::shared_files;

/// The held lock; dropping it releases it to the next writer.
pub struct Lock {
    file: Option<File>,
}

/// The folder of git pm's own files in a common git directory.
pub fn folder(common_dir: &Path) -> PathBuf {
    common_dir.join("pm")
}

/// The error for one of our folders that cannot be written.
pub(crate) fn unwritable(folder: &Path) -> impl Fn(std::io::Error) -> Error {
    move |e| {
        let is_read_only = e.kind() == std::io::ErrorKind::ReadOnlyFilesystem;
        Error::io(format!("cannot write to {}", folder.display()), e).hint(match is_read_only {
            true => {
                "if a sandbox keeps an agent from writing there, open the git directory to it \
                 (codex: `--add-dir .git`)"
            }
            false => "check permissions and free disk space of the git directory",
        })
    }
}

/// Opens a file to be locked, creating it if there is none.
pub fn open(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    let options = options.create(true).truncate(false).read(true).write(true);
    let file = options.open(path)?;
    shared_files::share(path);
    Ok(file)
}

/// Waits for the lock of the store in `common_dir`.
pub fn acquire(common_dir: &Path) -> Result<Lock> {
    let folder = folder(common_dir);
    let fail = unwritable(&folder);
    point("lock-folder")
        .and_then(|()| shared_files::create_dir_all(&folder))
        .map_err(&fail)?;
    let file = point("lock-open")
        .and_then(|()| open(&folder.join("lock")))
        .map_err(&fail)?;
    // On a file system without locks, or with a writer that hangs, the swap decides.
    if !matches!(wait(&file, WRITERS_LOCK_TIME), Ok(true)) {
        return Ok(Lock { file: None });
    }
    point("lock-held").map_err(fail)?;
    Ok(Lock { file: Some(file) })
}

/// Waits until this process has the lock of a file; false if it took longer than `patience`. The
/// kernel wakes the next process faster than polling would; since that call has no time-out, a
/// thread makes it. A thread left behind releases the lock as soon as it gets it.
pub fn wait(file: &File, patience: Duration) -> std::io::Result<bool> {
    match file.try_lock() {
        Ok(()) => return Ok(true),
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(error)) => return Err(error),
    }
    if patience.is_zero() {
        return Ok(false);
    }
    let same = file.try_clone()?;
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::Builder::new().spawn(move || sender.send(same.lock()))?;
    match receiver.recv_timeout(patience) {
        Ok(locked) => locked.map(|()| true),
        Err(_) => Ok(false),
    }
}

/// Takes the lock of a file in a folder, which is made if it is missing; none if another process still has
/// it after `patience`.
///
/// # Errors
/// When the file cannot be made or locked.
pub fn held(folder: &Path, name: &str, patience: Duration) -> Result<Option<File>> {
    let path = folder.join(name);
    let fail = |e| Error::unwritten(format!("cannot lock {}", path.display()), e);
    shared_files::create_dir_all(folder).map_err(fail)?;
    let file = open(&path).map_err(fail)?;
    Ok(wait(&file, patience).map_err(fail)?.then_some(file))
}

/// Held while a state is exchanged with a remote: objects that were fetched or made for it may not
/// be reachable yet, and must not be swept. Any number of processes hold it at once.
pub fn exchanging(common_dir: &Path) -> Option<File> {
    let file = open_exchange(common_dir)?;
    file.lock_shared().ok()?;
    Some(file)
}

/// The turn to push, of the processes of one clone; `None` if it did not come in time.
pub fn turn(common_dir: &Path, patience: Duration) -> Option<File> {
    let folder = folder(common_dir);
    shared_files::create_dir_all(&folder).ok()?;
    let file = open(&folder.join("push.lock")).ok()?;
    matches!(wait(&file, patience), Ok(true)).then_some(file)
}

/// The opposite of [`exchanging`], for a sweep; `None` during an exchange. Without locks the sweep
/// continues.
pub fn alone(common_dir: &Path) -> Option<File> {
    let file = open_exchange(common_dir)?;
    match wait(&file, EXCHANGE_LOCK_TIME) {
        Ok(false) => None,
        _ => Some(file),
    }
}

fn open_exchange(common_dir: &Path) -> Option<File> {
    let folder = folder(common_dir);
    shared_files::create_dir_all(&folder).ok()?;
    open(&folder.join("exchange.lock")).ok()
}

/// A random time up to `limit`, so that writers that woke up together do not stay together.
pub fn jitter(limit: Duration) -> Duration {
    let mut byte = [0u8; 2];
    let _ = getrandom::fill(&mut byte);
    limit.mul_f64(f64::from(u16::from_ne_bytes(byte)) / 65536.0)
}

impl Lock {
    /// Runs an operation that takes one of git's locks. Meanwhile the lock file names it, such as
    /// by the ref that is swapped and its new value, so that the next owner can tell a lock that a
    /// dead writer of ours left from one of a live git.
    pub(crate) fn announcing<T>(&mut self, note: &str, run: impl FnOnce() -> T) -> T {
        self.announce(note);
        let done = run();
        self.announce("");
        done
    }

    /// Writes a note into the lock file; an empty one withdraws it.
    pub(crate) fn announce(&mut self, note: &str) {
        if let Some(file) = self.file.as_mut() {
            let _ = point("lock-empty").and_then(|()| file.set_len(0));
            let _ = file.seek(SeekFrom::Start(0));
            let _ = point("lock-announce").and_then(|()| file.write_all(note.as_bytes()));
        }
    }

    /// The previous owner's announcement, if it died before it withdrew it.
    pub fn abandoned_note(&mut self) -> Option<String> {
        let file = self.file.as_mut()?;
        let mut note = String::new();
        file.seek(SeekFrom::Start(0)).ok()?;
        file.read_to_string(&mut note).ok()?;
        (!note.is_empty()).then_some(note)
    }

    /// True if the lock is held.
    pub fn is_held(&self) -> bool {
        self.file.is_some()
    }
}
