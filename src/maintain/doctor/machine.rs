//! The machine: free disk space for the git directory, and the clock.

use crate::error::Result;
use crate::maintain::doctor::DoctorReport;
use crate::model::stamp::{DAY_MS, rfc3339};
use crate::model::text;
use crate::pm::Pm;
use crate::store::join::commit::tick;

/// With fewer free bytes, a pack or a fetch may fail.
const SPACE_LOW: u64 = 200 * 1024 * 1024;

/// With fewer free bytes, any write of the state may fail.
const SPACE_OUT: u64 = 128 * 1024;

/// The tolerated difference between clocks, in milliseconds.
const SLACK_MS: u64 = 60_000;

pub(super) fn check_space(pm: &Pm, report: &mut DoctorReport) {
    let Some(free) = free_bytes(pm.store.repo().common_dir()) else {
        return;
    };
    let shown = format!(
        "{} free on the disk of the git directory",
        text::bytes(free)
    );
    if free < SPACE_OUT {
        report.fault("disk", shown, "df -h .");
    } else if free < SPACE_LOW {
        report.note("disk", shown, Some("df -h ."));
    } else {
        report.ok("disk", shown);
    }
}

/// A slow clock does not affect the order of writes, since a stamp is always greater than those
/// before it, but claims and reservations end by the clock.
pub(super) fn check_clock(pm: &Pm, report: &mut DoctorReport) -> Result<()> {
    let Ok(Some(tip)) = pm.store.tip() else {
        return Ok(());
    };
    let state = tick(&pm.store.repo().commit(tip)?).ms;
    let now = pm.now_ms();
    let fix = "set the clock of this machine (`timedatectl`)";
    if state > now.saturating_add(DAY_MS) {
        let message = format!(
            "the last write of the state is dated {}, more than a day after this machine's \
                time {}: that date is ignored",
            match rfc3339(state) {
                date if date.is_empty() => format!("{state} ms after 1970"),
                date => date,
            },
            pm.env().local_time(now)
        );
        report.note("clock", message, Some(fix));
    } else if state > now.saturating_add(SLACK_MS) {
        let message = format!(
            "this machine's clock is {} s behind the last write of the state",
            (state - now) / 1000
        );
        report.note("clock", message, Some(fix));
    } else {
        report.ok("clock", "consistent with the state".into());
    }
    Ok(())
}

/// Free bytes of a path's file system for users other than root.
fn free_bytes(path: &std::path::Path) -> Option<u64> {
    let stat = rustix::fs::statvfs(path).ok()?;
    Some(stat.f_bavail.saturating_mul(stat.f_frsize))
}
