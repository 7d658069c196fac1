//! One integration at a time in a repository, so that none takes the other's half-moved checkout
//! for somebody's local changes.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::coordinate::worktree::path;
use crate::error::{Error, Result};
use crate::store::fault::point;

/// How long another integration in the same repository is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until no other integration is under way in this repository. The lock is the operating
/// system's: it ends with the process that holds it, however that ends.
pub(super) fn wait(common: &Path) -> Result<File> {
    let folder = common.join("pm");
    let file = folder.join("integrate.lock");
    let failed = |e: std::io::Error| Error::unwritten(format!("locking {}", path::shown(&file)), e);
    let lock = point("merge-lock")
        .and_then(|()| std::fs::create_dir_all(&folder))
        .and_then(|()| File::create(&file))
        .map_err(failed)?;
    let end = Instant::now() + PATIENCE;
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::WouldBlock) if Instant::now() < end => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(TryLockError::WouldBlock) => {
                return Err(
                    Error::conflict("another merge is under way in this repository")
                        .hint("run it again when that is done"),
                );
            }
            // A file system without locks: the compare-and-swap is what decides anyway.
            Err(TryLockError::Error(_)) => return Ok(lock),
        }
    }
}
