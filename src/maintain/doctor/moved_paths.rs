//! Planned paths of open items that protect nothing since git renamed what they name.

use crate::coordinate::worktree::{followed_branch, target};
use crate::error::Result;
use crate::maintain::doctor::DoctorReport;
use crate::pm::Pm;
use crate::store::index::Scan;
use crate::work::moved_file::{moved_paths, new_paths};

pub(super) fn check_moved_paths(pm: &Pm, report: &mut DoctorReport) -> Result<()> {
    let (Ok(state), Ok(target)) = (pm.store.state(), target::default_target(pm)) else {
        return Ok(());
    };
    let at = followed_branch::counted_against(pm, &target)?;
    let planned = state.scan(&Scan::Open(None), |item| !item.paths.is_empty(), usize::MAX);
    let paths = planned.iter().flat_map(|item| item.paths.clone());
    let moves = moved_paths(pm, &at, &paths.collect::<Vec<_>>())?;
    for item in planned {
        for (_, said) in new_paths(&moves, &state.shown_id(item), &item.paths) {
            report.note("paths", said, None);
        }
    }
    Ok(())
}
