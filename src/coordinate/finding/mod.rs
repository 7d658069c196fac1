//! Which findings of reviewers stop the approval and the merge of an item's work.
//!
//! `lookup` finds them, `kept` tells other clones of those that stay, `record` writes what reviews find, `settle` what becomes of them, `summary` says how
//! many are open.

pub(crate) mod kept;
pub(crate) mod lookup;
pub(crate) mod private_findings;
pub(crate) mod record;
pub(crate) mod rounds;
pub(crate) mod settle;
pub(crate) mod summary;
pub mod view;

use crate::error::{Error, Hint, Reason, Result};
use crate::model::finding::Finding;
use crate::model::item::Item;
use crate::model::text::first_of;
use crate::pm::Pm;
use crate::pm::item_findings::KeptFindings;
use crate::store::state::State;

/// The number of findings that a refusal names.
const NAMED: usize = 3;

/// Refuses to approve or merge work with open findings that block it.
///
/// # Errors
/// Reason `finding.blocks`, with the findings.
pub(crate) fn require_none_blocks(pm: &Pm, state: &State<'_>, item: &Item) -> Result<()> {
    let mut all = lookup::findings_of(pm, state, &item.uid)?;
    all.retain(Finding::blocks);
    if all.is_empty() {
        return Ok(());
    }
    let id = state.shown_id(item);
    let (told, hidden): (Vec<&Finding>, Vec<&Finding>) =
        all.iter().partition(|one| lookup::is_for(pm, one));
    let here = KeptFindings {
        by: None,
        findings: kept::counts(hidden),
    };
    let mut named: Vec<String> = Vec::new();
    named.extend((told.len() < all.len()).then(|| here.to_string()));
    named.extend(
        told.iter()
            .map(|one| format!("{} ({})", one.id(), one.severity)),
    );
    let count = match all.len() {
        1 => "an open finding".to_string(),
        several => format!("{several} open findings"),
    };
    let error = Error::refused(format!(
        "{id} has {count} of severity P0 or P1: {}",
        first_of(&named, NAMED)
    ))
    .because(Reason::FindingBlocks)
    .about(&id)
    .hint(Hint::run(["finding", "list", &id], "shows what is wrong"))
    .hint(settle::answered_by(pm, state, item, &all[0]));
    Err(told.into_iter().take(1).fold(error, |error, first| {
        error.hint(Hint::run(
            ["finding", "dismiss", &first.id(), "--reason", "WHY"],
            "lets a human decide that one does not count",
        ))
    }))
}
