//! The locks of integrations: one in a repository, one of the queue, one of each checkout.
//!
//! The first serializes them, so that none takes another's half-updated checkout for local changes;
//! the others belong to the merge queue that runs, and to each checkout in which gates run.

use std::fs::{File, TryLockError};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::coordinate::worktree::path;
use crate::error::{Error, Reason, Result};
use crate::model::text::one_line;
use crate::store::fault::point;
use crate::store::{lock, shared_files};

/// The longest wait for another integration in the same repository.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until no other integration runs in this repository. The operating system releases the lock
/// when the process that holds it ends.
pub(super) fn wait(common: &Path) -> Result<File> {
    let lock = open(common, "integrate.lock")?;
    let end = Instant::now() + PATIENCE;
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::WouldBlock) if Instant::now() < end => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(TryLockError::WouldBlock) => {
                return Err(
                    Error::conflict("another merge is running in this repository")
                        .hint("run the command again when that merge is finished"),
                );
            }
            // A file system without locks: the compare-and-swap decides anyway.
            Err(TryLockError::Error(_)) => return Ok(lock),
        }
    }
}

/// Takes the lock of the merge queue for as long as the file is open: a second queue would build
/// the same candidates in the same worktrees.
///
/// # Errors
/// Kind `Conflict`, reason `queue.running`, if another process has it.
pub(in crate::work::task) fn hold_queue(common: &Path) -> Result<File> {
    let lock = open(common, "merge-queue.lock")?;
    match lock.try_lock() {
        Err(TryLockError::WouldBlock) => Err(Error::conflict(
            "another merge queue is running in this repository",
        )
        .because(Reason::QueueRunning)
        .hint("run the command again when that one is finished")),
        Ok(()) | Err(TryLockError::Error(_)) => Ok(lock),
    }
}

/// Takes the lock of a temporary checkout for as long as the file is open. The process that holds
/// it may remove what an earlier one left there.
///
/// # Errors
/// Kind `Conflict`, reason `checkout.in_use`, if another process has it.
pub(in crate::work::task) fn hold_checkout(common: &Path, name: &str) -> Result<File> {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    let lock = open(common, &format!("checkout-{:016x}.lock", hasher.finish()))?;
    match lock.try_lock() {
        Err(TryLockError::WouldBlock) => Err(Error::conflict(format!(
            "another process runs the gates in the checkout {}",
            one_line(name)
        ))
        .because(Reason::CheckoutInUse)
        .hint("run the command again when that process is finished")),
        Ok(()) | Err(TryLockError::Error(_)) => Ok(lock),
    }
}

fn open(common: &Path, name: &str) -> Result<File> {
    let folder = common.join("pm");
    let file = folder.join(name);
    let failed =
        |e: std::io::Error| Error::unwritten(format!("cannot lock {}", path::shown(&file)), e);
    point("merge-lock")
        .and_then(|()| shared_files::create_dir_all(&folder))
        .and_then(|()| lock::open(&file))
        .map_err(failed)
}
