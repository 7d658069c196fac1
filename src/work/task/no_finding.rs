//! Refuses work that open findings block: those of this clone, and those that another clone keeps.

use super::{approval, approval_validity};
use crate::coordinate::finding::{self, kept};
use crate::coordinate::worktree::target;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::item::Item;
use crate::model::text::first_of;
use crate::pm::Pm;
use crate::store::state::State;

/// The number of clones that a refusal names.
const NAMED: usize = 3;

/// Refuses to approve or merge work with open findings that block it. What another clone keeps is not known
/// here, so the rules have to have read the same changes in this one, where they find it again.
///
/// # Errors
/// Reason `finding.blocks`.
pub(crate) fn require(pm: &Pm, state: &State<'_>, item: &Item) -> Result<()> {
    finding::require_none_blocks(pm, state, item)?;
    let Some(doc) = state.doc(&item.uid) else {
        return Ok(());
    };
    let kept = kept::elsewhere(pm, doc);
    if kept.is_empty() || kept::is_read_here(pm, doc, &changes(pm, state, item)?) {
        return Ok(());
    }
    let id = state.shown_id(item);
    let kept: Vec<String> = kept.iter().map(ToString::to_string).collect();
    Err(Error::refused(format!(
        "{id} has findings that block it: {}",
        first_of(&kept, NAMED)
    ))
    .because(Reason::FindingBlocks)
    .about(&id)
    .hint(Hint::run(
        ["review", &id],
        "reviews it in this clone; what it finds here decides",
    ))
    .hint(format!(
        "or they are settled or shared in the clone that keeps them: `git pm finding list {id}` there"
    )))
}

/// What is approved or merged, by the hash of its changes, or else its commit.
fn changes(pm: &Pm, state: &State<'_>, item: &Item) -> Result<String> {
    let commit = approval::work_of(pm, state, item)?;
    let target = target::target_of(pm, state, item, None)?;
    let patch = approval_validity::patch_of(pm, &commit, &target)?;
    Ok(patch.unwrap_or(commit))
}
