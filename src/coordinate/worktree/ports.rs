//! The ports of a linked worktree: a range that no other worktree of the clone has.
//!
//! It is recorded in the worktree's git directory, which goes with the worktree: so it stays the same
//! as long as the worktree is there, is free again afterwards, and is in no state.

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use crate::store::git::irregular;
use crate::store::{lock, shared_files};

/// The file with the first port and their number.
const FILE: &str = "pm-ports";

/// The longest wait for another process that assigns ports.
const PATIENCE: Duration = Duration::from_secs(10);

/// The ports that each worktree is to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// The lowest that is assigned.
    pub(crate) base: u16,
    /// Their number, at least 1.
    pub(crate) count: u16,
}

impl Wanted {
    /// The lowest port by default.
    pub(crate) const BASE: u16 = 20_000;
}

/// The ports of the worktree with this git directory.
pub(crate) fn recorded(git_dir: &Path) -> Option<Range<u16>> {
    let text = irregular::read(&git_dir.join(FILE))?;
    let (first, count) = text.trim_end().split_once(' ')?;
    let first: u16 = first.parse().ok().filter(|first| *first >= 1024)?;
    Some(first..first.checked_add(count.parse().ok()?)?)
}

/// The ports of the worktree with this git directory, which are assigned if it has none: the lowest
/// that no other one has.
///
/// # Errors
/// When the record cannot be written, or no ports are left.
pub(crate) fn of(common: &Path, git_dir: &Path, wanted: Wanted) -> std::io::Result<Range<u16>> {
    let folder = common.join("pm");
    shared_files::create_dir_all(&folder)?;
    let file = lock::open(&folder.join("ports.lock"))?;
    // On a file system without locks, two starts at the same moment may get the same.
    let _ = lock::wait(&file, PATIENCE);
    if let Some(known) = recorded(git_dir) {
        return Ok(known);
    }
    let linked = fs::read_dir(common.join("worktrees"));
    let linked = linked.into_iter().flatten().flatten();
    let taken: Vec<Range<u16>> = linked.filter_map(|dir| recorded(&dir.path())).collect();
    let mut starts = (wanted.base..=u16::MAX).step_by(usize::from(wanted.count));
    let free = starts.find_map(|first| {
        let range = first..first.checked_add(wanted.count)?;
        let meets = |other: &Range<u16>| other.start < range.end && range.start < other.end;
        (!taken.iter().any(meets)).then_some(range)
    });
    let free = free.ok_or_else(|| std::io::Error::other("all ports are in use by worktrees"))?;
    // Not through a link that something in the worktree left there.
    let record = git_dir.join(FILE);
    let _ = fs::remove_file(&record);
    fs::File::create_new(&record)
        .and_then(|mut file| {
            use std::io::Write as _;
            write!(file, "{} {}", free.start, wanted.count)
        })
        .map(|()| free)
}
