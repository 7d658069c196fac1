//! Which approvals and loosened shared rules do not count as decisions of a human.
//!
//! A plain commit wrote them, or they are unsigned although signatures are required.

use crate::coordinate::rules::unauthorized_changes;
use crate::maintain::doctor::DoctorReport;
use crate::model::item::Item;
use crate::model::status::Status;
use crate::pm::Pm;
use crate::store::index::Scan;
use crate::work::task::approval_provenance;

/// The greatest number of approvals whose commits are looked up.
const APPROVALS: usize = 100;

/// Reports shared rules that stay in force although the state has looser values; true if there
/// are any.
pub(super) fn check_held_rules(pm: &Pm, report: &mut DoctorReport) -> bool {
    let held = match unauthorized_changes::held_rules(pm) {
        Ok(held) => held,
        Err(error) => {
            report.error("rules", &error);
            return true;
        }
    };
    for held in held.iter() {
        report.fault("rules", held.why.clone(), &held.fix());
    }
    !held.is_empty()
}

/// Reports approvals of open work that `merge` does not accept.
pub(super) fn check_approvals(pm: &Pm, report: &mut DoctorReport) {
    let Ok(state) = pm.store.state() else {
        return;
    };
    let ready = |item: &Item| item.status == Status::ReadyForIntegration;
    let mut items = state.scan(&Scan::Open(None), ready, APPROVALS);
    items.retain(|item| item.approval.is_some());
    let found = match approval_provenance::unvouched(pm, &items) {
        Ok(found) => found,
        Err(error) => {
            report.fault("approvals", error.message().to_string(), "git pm fsck");
            return;
        }
    };
    for (item, why) in items.into_iter().zip(found) {
        if let Some(why) = why {
            let refused = approval_provenance::not_vouched(pm, &state, item, &why);
            let fix = format!("git pm log {} --show-signature", state.shown_id(item));
            report.fault("approvals", refused.message().to_string(), &fix);
        }
    }
}
