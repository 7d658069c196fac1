//! The numbers that items had in this clone until an exchange gave them others, from a note of the clone.
//!
//! The state knows the first id of an item alone: of what was imported, or approved in two clones, that is
//! none of its numbers.

use super::State;
use crate::document_cache::Shared;
use crate::error::Result;
use crate::git::repo::{Oid, Repo};
use crate::layout::Family;
use crate::model::uid::Uid;
use crate::{tree_diff, whole_file};

/// The name of the note.
const NOTE: &str = "former-ids";

/// The greatest number of ids in the note.
const NOTED_MAX: usize = 1_000;

/// Numbers that items have lost, each with its item.
pub type LostIds = Vec<(String, Uid)>;

/// A number that an item had in this clone, the item, and when it lost the number, in milliseconds.
pub(super) type FormerId = (String, Uid, u64);

fn noted(repo: &Repo) -> Vec<FormerId> {
    let text = whole_file::noted(repo.common_dir(), NOTE);
    let read = |text: String| serde_json::from_str(&text).ok();
    text.and_then(read).unwrap_or_default()
}

/// The numbers that items have in one commit and not in a later one.
///
/// # Errors
/// When a tree cannot be read.
pub fn lost_between(repo: &Repo, shared: &Shared, [before, after]: [Oid; 2]) -> Result<LostIds> {
    let [before, after] = [repo.commit(before)?.tree, repo.commit(after)?.tree];
    let changes = tree_diff::changes(repo, before, after, usize::MAX)?;
    let mut lost = Vec::new();
    for change in changes.unwrap_or_default() {
        let (Some(old), Some(new), Family::Item(_)) = (change.old, change.new, change.family)
        else {
            continue;
        };
        let read = |oid| shared.loaded(repo, oid, &change.path, change.family);
        if let (Ok(old), Ok(new)) = (read(old), read(new))
            && old.doc.is_live()
            && old.doc.shown_id() != new.doc.shown_id()
        {
            lost.push((old.doc.shown_id().to_string(), old.doc.uid.clone()));
        }
    }
    Ok(lost)
}

/// Notes numbers that items of this clone have lost. A change that is not made after all loses none.
pub fn note(repo: &Repo, lost: LostIds, now_ms: u64) {
    if lost.is_empty() {
        return;
    }
    let mut all = noted(repo);
    all.retain(|(id, uid, _)| !lost.iter().any(|one| (&one.0, &one.1) == (id, uid)));
    all.extend(lost.into_iter().map(|(id, uid)| (id, uid, now_ms)));
    let first = all.len().saturating_sub(NOTED_MAX);
    let text = serde_json::to_string(&all[first..]).unwrap_or_default();
    whole_file::note(repo.common_dir(), NOTE, &text);
}

impl State<'_> {
    /// What the note says, the latest last.
    pub(super) fn former_ids(&self) -> &[FormerId] {
        self.former.get_or_init(|| noted(self.repo))
    }
}
