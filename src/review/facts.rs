//! What is reviewed: the diff, the texts of the changed files, and what the project knows about them.

use std::collections::{BTreeMap, BTreeSet};

use crate::coordinate::here;
use crate::coordinate::reserve::guard::Guard;
use crate::coordinate::reserve::pattern::Pattern;
use crate::coordinate::reserve::pattern::comparison_budget::Effort;
use crate::coordinate::reserve::queue;
use crate::coordinate::worktree::work_ends::{self, Ends};
use crate::error::Result;
use crate::finding::diff::Diff;
use crate::finding::rules::{Change, Commit, Facts, Limits, is_lock};
use crate::model::item::Item;
use crate::model::settings;
use crate::pm::Pm;
use crate::pm::requester::Requester;
use crate::work::task::approval_validity;
use crate::work::task::branch_work::is_outside;
use crate::work::task::changed_texts::ChangedTexts;
use crate::work::task::human_paths;
use crate::work::task::owners;

/// The most commits whose messages are read.
const COMMITS: usize = 500;

/// An item's work, as reviewers read it.
pub(super) struct Reviewed {
    pub(super) diff: Diff,
    /// The texts of the changed files in the base.
    pub(super) old: BTreeMap<String, String>,
    /// Their texts in the reviewed commit.
    pub(super) new: BTreeMap<String, String>,
    pub(super) facts: Facts,
    /// All files of the reviewed commit.
    pub(super) files: BTreeSet<String>,
    /// The hash of the changes, whatever they are based on; see FORMAT-fields.
    pub(super) patch: Option<String>,
    /// The owners of the changed paths, by CODEOWNERS of the target.
    pub(super) owners: Vec<String>,
}

impl Reviewed {
    /// What the rules read.
    pub(super) fn change(&self) -> Change<'_> {
        Change {
            diff: &self.diff,
            old: &self.old,
            new: &self.new,
            facts: &self.facts,
        }
    }

    /// Reads the work between two ends, which is that of an item or of none.
    ///
    /// # Errors
    /// When it is larger than 64 MB, or git cannot read it.
    pub(super) fn read(pm: &Pm, item: Option<&Item>, ends: &Ends) -> Result<Reviewed> {
        let changed = ChangedTexts::read(pm, ends)?;
        let paths = changed.paths();
        let files = work_ends::paths(pm.store.repo(), changed.tree)?;
        let files: BTreeSet<String> = files.into_iter().collect();
        let facts = facts(pm, item, ends, (&paths, &files), changed.facts)?;
        let patch = approval_validity::patch_of(pm, &ends.commit.to_string(), &ends.target)?;
        Ok(Reviewed {
            diff: changed.diff,
            old: changed.old,
            new: changed.new,
            facts,
            files,
            patch,
            owners: owners::to_ask(pm, &ends.target, &paths)?,
        })
    }
}

fn facts(
    pm: &Pm,
    item: Option<&Item>,
    ends: &Ends,
    (paths, files): (&[String], &BTreeSet<String>),
    marked: Facts,
) -> Result<Facts> {
    let repo = pm.store.repo();
    let state = pm.store.snapshot()?;
    let case = here::case(pm);
    let effort = Effort::default();
    let planned = item.into_iter().flat_map(|item| &item.paths);
    let planned = Pattern::all_within(planned, &effort);
    let outside = (paths.iter()).filter(|path| is_outside(&planned, path, case, &effort));
    let standing = queue::ranked(&state, pm.now_ms(), case);
    let requester = Requester {
        branch: item.and_then(|item| item.branch.clone()),
        worktree: None,
        ..pm.requester()
    };
    let held = Guard::new(&state, &standing, case).held(paths, &requester);
    let lines = repo.number_of(&settings::DIFF_LINES);
    let ids = item.map_or_else(Vec::new, |item| {
        let shown = state.item(&item.uid).map(|item| state.shown_id(item));
        let others = [item.id.clone(), item.born.clone()];
        shown.into_iter().chain(others).collect()
    });
    let unproven = item
        .iter()
        .flat_map(|item| &item.acceptance)
        // What shows that a box of the text is met is in a comment.
        .filter(|one| !one.done || one.evidence.is_none() && one.nth_box().is_none());
    Ok(Facts {
        outside: outside.cloned().collect(),
        reserved: held.into_iter().map(|one| (one.path, one.holder)).collect(),
        protected: (human_paths::for_humans(pm, paths).into_iter().cloned()).collect(),
        locks: files.iter().filter(|path| is_lock(path)).cloned().collect(),
        commits: commits(pm, ends)?,
        ids,
        unproven: unproven.map(|one| one.text.clone()).collect(),
        limits: Limits {
            changed_lines: usize::try_from(lines).unwrap_or(usize::MAX),
            ..Limits::default()
        },
        ..marked
    })
}

/// The commits of the work, the newest first.
fn commits(pm: &Pm, ends: &Ends) -> Result<Vec<Commit>> {
    let limit = format!("--max-count={COMMITS}");
    let command = [
        "log",
        "-z",
        "--no-merges",
        "--no-show-signature",
        "--encoding=UTF-8",
        &limit,
        "--format=%H%x1f%s%x1f%b",
    ];
    let log = ends.commits(pm.store.repo(), &command)?;
    let commits: Vec<String> = log.names();
    let read = |text: &String| {
        let mut parts = text.splitn(3, '\u{1f}').map(str::to_string);
        Some(Commit {
            id: parts.next()?,
            subject: parts.next()?,
            body: parts.next()?,
        })
    };
    Ok(commits.iter().filter_map(read).collect())
}
