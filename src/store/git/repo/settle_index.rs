//! Makes the index of a new worktree sure of its files.
//!
//! Git takes a file that is as new as the index for one that may have changed since (racily clean):
//! `git status` reads all of them, and `git add` makes their objects once more. Of a worktree that
//! was just made these are all files, and an agent in a sandbox, which cannot renew the shared
//! objects, would write the whole tree again.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use gix::bstr::ByteSlice as _;
use gix::index::entry::{Mode, Stage, Stat};
use gix::index::fs::Metadata;
use gix::index::{File, Version, write};
use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, UTIME_OMIT, utimensat};

use super::Repo;
use crate::shared_files;

/// The seconds by which a file that is as new as its index becomes older.
const EARLIER: i64 = 2;

impl Repo {
    /// Makes the files of a worktree older than its index, if none was changed since git wrote it.
    /// Without success, git reads them again, as it would have.
    pub fn settle_index(&self, index: &Path, top: &Path) {
        let _ = settle(self.inner.object_hash(), index, top);
    }
}

fn settle(hash: gix::hash::Kind, file: &Path, top: &Path) -> Option<()> {
    let written = seconds(file.metadata().ok()?.modified().ok()?)?;
    let options = gix::index::decode::Options {
        thread_limit: Some(1),
        ..Default::default()
    };
    let mut index = File::at(file, hash, true, options).ok()?;
    // What gix would not write as it was.
    let is_special = index.is_sparse()
        || index.version() == Version::V4
        || index.link().is_some()
        || index.untracked().is_some()
        || index.fs_monitor().is_some();
    let place = |path: &[u8]| top.join(OsStr::from_bytes(path));
    let mut is_racy = false;
    for entry in index.entries() {
        if entry.stat.mtime.secs < written || entry.mode == Mode::COMMIT {
            continue;
        }
        let path = entry.path_in(index.path_backing());
        let is_same = of_file(&place(path.as_bytes()))? == entry.stat;
        if is_special || !is_same || entry.stage() != Stage::Unconflicted {
            return None;
        }
        is_racy = true;
    }
    if !is_racy {
        return None;
    }
    // The time that the index is about to have; it may be a second later.
    let now = seconds(SystemTime::now())?;
    for (entry, path) in index.entries_mut_with_paths() {
        if entry.stat.mtime.secs < now || entry.mode == Mode::COMMIT {
            continue;
        }
        let path = place(path.as_bytes());
        let times = Timestamps {
            last_access: Timespec {
                tv_sec: 0,
                tv_nsec: UTIME_OMIT,
            },
            last_modification: Timespec {
                tv_sec: i64::from(entry.stat.mtime.secs) - EARLIER,
                tv_nsec: 0,
            },
        };
        let before = entry.stat;
        // What was changed since the first look is not taken for what the index has.
        if of_file(&path)? != before {
            return None;
        }
        utimensat(CWD, &path, &times, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        entry.stat = of_file(&path)?;
        if (entry.stat.size, entry.stat.ino) != (before.size, before.ino) {
            return None;
        }
    }
    index.write(write::Options::default()).ok()?;
    shared_files::share(file);
    Some(())
}

fn of_file(path: &Path) -> Option<Stat> {
    Stat::from_fs(&Metadata::from_path_no_follow(path).ok()?).ok()
}

/// The seconds of a time, as an index has them.
fn seconds(time: SystemTime) -> Option<u32> {
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    u32::try_from(since.as_secs()).ok()
}
