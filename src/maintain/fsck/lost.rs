//! Tips of the state that could not be read and were gone on without.

use super::fsck_report::{Finding, Repaired};
use super::repair::written;
use crate::pm::Pm;
use crate::store::handle::lost_tips::LostTip;
use crate::store::layout::MAIN;

/// Each lost tip, until a repair looked for it.
pub(super) fn findings(pm: &Pm) -> Vec<Finding> {
    let finding = |tip: LostTip| {
        let message = format!(
            "it was at {}, which cannot be read, and went on from {}: {}",
            tip.id,
            tip.used,
            left(pm, &tip)
        );
        Finding::fault("tip-lost", MAIN, message).repairable()
    };
    pm.store.lost_tips().into_iter().map(finding).collect()
}

/// What became of each in a repair.
pub(super) fn looked_for(pm: &Pm) -> Vec<Repaired> {
    let told = |tip: LostTip| Repaired {
        code: "tip-lost".into(),
        object: tip.id.to_string(),
        done: left(pm, &tip),
    };
    pm.store.lost_tips().into_iter().map(told).collect()
}

fn left(pm: &Pm, tip: &LostTip) -> String {
    match written(pm.store.repo(), tip) {
        Some(docs) => format!("the {} documents that it wrote are still there", docs.len()),
        None => "nothing of it is here any more; another clone or a backup may have it".into(),
    }
}
