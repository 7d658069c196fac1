//! The lock of the index, in which its owner notes the file's fingerprint, and the leftovers of builders.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::{Fault, Result};
use crate::fault::{self, point};
use crate::model::limits::INDEX_BUILD_TIME;
use crate::{lock, shared_files};

/// The properties by which an unchanged file is recognized.
pub(super) struct Fingerprint {
    length: u64,
    modified: u128,
    pub(super) inode: u64,
}

impl Fingerprint {
    pub(super) fn of(path: &Path) -> Result<Fingerprint> {
        let found = std::fs::metadata(path)?;
        let since = found
            .modified()?
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Ok(Fingerprint {
            length: found.len(),
            modified: since.as_nanos(),
            inode: std::os::unix::fs::MetadataExt::ino(&found),
        })
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.length, self.modified, self.inode)
    }
}

pub(super) fn lock_path(path: &Path) -> PathBuf {
    path.with_extension("lock")
}

fn lock_file(path: &Path) -> Result<File> {
    Ok(lock::open(&lock_path(path))?)
}

/// True if a file is unchanged since its last writer. Valid only while writers are excluded.
pub(super) fn is_sound(path: &Path, inode: u64) -> bool {
    let noted = std::fs::read_to_string(lock_path(path));
    Fingerprint::of(path).is_ok_and(|fingerprint| {
        fingerprint.inode == inode && noted.is_ok_and(|noted| noted == fingerprint.to_string())
    })
}

/// The right to change the index. The kernel releases it when its owner exits.
pub(super) struct Lock {
    file: File,
}

impl Lock {
    pub(super) fn acquire(path: &Path) -> Result<Lock> {
        point("index-lock")?;
        if let Some(folder) = path.parent() {
            shared_files::create_dir_all(folder)?;
        }
        let file = lock_file(path)?;
        match lock::wait(&file, INDEX_BUILD_TIME)? {
            true => Ok(Lock { file }),
            false => Err(Fault::Doubt("another process holds the index")),
        }
    }

    /// Forgets the fingerprint: the file is about to change, or gone. No process trusts it until
    /// the next note.
    pub(super) fn forget(&mut self) -> Result<()> {
        Ok(self.file.set_len(0)?)
    }

    /// Notes the file's fingerprint.
    pub(super) fn note(&mut self, fingerprint: &Fingerprint) -> Result<()> {
        let text = fingerprint.to_string();
        point("index-fingerprint")?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(text.as_bytes())?;
        point("index-fingerprint-length")?;
        self.file.set_len(text.len() as u64)?;
        Ok(())
    }

    pub(super) fn noted(&mut self) -> Option<String> {
        let mut text = String::new();
        self.file.seek(SeekFrom::Start(0)).ok()?;
        self.file.read_to_string(&mut text).ok()?;
        Some(text)
    }
}

pub(super) fn file_in(folder: &Path) -> PathBuf {
    folder.join("index.sqlite")
}

/// The files of the index in a folder whose names are `wanted`, except the lock: processes that
/// wait for it must find the same one.
pub(super) fn files(folder: &Path, wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("index.") && name != "index.lock" && wanted(&name) {
            found.push(entry.path());
        }
    }
    found.sort();
    found
}

/// True if only builders use files of that name.
pub(super) fn is_temporary(name: &str) -> bool {
    name.ends_with(".tmp") || name.ends_with(".tmp-journal")
}

pub(super) fn remove(paths: Vec<PathBuf>) -> Result<Vec<PathBuf>> {
    for path in &paths {
        if let Err(error) = fault::remove(path, "index-remove") {
            // We never make a folder of that name, but it is in the way.
            std::fs::remove_dir_all(path).map_err(|_| error)?;
        }
    }
    Ok(paths)
}

/// Removes the index in `folder` and all that belongs to it, under the lock, so that a builder does
/// not put one of an older state there afterwards. Returns the files that were there.
///
/// # Errors
/// When another process holds the lock for long, or the folder cannot be written.
pub fn discard(folder: &Path) -> Result<Vec<PathBuf>> {
    let path = file_in(folder);
    if !lock_path(&path).exists() && files(folder, |_| true).is_empty() {
        return Ok(Vec::new());
    }
    let mut lock = Lock::acquire(&path)?;
    let gone = remove(files(folder, |_| true))?;
    lock.forget()?;
    Ok(gone)
}

/// Removes the leftovers of killed builders in `folder`. Returns the files that were there; leaves
/// them to a running builder.
pub fn sweep(folder: &Path) -> Result<Vec<PathBuf>> {
    if left_over(folder).is_empty() {
        return Ok(Vec::new());
    }
    let lock = lock_file(&file_in(folder))?;
    match lock.try_lock() {
        Ok(()) => remove(left_over(folder)),
        Err(TryLockError::WouldBlock) => Ok(Vec::new()),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// The files that [`sweep`] would remove if no builder is running.
pub fn left_over(folder: &Path) -> Vec<PathBuf> {
    files(folder, is_temporary)
}
