//! Merged work that is no longer in its target, as after a forced push of it.

use crate::error::Result;
use crate::maintain::doctor::DoctorReport;
use crate::pm::Pm;
use crate::work::task::merge::lost_merges::lost_of_all;

pub(super) fn check_lost_merges(pm: &Pm, report: &mut DoctorReport) -> Result<()> {
    let Ok(state) = pm.store.state() else {
        return Ok(());
    };
    let lost = lost_of_all(pm, &state)?;
    for one in &lost {
        report.note("merges", one.message(), Some(&one.command));
    }
    if lost.is_empty() {
        report.ok("merges", "merged work is in its target".into());
    }
    Ok(())
}
