//! The machine: free disk space for the git directory, and the clock.

use crate::error::Result;
use crate::maintain::doctor::DoctorReport;
use crate::model::stamp::{DAY_MS, rfc3339};
use crate::model::text;
use crate::pm::Pm;
use crate::store::join::commit::tick;
use crate::store::layout::MAIN;

/// With fewer free bytes, a pack or a fetch may fail.
const SPACE_LOW: u64 = 200 * 1024 * 1024;

/// With fewer free bytes, any write of the state may fail.
const SPACE_OUT: u64 = 128 * 1024;

/// The tolerated difference between clocks, in milliseconds.
const SLACK_MS: u64 = 60_000;

/// The number of reflog entries that are searched for clock jumps.
const REFLOG_ENTRIES: usize = 200;

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
    } else if let Some((before, after)) = jump(pm) {
        let message = format!(
            "the clock jumped back from {} to {} between two writes of this clone",
            pm.env().local_time(before),
            pm.env().local_time(after)
        );
        report.note("clock", message, Some(fix));
    } else {
        report.ok("clock", "consistent with the state".into());
    }
    Ok(())
}

/// The last backward jump between the times of two reflog entries.
fn jump(pm: &Pm) -> Option<(u64, u64)> {
    let log = pm.store.repo().common_dir().join("logs").join(MAIN);
    let text = std::fs::read_to_string(log).ok()?;
    let times: Vec<u64> = text
        .lines()
        .filter_map(|line| {
            let head = line.split('\t').next()?;
            let seconds: u64 = head.rsplit(' ').nth(1)?.parse().ok()?;
            Some(seconds * 1000)
        })
        .collect();
    let last = &times[times.len().saturating_sub(REFLOG_ENTRIES)..];
    last.windows(2)
        .rev()
        .find(|pair| pair[1].saturating_add(SLACK_MS) < pair[0])
        .map(|pair| (pair[0], pair[1]))
}

/// Free bytes of a path's file system for users other than root.
fn free_bytes(path: &std::path::Path) -> Option<u64> {
    let stat = rustix::fs::statvfs(path).ok()?;
    Some(stat.f_bavail.saturating_mul(stat.f_frsize))
}
