//! Learnings whose files are gone from `HEAD`, or have changed considerably since the commit that
//! the learning names. Reads git objects in process, within a budget: a learning that would cost
//! more is not reported.

use std::cell::Cell;
use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::coordinate::reserve::pattern::comparison_budget::Effort;
use crate::coordinate::reserve::pattern::overlap::Case;
use crate::coordinate::reserve::pattern::{Path, Pattern};
use crate::model::learning::Learning;
use crate::store::git::repo::{EntryType, Oid, Repo};
use crate::store::layout;

/// The maximum number of tree entries read for one list.
const ENTRIES: usize = 200_000;

/// The maximum size of a file that is compared, in bytes, and the maximum number of files for one
/// learning.
const FILE_MAX: usize = 1 << 20;
const FILES_MAX: usize = 20;

/// The maximum number of file comparisons for one list.
const COMPARED: usize = 1_000;

/// A reason why a learning may no longer hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stale {
    /// A newer one replaces it.
    Superseded,
    /// More actors voted that it is not useful than that it is.
    VotedDown,
    /// None of its paths exists in `HEAD`.
    PathsGone,
    /// More than half of the lines of its files have changed since its commit.
    FilesChanged,
}

impl Stale {
    /// The reason in words.
    pub fn reason(self) -> &'static str {
        match self {
            Stale::Superseded => "superseded",
            Stale::VotedDown => "voted not useful",
            Stale::PathsGone => "its paths no longer exist",
            Stale::FilesChanged => "more than half of its files' lines have changed",
        }
    }
}

/// The comparison of learnings with the files of `HEAD`.
pub(super) struct Staleness<'r> {
    repo: &'r Repo,
    head: Option<Oid>,
    case: Case,
    effort: Effort,
    entries: Cell<usize>,
    compared: Cell<usize>,
}

impl<'r> Staleness<'r> {
    pub(super) fn new(repo: &'r Repo, case: Case) -> Self {
        let tree = |id| repo.commit(id).ok().map(|commit| commit.tree);
        Staleness {
            repo,
            head: repo.head_commit().and_then(tree),
            case,
            effort: Effort::default(),
            entries: Cell::new(ENTRIES),
            compared: Cell::new(COMPARED),
        }
    }

    /// The reason, if there is one.
    pub(super) fn of(&self, learning: &Learning) -> Option<Stale> {
        let head = self.head?;
        let patterns = Pattern::all_within(&learning.paths, &self.effort);
        if patterns.is_empty() {
            return None;
        }
        if !patterns.iter().any(|pattern| self.exists(head, pattern)) {
            return Some(Stale::PathsGone);
        }
        let commit = self.repo.parse_id(learning.commit.as_deref()?)?;
        let then = self.repo.commit(commit).ok()?.tree;
        self.have_changed(then, head, &patterns)
            .then_some(Stale::FilesChanged)
    }

    /// True if a tree has a path that a pattern matches, or if that cannot be decided cheaply.
    fn exists(&self, tree: Oid, pattern: &Pattern) -> bool {
        if let Some(path) = pattern.literal_path() {
            return self.repo.has_path(tree, &path).unwrap_or(true);
        }
        let matches = |path: &str| {
            let path = Path::new(path);
            let answer = pattern.matches_within(&path, self.case, &self.effort);
            answer.may()
        };
        self.any(tree, "", &matches).unwrap_or(true)
    }

    /// True if fewer than half of the lines of some files are still there.
    fn have_changed(&self, then: Oid, now: Oid, patterns: &[Pattern]) -> bool {
        let (mut all, mut kept) = (0, 0);
        for path in patterns
            .iter()
            .filter_map(Pattern::literal_path)
            .take(FILES_MAX)
        {
            let file = |tree| self.repo.file_at(tree, &path).ok().flatten();
            let Some(old) = file(then) else { continue };
            let left = self.compared.get();
            if left == 0 {
                return false;
            }
            self.compared.set(left - 1);
            let read = |id| self.repo.blob(id, FILE_MAX).ok().flatten();
            let Some(before) = read(old) else { continue };
            let lines = lines(&before);
            all += lines.values().sum::<usize>();
            kept += match file(now) {
                Some(new) if new == old => lines.values().sum(),
                Some(new) => match read(new) {
                    Some(after) => common(lines, &after),
                    None => return false,
                },
                None => 0,
            };
        }
        all > 0 && 2 * kept < all
    }

    /// True if a tree has a file that is wanted; `None` if the budget was spent first.
    fn any(&self, tree: Oid, folder: &str, wanted: &dyn Fn(&str) -> bool) -> Option<bool> {
        let (mut below, mut found) = (Vec::new(), false);
        let read = self.repo.each_entry(tree, |name, kind, id| {
            self.entries.set(self.entries.get().saturating_sub(1));
            let path = layout::below(folder, name);
            match kind {
                EntryType::Tree => below.push((path, id)),
                _ => found = found || wanted(&path),
            }
        });
        if read.is_err() || self.entries.get() == 0 {
            return None;
        }
        for (path, id) in below {
            if found {
                break;
            }
            found = self.any(id, &path, wanted)?;
        }
        Some(found)
    }
}

/// The lines of a file that are not empty, with their number.
fn lines(bytes: &[u8]) -> HashMap<&[u8], usize> {
    let mut out = HashMap::new();
    for line in bytes.split(|b| *b == b'\n') {
        let line = line.trim_ascii();
        if !line.is_empty() {
            *out.entry(line).or_default() += 1;
        }
    }
    out
}

/// The number of lines that a file still has.
fn common(mut old: HashMap<&[u8], usize>, new: &[u8]) -> usize {
    let mut kept = 0;
    for line in new.split(|b| *b == b'\n') {
        if let Some(left) = old.get_mut(line.trim_ascii())
            && *left > 0
        {
            *left -= 1;
            kept += 1;
        }
    }
    kept
}
