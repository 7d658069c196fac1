//! Locks that a killed process left, for which git waits.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::maintain::doctor::DoctorReport;
use crate::model::text::one_line;
use crate::pm::Pm;
use crate::store::lock::Lock;
use crate::store::remote_names::Remote;

/// A lock that exists for longer is probably not that of a running git.
const IN_USE: Duration = Duration::from_millis(300);

/// The greatest number of files to examine.
const FILES_MAX: usize = 20_000;

/// Reports the locks in this repository, and that of the state at a remote on this machine.
/// `held` is the writers' lock, whose note names the one that the next write removes.
pub(super) fn check_locks(pm: &Pm, held: Option<&mut Lock>, report: &mut DoctorReport) {
    let common = pm.store.repo().common_dir();
    let mut found: Vec<PathBuf> = ["config.lock", "packed-refs.lock", "HEAD.lock"]
        .map(|name| common.join(name))
        .into_iter()
        .filter(|path| path.exists())
        .collect();
    let mut left = FILES_MAX;
    collect(&common.join("refs"), &mut left, &mut found);
    let there = pm.main_remote().and_then(|remote| lock_at(pm, &remote));
    found.extend(there.clone());
    if found.is_empty() {
        return;
    }
    std::thread::sleep(IN_USE);
    found.retain(|path| path.exists());
    let ours = held.and_then(Lock::abandoned_note).and_then(|note| {
        let name = note.split(' ').next()?;
        Some(common.join(format!("{name}.lock")))
    });
    for path in found {
        let shown = one_line(&path.display().to_string());
        if Some(&path) == ours.as_ref() {
            let message =
                format!("{shown} was left by a killed command; the next write removes it");
            report.note("lock", message, Some("git pm sync"));
            continue;
        }
        let whose = match Some(&path) == there.as_ref() {
            true => "on the remote and blocks pushes of the state",
            false => "that git waits for",
        };
        let message = format!(
            "{shown} is a lock {whose}; the process that created it was killed or is still \
                 running"
        );
        let fix = format!("rm '{}'", shown.replace('\'', r"'\''"));
        report.fault("lock", message, &fix);
    }
}

/// The lock of the state's ref at a remote that is a folder of this machine.
fn lock_at(pm: &Pm, remote: &Remote) -> Option<PathBuf> {
    let url = remote.url(pm.store.repo());
    let url = url.strip_prefix("file://").unwrap_or(&url);
    let folder = pm.store.repo().git_at_home().dir().join(url);
    [folder.join(".git"), folder]
        .into_iter()
        .map(|git| git.join(format!("{}.lock", remote.state_ref)))
        .find(|path| path.exists())
}

/// The locks of refs below a folder.
fn collect(folder: &Path, left: &mut usize, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if *left == 0 {
            return;
        }
        *left -= 1;
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => collect(&path, left, out),
            Ok(kind) if kind.is_file() && path.extension().is_some_and(|e| e == "lock") => {
                out.push(path);
            }
            _ => {}
        }
    }
}
