//! The output of a git process, and the meaning of its messages.

use std::borrow::Cow;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::model::limits::GIT_ERROR_LINES;

/// How lines begin that git adds to the errors of remotes; the line before them says more.
const AFTER_THE_REASON: &[&str] = &[
    "fatal: Could not read from remote repository.",
    "Please make sure you have the correct access rights",
    "and the repository exists.",
    "send-pack: unexpected disconnect while reading sideband packet",
    "fatal: the remote end hung up unexpectedly",
    "fatal: git-http-push failed",
    "error: failed to push some refs to ",
];

/// Parts of git's messages about a file that cannot be written on this machine.
const UNWRITTEN: &[&str] = &[
    "cannot update ref",
    "unable to write file",
    "unable to write loose object",
    "nable to create temporary",
    "insufficient permission for adding an object",
    ": Read-only file system",
    ": No space left on device",
    ": Disk quota exceeded",
];

/// A path as git prints it.
pub fn path_of_bytes(bytes: &[u8]) -> PathBuf {
    std::ffi::OsStr::from_bytes(bytes).into()
}

/// A path that git printed or wrote on a line of its own. Only the last line end is removed: a
/// folder's name may contain others.
pub fn path_of_line(line: &[u8]) -> PathBuf {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    path_of_bytes(line.strip_suffix(b"\r").unwrap_or(line))
}

/// The output of a finished git process.
#[derive(Debug, Clone)]
pub struct Output {
    /// The exit code; `None` when a signal or the time-out ended it.
    pub code: Option<i32>,
    /// Standard output, as it came.
    pub stdout: Vec<u8>,
    /// Standard error, lossily decoded.
    pub stderr: String,
    /// True if the time-out ended it.
    pub timed_out: bool,
}

impl Output {
    /// True if git exited with 0.
    pub fn ok(&self) -> bool {
        self.code == Some(0)
    }

    /// True if git gave up because another process is adding a worktree: many commands read the
    /// files of all worktrees, including one that has no content yet.
    pub(super) fn met_new_worktree(&self) -> bool {
        let reads = |line: &str| {
            line.contains("failed to read ")
                && line.contains("/worktrees/")
                && line.contains("/commondir")
        };
        !self.ok() && self.stderr.lines().any(reads)
    }

