//! The worktrees of the repository, and the one git runs in.

use std::path::{Path, PathBuf};

use super::{path, plain_list};
use crate::error::Result;
use crate::store::git::irregular;
use crate::store::git::process::{Git, path_of_bytes, path_of_line};

/// The key of the main work tree.
pub(super) const MAIN: &str = "main";

/// A registered worktree.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Worktree {
    /// Absolute. May not exist, see `prunable`.
    pub path: PathBuf,
    /// An opaque name without the folder's path: `main`, or the name of its private git directory.
    pub key: String,
    /// The short name of the branch it has checked out.
    pub branch: Option<String>,
    /// The commit it has checked out; none on a branch without commits and in a bare repository.
    pub head: Option<String>,
    /// Set for the entry of a bare repository, which has no files.
    pub bare: bool,
    /// Set if no branch is checked out.
    pub detached: bool,
    /// The reason why it is locked; empty if locked without one.
    pub locked: Option<String>,
    /// The reason why git would prune it, such as a deleted folder.
    pub prunable: Option<String>,
    /// Set for the repository's main work tree, as opposed to a linked one.
    pub main: bool,
}

impl Worktree {
    /// The private git directory, below the common one.
    pub(crate) fn private_dir(&self, common: &Path) -> PathBuf {
        if self.main {
            return common.to_path_buf();
        }
        let name = self.key.strip_prefix("worktrees/").unwrap_or(&self.key);
        common.join("worktrees").join(name)
    }

    /// True if its folder exists.
    pub(crate) fn present(&self) -> bool {
        !self.bare && self.path.join(".git").symlink_metadata().is_ok()
    }
}

/// Every worktree of the repository, the main one (or the bare repository) first. Works from any
/// folder of it, linked worktrees and submodules included.
pub fn list(git: &Git) -> Result<Vec<Worktree>> {
    let common = git.common_dir()?;
    let private = private_dirs(&common)?;
    if let Some(plain) = plain_list::read(git, &common, &private) {
        return Ok(plain);
    }
    let listed = || git.require(&["worktree", "list", "--porcelain", "-z"]);
    // Git fails if another process removes a worktree meanwhile.
    let out = listed().or_else(|_| listed()).or_else(|_| listed())?;
    let mut found: Vec<Worktree> = Vec::new();
    let mut record: Vec<&[u8]> = Vec::new();
    for line in out.stdout.split(|b| *b == 0) {
        if !line.is_empty() {
            record.push(line);
        } else if !record.is_empty() {
            let mut worktree = parse(&record);
            worktree.main = found.is_empty();
            if worktree.main {
                worktree.key = MAIN.to_string();
                if git.is_explicit() && !git.dir().join(".git").exists() {
                    // Only GIT_WORK_TREE says where it is.
                    worktree.path = git.dir().to_path_buf();
                    worktree.bare = false;
                    worktree.branch = current_branch(git)?;
                } else if !worktree.bare {
                    worktree.path = main_path(git, &common, worktree.path)?;
                }
            } else {
                worktree.key = key_of(&private, &worktree.path);
            }
            found.push(worktree);
            record.clear();
        }
    }
    Ok(found)
}

/// One record of `git worktree list --porcelain -z`.
fn parse(record: &[&[u8]]) -> Worktree {
    let mut worktree = Worktree::default();
    for line in record {
        let end = line.iter().position(|b| *b == b' ').unwrap_or(line.len());
        let value = line.get(end + 1..).unwrap_or_default();
        let text = || String::from_utf8_lossy(value).into_owned();
        match &line[..end] {
            b"worktree" => worktree.path = path_of_bytes(value),
            // A branch without commits is shown as a commit of zeros.
            b"HEAD" => worktree.head = Some(text()).filter(|h| h.bytes().any(|b| b != b'0')),
            b"branch" => {
                let name = text();
                let short = name.strip_prefix("refs/heads/").map(str::to_string);
                worktree.branch = Some(short.unwrap_or(name));
            }
            b"bare" => worktree.bare = true,
            b"detached" => worktree.detached = true,
            b"locked" => worktree.locked = Some(text()),
            b"prunable" => worktree.prunable = Some(text()),
            _ => {}
        }
    }
    worktree
}

/// The folder of the main work tree. Git derives it from the path of the git directory, which is
/// wrong if the two are apart: in a submodule (`core.worktree`), and for a separate git directory.
fn main_path(git: &Git, common: &Path, listed: PathBuf) -> Result<PathBuf> {
    if common.file_name().is_some_and(|n| n == ".git") && listed != common {
        return Ok(listed);
    }
    if path::same(&git.git_dir()?, common) {
        let top = git.run(&["rev-parse", "--show-toplevel"])?;
        if top.ok() && !top.stdout.is_empty() {
            return Ok(top.path());
        }
    }
    let mut dir = std::ffi::OsString::from("--git-dir=");
    dir.push(common);
    let args = [
        dir.as_os_str(),
        "config".as_ref(),
        "--get".as_ref(),
        "core.worktree".as_ref(),
    ];
    let configured = git.run(&args)?;
    if configured.ok() {
        return Ok(path::resolved(&common.join(configured.path())));
    }
    Ok(listed)
}

/// The private git directories' names with the folder each is for.
fn private_dirs(common: &Path) -> Result<Vec<(String, PathBuf)>> {
    let Ok(entries) = std::fs::read_dir(common.join("worktrees")) else {
        return Ok(Vec::new());
    };
    let mut dirs = Vec::new();
    for entry in entries.flatten() {
        irregular::refuse_any(&entry.path(), common, None)?;
        let Ok(bytes) = std::fs::read(entry.path().join("gitdir")) else {
            continue;
        };
        // Relative to the private directory where `worktree.useRelativePaths` is set (git 2.48).
        let link = entry.path().join(path_of_line(&bytes));
        let folder = link.parent().map(Path::to_path_buf).unwrap_or_default();
        dirs.push((entry.file_name().to_string_lossy().into_owned(), folder));
    }
    Ok(dirs)
}

pub(super) fn key_of(private: &[(String, PathBuf)], folder: &Path) -> String {
    let exact = private.iter().find(|(_, p)| p == folder);
    let name = exact
        .or_else(|| private.iter().find(|(_, p)| path::same(p, folder)))
        .map(|(name, _)| name.clone())
        .unwrap_or_default();
    // Distinct from that of the main work tree.
    match name == MAIN {
        true => format!("worktrees/{name}"),
        false => name,
    }
}

/// The short name of the branch that HEAD names where git runs, also one without commits; none
/// when HEAD is detached, as during a rebase.
pub fn current_branch(git: &Git) -> Result<Option<String>> {
    // Not `--short`: that becomes `heads/x` where a tag has the same name.
    let out = git.run(&["symbolic-ref", "--quiet", "HEAD"])?;
    if out.ok() {
        return Ok(out.text().strip_prefix("refs/heads/").map(str::to_string));
    }
    if out.code == Some(1) {
        return Ok(None);
    }
    git.require(&["symbolic-ref", "--quiet", "HEAD"])
        .map(|_| None)
}
