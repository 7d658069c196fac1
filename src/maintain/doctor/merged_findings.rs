//! Finished work with findings that would have stopped its merge, and that are not settled.

use std::collections::BTreeMap;

use crate::coordinate::finding::lookup;
use crate::error::Result;
use crate::maintain::doctor::DoctorReport;
use crate::model::status::Status;
use crate::model::text::first_of;
use crate::model::uid::Uid;
use crate::pm::Pm;

/// The number of findings of an item that are named.
const NAMED: usize = 3;

pub(super) fn check_merged_findings(pm: &Pm, report: &mut DoctorReport) -> Result<()> {
    let Ok(state) = pm.store.state() else {
        return Ok(());
    };
    let mut open: BTreeMap<Uid, Vec<String>> = BTreeMap::new();
    let all = lookup::all(pm, &state)?;
    for one in all.iter().filter(|one| one.blocks()) {
        let item = one.item.as_ref().and_then(|item| item.uid.as_ref());
        let item = item.and_then(|uid| state.item(uid));
        let is_done = |status: &Status| status.is_closed() && *status != Status::Cancelled;
        if let Some(item) = item.filter(|item| is_done(&item.status)) {
            let named = format!("{} ({})", one.id(), one.severity);
            open.entry(item.uid.clone()).or_default().push(named);
        }
    }
    for (uid, named) in &open {
        let id = state.item(uid).map(|item| state.shown_id(item));
        let id = id.unwrap_or_default();
        let message = format!(
            "{id} is done with open findings: {}",
            first_of(named, NAMED)
        );
        report.fault("findings", message, &format!("git pm finding list {id}"));
    }
    if open.is_empty() {
        let none = "no finished work has an open finding of severity P0 or P1";
        report.ok("findings", none.into());
    }
    Ok(())
}
