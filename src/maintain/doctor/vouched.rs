//! What looks like a human's word in the state and is not: approvals and looser rules of everybody
//! that a plain commit wrote, or that are unsigned where signatures are required.

use crate::maintain::doctor::DoctorReport;
use crate::model::item::Item;
use crate::model::status::Status;
use crate::pm::Pm;
use crate::store::index::Scan;

/// How many approvals are followed to the commit that wrote them.
const APPROVALS: usize = 100;

impl Pm {
    /// Rules of everybody that hold although the state has looser values; says whether there are any.
    pub(super) fn check_held_rules(&self, report: &mut DoctorReport) -> bool {
        let held = match self.held_rules() {
            Ok(held) => held,
            Err(error) => {
                let hint = error.hints().first().map(ToString::to_string);
                let fix = hint.as_deref().unwrap_or("git pm fsck");
                report.fault("rules", error.message().to_string(), fix);
                return true;
            }
        };
        for held in held.iter() {
            report.fault("rules", held.why.clone(), &held.mend());
        }
        !held.is_empty()
    }

    /// Approvals of open work that `merge` does not count.
    pub(super) fn check_approvals(&self, report: &mut DoctorReport) {
        let Ok(state) = self.store.state() else {
            return;
        };
        let ready = |item: &Item| item.status == Status::ReadyForIntegration;
        let mut items = state.scan(&Scan::Open(None), ready, APPROVALS);
        items.retain(|item| item.approval.is_some());
        let found = match self.unvouched(&items) {
            Ok(found) => found,
            Err(error) => {
                report.fault("approvals", error.message().to_string(), "git pm fsck");
                return;
            }
        };
        for (item, why) in items.into_iter().zip(found) {
            if let Some(why) = why {
                let refused = self.not_vouched(&state, item, &why);
                let fix = format!("git pm log {} --show-signature", state.shown_id(item));
                report.fault("approvals", refused.message().to_string(), &fix);
            }
        }
    }
}
