//! Unreadable tips of the state that were replaced by an earlier one.

use super::fsck_report::{Finding, Repaired};
use super::repair::written;
use crate::pm::Pm;
use crate::store::handle::lost_tips::LostTip;
use crate::store::layout::MAIN;

/// The lost tips that no repair has handled.
pub(super) fn findings(pm: &Pm) -> Vec<Finding> {
    let finding = |tip: LostTip| {
        let message = format!(
            "it was at {}, which cannot be read, and was reset to {}: {}",
            tip.id,
            tip.used,
            left(pm, &tip)
        );
        Finding::fault("tip-lost", MAIN, message).repairable()
    };
    pm.store.lost_tips().into_iter().map(finding).collect()
}

/// The result of a repair for each lost tip.
pub(super) fn repaired(pm: &Pm) -> Vec<Repaired> {
    let repaired = |tip: LostTip| Repaired::new("tip-lost", &tip.id.to_string(), left(pm, &tip));
    pm.store.lost_tips().into_iter().map(repaired).collect()
}

fn left(pm: &Pm, tip: &LostTip) -> String {
    match written(pm.store.repo(), tip) {
        Some(docs) => format!("all documents that it wrote still exist ({})", docs.len()),
        None => "none of its documents exist here; another clone or a backup may have them".into(),
    }
}
