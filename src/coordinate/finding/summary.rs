//! How many findings of an item are open, and which of them its views name.

use std::collections::{BTreeMap, HashSet};

use super::record::REVIEWS;
use super::{kept, lookup};
use crate::error::Result;
use crate::model::doc::Doc;
use crate::model::finding::Finding;
use crate::model::limits::FINDING_LINE_MAX;
use crate::model::stamp::rfc3339;
use crate::model::text::shorten;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::item_findings::{FindingLine, ItemFindings, KeptFindings, LastReview};
use crate::store::layout::Family;
use crate::store::state::State;

/// The number of findings that a view names.
const NAMED: usize = 20;

/// What an item's view says about its findings; none if it has no open ones and was never reviewed.
///
/// # Errors
/// When the state cannot be read.
pub(crate) fn of_item(pm: &Pm, state: &State<'_>, item: &Uid) -> Result<Option<ItemFindings>> {
    let mut open = lookup::findings_of(pm, state, item)?;
    open.retain(|one| one.status.is_open());
    let (mut open, hidden): (Vec<Finding>, Vec<Finding>) =
        open.into_iter().partition(|one| lookup::is_for(pm, one));
    let doc = state.doc(item);
    let mut kept: Vec<KeptFindings> = Vec::new();
    if hidden.iter().any(Finding::blocks) {
        let findings = kept::counts(hidden.iter().filter(|one| one.blocks()));
        kept.push(KeptFindings { by: None, findings });
    }
    kept.extend(doc.into_iter().flat_map(|doc| kept::elsewhere(pm, doc)));
    let last_review = doc.and_then(last_review);
    if open.is_empty() && kept.is_empty() && last_review.is_none() {
        return Ok(None);
    }
    open.sort_by_key(|one| !one.blocks());
    let mut by_severity = BTreeMap::new();
    for one in &open {
        *by_severity.entry(one.severity).or_default() += 1;
    }
    Ok(Some(ItemFindings {
        open: open.len(),
        blocking: open.iter().filter(|one| one.blocks()).count(),
        by_severity,
        worst: open.iter().take(NAMED).map(line).collect(),
        left_out: open.len().saturating_sub(NAMED),
        kept,
        last_review,
    }))
}

fn line(one: &Finding) -> FindingLine {
    FindingLine {
        id: one.id(),
        severity: one.severity,
        place: one.place(),
        claim: one.claim.clone(),
        blocks: one.blocks(),
    }
}

fn last_review(doc: &Doc) -> Option<LastReview> {
    let entries = doc.entries(REVIEWS).map(|(_, entry)| entry);
    let last = entries.max_by_key(|entry| entry.at.clone())?;
    let text = |name: &str| last.text(name).map(|text| shorten(text, FINDING_LINE_MAX));
    Some(LastReview {
        verdict: text("verdict").unwrap_or_default(),
        reviewers: text("reviewers").unwrap_or_default(),
        commit: text("commit"),
        by: text("by"),
        at: rfc3339(last.at.ms),
    })
}

/// Counts the open findings of items that the caller may read: all, and those that block. Only the
/// items that have findings are looked at.
///
/// # Errors
/// When the state cannot be read.
pub(crate) fn counts<'s>(
    pm: &Pm,
    state: &'s State<'_>,
) -> Result<impl Fn(&Uid) -> [usize; 2] + use<'s>> {
    let mut private = lookup::private(pm)?;
    private.retain(|one| lookup::is_for(pm, one));
    let folders = state.folders(Family::Finding).into_iter();
    let mut with: HashSet<Uid> = folders.map(|(item, _)| item).collect();
    let items = private
        .iter()
        .filter_map(|one| one.item.as_ref()?.uid.clone());
    with.extend(items);
    Ok(move |item: &Uid| match with.contains(item) {
        false => [0, 0],
        true => {
            let mut all = lookup::joined(state, &private, item);
            all.retain(|one| one.status.is_open());
            let blocking = all.iter().filter(|one| one.blocks());
            [all.len(), blocking.count()]
        }
    })
}
