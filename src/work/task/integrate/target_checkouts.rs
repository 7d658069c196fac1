//! The worktrees that have the target checked out: whether their files can be updated.
//!
//! It checks that, and updates them. Local changes in files that the integration does not touch stay.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::coordinate::worktree::list::{Worktree, list};
use crate::coordinate::worktree::save::TemporaryIndex;
use crate::coordinate::worktree::{branch, dirt, path};
use crate::error::{Error, Result};
use crate::model::limits::{LOCKED_PAUSE, LOCKED_TRIES};
use crate::store::git::process::{Git, path_of_bytes};

/// A file that differs between the old and the new target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Touched {
    bytes: Vec<u8>,
    status: u8,
}

impl Touched {
    /// Its name, for display.
    pub(super) fn name(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// The files that differ between two commits; a rename counts as two.
pub(super) fn touched(git: &Git, old: &str, new: &str) -> Result<Vec<Touched>> {
    let args = [
        "diff-tree",
        "-r",
        "-z",
        "--name-status",
        "--no-renames",
        old,
        new,
    ];
    let out = git.require(&args)?;
    let mut parts = out.stdout.split(|b| *b == 0);
    let mut found = Vec::new();
    while let (Some(status), Some(name)) = (parts.next(), parts.next()) {
        if let Some(status) = status.first() {
            found.push(Touched {
                bytes: name.to_vec(),
                status: *status,
            });
        }
    }
    Ok(found)
}

/// A worktree with the target checked out.
#[derive(Debug)]
pub(super) struct Checkout {
    /// Its folder.
    pub(super) path: PathBuf,
    git: Git,
    private: PathBuf,
}

impl Checkout {
    /// All worktrees that have the target checked out, or are rebasing it. One whose folder is gone
    /// has no files to update; one whose files exist but cannot be found is refused.
    pub(super) fn all(git: &Git, common: &Path, target: &branch::Tip) -> Result<Vec<Checkout>> {
        let name = target
            .full
            .strip_prefix("refs/heads/")
            .unwrap_or(&target.full);
        let mut found = Vec::new();
        for worktree in branch::holders(common, &list(git)?, name) {
            // Nothing in a work tree that GIT_WORK_TREE names shows that it is one.
            let is_named = worktree.main && git.is_explicit() && git.dir() == worktree.path;
            if is_named || worktree.present() {
                found.push(Checkout {
                    git: git.in_worktree(&worktree.path)?,
                    private: worktree.private_dir(common),
                    path: worktree.path,
                });
            } else if worktree.main || worktree.locked.is_some() {
                return Err(unreachable_files(&worktree, name));
            }
        }
        Ok(found)
    }

    /// Refuses when the files could not be updated from `old` to `new` without losing something.
    pub(super) fn require_movable(
        &self,
        target: &str,
        old: &str,
        new: &str,
        touched: &[Touched],
    ) -> Result<()> {
        let shown = path::shown(&self.path);
        let place = path::word(&self.path);
        if let Some(operation) = dirt::operation(&self.private).filter(|o| o != "bisect") {
            return Err(Error::refused(format!(
                "`{target}` is checked out in {shown}, where a {operation} is in progress"
            ))
            .hint(format!("finish or abort the {operation} there first")));
        }
        // Files that were only touched must not look changed. Exit code 1: some are.
        let refresh = || self.git.run(&["update-index", "-q", "--refresh"]);
        let mut refreshed = refresh()?;
        for _ in 0..LOCKED_TRIES {
            // Silent about a lock, which an editor's `git status` holds for a moment.
            if matches!(refreshed.code, Some(0 | 1)) || !refreshed.reason().is_empty() {
                break;
            }
            std::thread::sleep(LOCKED_PAUSE);
            refreshed = refresh()?;
        }
        if !matches!(refreshed.code, Some(0 | 1)) {
            return Err(Error::refused(format!(
                "the checkout of `{target}` in {shown} cannot be updated now: {}",
                match refreshed.reason() {
                    reason if reason.is_empty() => "its index.lock may be held".to_string(),
                    reason => reason,
                }
            ))
            .hint("wait for the git command that is running there, then run this command again"));
        }
        let mut dirty = self.changed(touched)?;
        dirty.extend(self.in_the_way(touched)?);
        if !dirty.is_empty() {
            dirty.sort();
            dirty.dedup();
            return Err(Error::refused(format!(
                "`{target}` is checked out in {shown}, with local changes in files that the merge \
                 touches: {}",
                path::some_of(&dirty)
            ))
            .hint(format!(
                "commit them there or move them elsewhere first: git -C {place} status"
            )));
        }
        // Git checks the rest itself, by the same rules as in the update.
        let trial = self
            .git
            .run(&["read-tree", "-n", "-m", "-u", KEEP, old, new])?;
        if trial.ok() {
            return Ok(());
        }
        Err(Error::refused(format!(
            "`{target}` is checked out in {shown}, where the files cannot be updated: {}",
            trial.last_lines()
        ))
        .hint(format!("see what blocks them: git -C {place} status")))
    }

    /// Updates index and files; the inner error is git's reason.
    pub(super) fn follow(&self, old: &str, new: &str) -> Result<Result<(), String>> {
        let args = ["read-tree", "-m", "-u", KEEP, old, new];
        let out = self.git.run_unlocked(&args)?;
        let done = out.ok().then_some(());
        Ok(done.ok_or_else(|| out.last_lines()))
    }

    /// As [`Checkout::follow`], where the index was not refreshed before.
    pub(super) fn follow_refreshed(&self, old: &str, new: &str) -> Result<Result<(), String>> {
        self.git.run(&["update-index", "-q", "--refresh"])?;
        self.follow(old, new)
    }

    /// Restores the files written by an update that failed half-way (a full disk, a filter that
    /// could not fetch). Git then has not written the index, which still has the old content. A
    /// file with anything but the new content is not ours, and stays.
    pub(super) fn restore(&self, new: &str, touched: &[Touched]) -> Result<()> {
        let index = TemporaryIndex::copy(&self.git, &self.private)?;
        index.git().require(&["read-tree", new])?;
        index.git().run(&["update-index", "-q", "--refresh"])?;
        let other = index.git().require(&[
            "diff-files",
            "--name-only",
            "-z",
            "--ignore-submodules=dirty",
        ])?;
        let other: HashSet<&[u8]> = other.stdout.split(|b| *b == 0).collect();
        let mut wanted = Vec::new();
        for one in touched {
            let file = self.path.join(path_of_bytes(&one.bytes));
            let ours = file.symlink_metadata().is_ok() && !other.contains(one.bytes.as_slice());
            match one.status {
                b'A' if ours => {
                    std::fs::remove_file(&file).map_err(|e| {
                        Error::io(format!("cannot remove {}", path::shown(&file)), e)
                    })?;
                    let parents = file.ancestors().skip(1).take_while(|p| *p != self.path);
                    for parent in parents {
                        // Removes empty folders only.
                        if std::fs::remove_dir(parent).is_err() {
                            break;
                        }
                    }
                }
                b'A' => {}
                b'D' if file.symlink_metadata().is_ok() => {}
                _ if ours || one.status == b'D' => {
                    wanted.extend_from_slice(&one.bytes);
                    wanted.push(0);
                }
                _ => {}
            }
        }
        let args = ["checkout-index", "-f", "-q", "-u", "-z", "--stdin"];
        let out = self.git.run_with(&args, Some(&wanted), None)?;
        if out.ok() {
            return Ok(());
        }
        Err(Error::state(out.last_lines()))
    }

    /// Touched files with local changes, staged or not. Submodules' own content does not count.
    fn changed(&self, touched: &[Touched]) -> Result<Vec<String>> {
        let out = self.git.require(&[
            "--no-optional-locks",
            "status",
            "--porcelain=v1",
            "-z",
            "--no-renames",
            "--untracked-files=no",
            "--ignore-submodules=all",
        ])?;
        let names: HashSet<&[u8]> = touched.iter().map(|t| t.bytes.as_slice()).collect();
        let mut found = Vec::new();
        for entry in out.stdout.split(|b| *b == 0) {
            let Some(name) = entry.get(3..) else {
                continue;
            };
            // A file where the merge needs a folder, or the reverse, counts as touched.
            let above = folders_above(name).any(|f| names.contains(f));
            let below = || {
                touched
                    .iter()
                    .any(|t| folders_above(&t.bytes).any(|f| f == name))
            };
            if names.contains(name) || above || below() {
                found.push(String::from_utf8_lossy(name).into_owned());
            }
        }
        Ok(found)
    }

    /// Untracked files, ignored ones included, where the merge adds new ones: git would overwrite
    /// them without asking.
    fn in_the_way(&self, touched: &[Touched]) -> Result<Vec<String>> {
        let gone: HashSet<&[u8]> = touched
            .iter()
            .filter(|t| t.status == b'D')
            .map(|t| t.bytes.as_slice())
            .collect();
        // On a file system that ignores case, `readme` exists while `README` is renamed.
        let gone_lower: HashSet<Vec<u8>> = gone.iter().map(|n| n.to_ascii_lowercase()).collect();
        let mut found = Vec::new();
        for new in touched.iter().filter(|t| t.status == b'A') {
            if gone_lower.contains(&new.bytes.to_ascii_lowercase()) {
                continue;
            }
            let file = |name: &[u8]| {
                let at = self.path.join(path_of_bytes(name));
                at.symlink_metadata().ok()
            };
            let blocked = folders_above(&new.bytes)
                .find(|f| file(f).is_some_and(|m| !m.is_dir()) && !gone.contains(f));
            if let Some(name) = blocked {
                found.push(String::from_utf8_lossy(name).into_owned());
                continue;
            }
            if folders_above(&new.bytes).any(|f| gone.contains(f)) {
                continue;
            }
            match file(&new.bytes) {
                None => {}
                Some(meta) if meta.is_dir() => found.extend(self.untracked_below(new)?),
                Some(_) => found.push(new.name()),
            }
        }
        Ok(found)
    }

    fn untracked_below(&self, folder: &Touched) -> Result<Vec<String>> {
        let mut literal = std::ffi::OsString::from(":(top,literal)");
        literal.push(path_of_bytes(&folder.bytes));
        let args: [&std::ffi::OsStr; 5] = [
            "ls-files".as_ref(),
            "--others".as_ref(),
            "-z".as_ref(),
            "--".as_ref(),
            &literal,
        ];
        Ok(self.git.require(&args)?.names())
    }
}

/// Leaves submodules' own checkouts where they are, whatever `submodule.recurse` says.
const KEEP: &str = "--no-recurse-submodules";

/// The parent folders of a path, outermost first.
fn folders_above(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    let slashes = name.iter().enumerate().filter(|(_, b)| **b == b'/');
    slashes.map(|(at, _)| &name[..at])
}

fn unreachable_files(worktree: &Worktree, name: &str) -> Error {
    let shown = path::shown(&worktree.path);
    let place = path::word(&worktree.path);
    let error = Error::refused(format!(
        "`{name}` is checked out in {shown}, but its files cannot be found"
    ));
    if worktree.main {
        error.hint("run the command from inside that checkout")
    } else {
        error.hint(format!(
            "if that folder was deleted: git worktree unlock {place}"
        ))
    }
}
