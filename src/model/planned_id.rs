//! The uid of a PRD's plan, and the uid and birth id of an item that a plan creates.
//!
//! They follow from the PRD, the plan and the part alone, so two clones that approve one plan create
//! the same items, and an item has its names before the approval already. Pure.

use super::uid::Uid;

/// The uid of a PRD's plan.
pub fn plan_uid(prd: &Uid) -> Uid {
    Uid::derived(&["plan", prd.as_str()])
}

/// The uid of the item for a part of a plan: the same in every clone, before and after an approval.
pub fn planned_uid(plan: &Uid, part: &str) -> Uid {
    Uid::derived(&["planned", plan.as_str(), part])
}

/// The birth id of the item for a part of a plan, whose PRD's birth id is given.
pub fn planned_born(prd: &str, part: &str) -> String {
    format!("{prd}.{part}")
}
