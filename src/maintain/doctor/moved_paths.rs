//! Planned paths of open items that protect nothing since git renamed what they name.

use crate::coordinate::worktree::{followed_branch, target};
use crate::error::Result;
use crate::maintain::doctor::DoctorReport;
use crate::pm::Pm;
use crate::store::index::Scan;
use crate::work::moved_file::{LOOKUPS, moved_paths};

pub(super) fn check_moved_paths(pm: &Pm, report: &mut DoctorReport) -> Result<()> {
    let (Ok(state), Ok(target)) = (pm.store.state(), target::default_target(pm)) else {
        return Ok(());
    };
    let (at, mut lookups) = (followed_branch::counted_against(pm, &target)?, LOOKUPS);
    for item in state.scan(&Scan::Open(None), |item| !item.paths.is_empty(), usize::MAX) {
        let id = state.shown_id(item);
        for (_, said) in moved_paths(pm, &id, &at, &item.paths, &mut lookups)? {
            report.note("paths", said, None);
        }
    }
    Ok(())
}
