//! The costs of a run, as counts that are the same on every machine.
//!
//! Objects read, their bytes, index operations, programs started. Nothing is counted unless
//! requested, so it costs nothing otherwise; tests request it through the binary, see `GIT_PM_COSTS`
//! in docs/CONTRIBUTING.md.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// The counts of a process, over every repository it opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Costs {
    /// Requests for commits, trees and blobs, including repeated ones and those answered by a
    /// cache.
    pub objects_read: u64,
    /// Their bytes, uncompressed.
    pub bytes_read: u64,
    /// Instructions of the index's queries: this grows with the number of rows that a query
    /// examines, including those that it then skips.
    pub index_steps: u64,
    /// Rows of the index that were added, changed or removed.
    pub index_rows_written: u64,
    /// Programs started, git above all.
    pub programs: u64,
}

static COUNTING: AtomicBool = AtomicBool::new(false);
static OBJECTS: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);
static STEPS: AtomicU64 = AtomicU64::new(0);
static ROWS: AtomicU64 = AtomicU64::new(0);
static PROGRAMS: AtomicU64 = AtomicU64::new(0);

/// Starts counting.
pub fn begin() {
    COUNTING.store(true, Relaxed);
}

/// The counts so far. The index reports its rows when it is closed, so read them after that.
pub fn so_far() -> Costs {
    Costs {
        objects_read: OBJECTS.load(Relaxed),
        bytes_read: BYTES.load(Relaxed),
        index_steps: STEPS.load(Relaxed),
        index_rows_written: ROWS.load(Relaxed),
        programs: PROGRAMS.load(Relaxed),
    }
}

pub(super) fn are_counted() -> bool {
    COUNTING.load(Relaxed)
}

fn add(to: &AtomicU64, n: u64) {
    if are_counted() {
        to.fetch_add(n, Relaxed);
    }
}

pub(super) fn object(bytes: usize) {
    add(&OBJECTS, 1);
    add(&BYTES, bytes as u64);
}

pub(super) fn index_step() {
    add(&STEPS, 1);
}

pub(super) fn index_rows(n: u64) {
    add(&ROWS, n);
}

pub(super) fn program() {
    add(&PROGRAMS, 1);
}
