//! Locks that a killed process left: git waits for them, and nothing but a message of it names them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::maintain::doctor::DoctorReport;
use crate::model::text::one_line;
use crate::pm::Pm;
use crate::store::lock::Lock;
use crate::store::remote_names::Remote;

/// A lock that is still there after this long is not of a git that is at work on a ref.
const AT_WORK: Duration = Duration::from_millis(300);

/// How many files are looked at.
const LOOK_MAX: usize = 20_000;

impl Pm {
    /// The locks in this repository, and that of the state at a remote on this machine. `held` is
    /// the writers' lock, whose note names the one that the next write clears away.
    pub(super) fn check_locks(&self, held: Option<&mut Lock>, report: &mut DoctorReport) {
        let common = self.store.repo().common_dir();
        let mut found: Vec<PathBuf> = ["config.lock", "packed-refs.lock", "HEAD.lock"]
            .map(|name| common.join(name))
            .into_iter()
            .filter(|path| path.exists())
            .collect();
        let mut left = LOOK_MAX;
        collect(&common.join("refs"), &mut left, &mut found);
        let there = self.main_remote().and_then(|remote| self.lock_at(&remote));
        found.extend(there.clone());
        if found.is_empty() {
            return;
        }
        std::thread::sleep(AT_WORK);
        found.retain(|path| path.exists());
        let ours = held.and_then(Lock::left_behind).and_then(|note| {
            let name = note.split(' ').next()?;
            Some(common.join(format!("{name}.lock")))
        });
        for path in found {
            let shown = one_line(&path.display().to_string());
            if Some(&path) == ours.as_ref() {
                let message = format!("{shown} was left by a command that died; a write clears it");
                report.note("lock", message, Some("git pm sync"));
                continue;
            }
            let whose = match Some(&path) == there.as_ref() {
                true => "at the remote, which takes no push of the state meanwhile",
                false => "which git waits for",
            };
            let message =
                format!("{shown} is a lock {whose}: a killed process left it, or one is at work");
            let fix = format!("rm '{}'", shown.replace('\'', r"'\''"));
            report.fault("lock", message, &fix);
        }
    }

    /// The lock of the state's ref at a remote that is a folder of this machine.
    fn lock_at(&self, remote: &Remote) -> Option<PathBuf> {
        let url = remote.url(self.store.repo());
        let url = url.strip_prefix("file://").unwrap_or(&url);
        let folder = self.store.repo().git_at_home().dir().join(url);
        [folder.join(".git"), folder]
            .into_iter()
            .map(|git| git.join(format!("{}.lock", remote.state_ref)))
            .find(|path| path.exists())
    }
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