    /// Standard output as text without trailing line ends.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout)
            .trim_end_matches(['\n', '\r'])
            .to_string()
    }

    /// The output of a command that succeeded, else an error that names `what` and git's reason.
    pub fn checked(self, what: impl std::fmt::Display) -> Result<Output> {
        match self.ok() {
            true => Ok(self),
            false => Err(Error::state(format!("{what}: {}", self.reason()))),
        }
    }

    /// The non-empty parts of standard output between NUL bytes.
    pub fn parts(&self) -> impl Iterator<Item = &[u8]> {
        let parts = self.stdout.split(|b| *b == 0);
        parts.filter(|part| !part.is_empty())
    }

    /// As [`Output::parts`], lossily decoded.
    pub fn names<T: FromIterator<String>>(&self) -> T {
        let names = self.parts().map(String::from_utf8_lossy);
        names.map(Cow::into_owned).collect()
    }

    /// The one path that git printed on a line of its own.
    pub fn path(&self) -> PathBuf {
        path_of_line(&self.stdout)
    }

    /// The lines of standard output.
    pub fn lines(&self) -> Vec<String> {
        String::from_utf8_lossy(&self.stdout)
            .lines()
            .map(str::to_string)
            .collect()
    }

    /// The lock file that was in git's way, as its message names it.
    pub fn lock_file(&self) -> Option<String> {
        let between = |before: &str, after: &str| {
            let (_, rest) = self.stderr.split_once(before)?;
            let (name, _) = rest.split_once(after)?;
            Some(crate::model::text::one_line(name))
        };
        between("Unable to create '", "': File exists").or_else(|| {
            let config = between("could not lock config file ", ": File exists")?;
            Some(format!("{config}.lock"))
        })
    }

    /// The hint about the lock that blocked git.
    pub fn lock_hint(&self) -> Option<String> {
        self.lock_file().map(|file| left_lock(&file))
    }

    /// The last lines of standard error as one, for the user: a program that git starts, such as a
    /// filter, says more than the line in which git reports its failure.
    pub fn last_lines(&self) -> String {
        let said = |line: &&str| !line.is_empty() && !line.starts_with("hint:");
        let mut lines: Vec<&str> = self.stderr.lines().map(str::trim).filter(said).collect();
        // Git reports a filter's failure twice, first with its exit code.
        lines.dedup_by(|line, before| before.starts_with(*line));
        let last = lines[lines.len().saturating_sub(GIT_ERROR_LINES)..].join("; ");
        crate::model::text::escape_controls(&last)
    }

    /// True if git could not write a file on this machine; [`Output::reason`] says which.
    pub fn is_unwritten(&self) -> bool {
        self.stderr.lines().any(names_unwritten)
    }

    /// The last meaningful line of standard error, for the user.
    pub fn reason(&self) -> String {
        if self.timed_out {
            return "it did not answer in time".into();
        }
        let lines = self.stderr.lines().filter(|l| !l.trim().is_empty());
        let mut best = String::new();
        for line in lines {
            // An entry of a list, which belongs to the line before it.
            if line.starts_with('\t') && !best.is_empty() {
                best = format!("{best} {}", line.trim());
                continue;
            }
            let line = line.trim();
            // The lines after these are advice or consequences, and do not name the lock, the
            // folder or the cause.
            let is_last = ["Unable to create '", "detected dubious ownership"];
            if is_last.iter().any(|part| line.contains(part)) || names_unwritten(line) {
                let line = line.strip_prefix("error: ").unwrap_or(line);
                best = line.trim_start_matches("fatal: ").to_string();
                break;
            }
            let mut added = AFTER_THE_REASON.iter();
            if !best.is_empty() && added.any(|begin| line.starts_with(begin)) {
                continue;
            }
            let line = line
                .strip_prefix("fatal: ")
                .or_else(|| line.strip_prefix("error: "))
                .unwrap_or(line);
            if best.is_empty() || !line.starts_with("hint:") {
                best = line.to_string();
            }
        }
        crate::model::text::escape_controls(&best)
    }
}

/// True if a line of git's is about a file that cannot be written on this machine.
fn names_unwritten(line: &str) -> bool {
    let is_there = line.starts_with("remote:") || line.contains("remote unpack failed");
    !is_there && UNWRITTEN.iter().any(|part| line.contains(part))
}

/// The hint about a lock of git's that blocks us.
pub(super) fn left_lock(file: &str) -> String {
    format!(
        "if no git process is running in this repository, the lock was left behind by one that was \
         killed: remove {file}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_the_error_of_git_without_its_additions() {
        let reason = |stderr: &str| {
            Output {
                code: Some(128),
                stdout: Vec::new(),
                stderr: stderr.into(),
                timed_out: false,
            }
            .reason()
        };
        let advice = "fatal: Could not read from remote repository.\n\nPlease make sure you have \
                      the correct access rights\nand the repository exists.\n";
        assert_eq!(
            reason(&format!(
                "fatal: 'x' does not appear to be a git repository\n{advice}"
            )),
            "'x' does not appear to be a git repository"
        );
        assert_eq!(
            reason(&format!(
                "ssh: connect to host h port 22: Connection refused\n{advice}"
            )),
            "ssh: connect to host h port 22: Connection refused"
        );
        assert_eq!(reason(advice), "Could not read from remote repository.");
        assert_eq!(
            reason(
                "error: RPC failed; HTTP 413 curl 22 The requested URL returned error: 413\n\
                 send-pack: unexpected disconnect while reading sideband packet\n\
                 fatal: the remote end hung up unexpectedly\n"
            ),
            "RPC failed; HTTP 413 curl 22 The requested URL returned error: 413"
        );
    }
}
