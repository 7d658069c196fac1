//! Merged work that is no longer in its target, as after a forced push of it.

use crate::error::Result;
use crate::maintain::doctor::DoctorReport;
use crate::pm::Pm;
use crate::work::task::merge::lost_merges::lost_of_all;
use crate::work::task::start::missing_work;

pub(super) fn check_lost_merges(pm: &Pm, report: &mut DoctorReport) -> Result<()> {
    let Ok(state) = pm.store.state() else {
        return Ok(());
    };
    let lost = lost_of_all(pm, &state)?;
    for one in &lost {
        report.note("merges", one.message(), Some(&one.command));
    }
    let not_here = missing_work::not_here_lately(pm, &state);
    for said in &not_here {
        report.note("merges", said.clone(), Some("git pm sync"));
    }
    if lost.is_empty() && not_here.is_empty() {
        report.ok("merges", "merged work is in its target".into());
    }
    Ok(())
}
