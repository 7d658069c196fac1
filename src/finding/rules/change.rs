//! What the rules read: a diff, and what the caller knows about it.

use std::collections::{BTreeMap, BTreeSet};

use crate::diff::Diff;

/// A change under review.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// The diff against the merge base.
    pub diff: &'a Diff,
    /// The texts of changed files in the base, by the path there. Rules that need the whole file do
    /// without it, or are silent, where it is missing.
    pub old: &'a BTreeMap<String, String>,
    /// The texts of changed files in the reviewed commit, by path.
    pub new: &'a BTreeMap<String, String>,
    /// What else is known.
    pub facts: &'a Facts,
}

/// What the caller knows about a change. The default knows nothing, and rules without facts are silent.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The changed paths that the task did not declare; empty if it declared none at all.
    pub outside: BTreeSet<String>,
    /// The changed paths that somebody else has reserved, with the holder's name.
    pub reserved: BTreeMap<String, String>,
    /// The changed paths that the project protects.
    pub protected: BTreeSet<String>,
    /// The changed paths that `.gitattributes` marks with `linguist-generated`.
    pub generated: BTreeSet<String>,
    /// The changed paths that `.gitattributes` marks with `linguist-vendored`.
    pub vendored: BTreeSet<String>,
    /// The lock files of the reviewed commit, changed or not: the paths for which
    /// [`is_lock`](super::is_lock) is true.
    pub locks: BTreeSet<String>,
    /// The commits of the change.
    pub commits: Vec<Commit>,
    /// The ids of which each commit has to name one; empty if commits need not.
    pub ids: Vec<String>,
    /// The acceptance criteria without evidence.
    pub unproven: Vec<String>,
    /// How large a change may be.
    pub limits: Limits,
}

/// A commit of a change.
#[derive(Clone, Debug, Default)]
pub struct Commit {
    /// Its id, in full.
    pub id: String,
    /// The first line of its message.
    pub subject: String,
    /// The rest of its message.
    pub body: String,
}

/// How large a change may be before it is reported.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Added and removed lines, without those of lock files, generated and vendored files.
    pub changed_lines: usize,
    /// Bytes of a file.
    pub file_bytes: u64,
}

impl Default for Limits {
    /// 400 lines, above which reviewers find fewer defects per line, and 1 MB.
    fn default() -> Self {
        Self {
            changed_lines: 400,
            file_bytes: 1_000_000,
        }
    }
}
