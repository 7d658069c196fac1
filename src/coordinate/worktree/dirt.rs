//! The work in a worktree that removing its folder would lose.
//!
//! Reads only (except for a temporary index in the private git directory).

use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::Path;

use super::remove::{REMOVING, refuse_unsaved_submodule};
use super::{branch, nested, path, save::TemporaryIndex};
use crate::error::{Error, Hint, Result};
use crate::store::git::process::{Git, path_of_bytes};

/// The work that would be lost with a worktree's folder. Ignored files are not counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Dirt {
    /// Files whose staged content differs from HEAD's.
    pub staged: Vec<String>,
    /// Tracked files whose content differs from the staged one, including those whose changes git
    /// ignores (`assume-unchanged`, `skip-worktree`).
    pub modified: Vec<String>,
    /// Files that are neither tracked nor ignored.
    pub untracked: Vec<String>,
    /// The operation in progress: `merge`, `rebase`, `cherry-pick`, `revert`, `bisect`.
    pub operation: Option<String>,
    /// The checked-out commit, when no branch, tag or other ref contains it.
    pub unreferenced: Option<String>,
    /// Initialized submodules, whose git directory is removed with the worktree; before a removal
    /// only those with work that is on none of their remotes.
    pub submodules: Vec<String>,
    /// Untracked repositories inside it; before a removal also others, such as ignored ones, with
    /// commits or changes that exist nowhere else.
    pub nested: Vec<String>,
}

impl Dirt {
    /// True if everything is committed and no operation is in progress.
    pub fn is_clean(&self) -> bool {
        let names = [&self.staged, &self.modified, &self.untracked, &self.nested];
        names.iter().all(|n| n.is_empty()) && self.operation.is_none()
    }

    /// True if nothing would be lost with the folder. Stricter than clean: a commit on no branch
    /// and the repositories of initialized submodules would be lost too.
    pub fn loses_nothing(&self) -> bool {
        *self == Dirt::default()
    }

    /// A short description with the first few names.
    pub fn summary(&self) -> String {
        let mut parts = Vec::new();
        let mut count = |names: &[String], what: &str| {
            if !names.is_empty() {
                let few: Vec<String> = names.iter().take(3).cloned().collect();
                let more = if names.len() > 3 { ", …" } else { "" };
                let named = path::some_of(&few);
                parts.push(format!("{} {what} ({named}{more})", names.len()));
            }
        };
        count(&self.staged, "staged");
        count(&self.modified, "modified");
        count(&self.untracked, "untracked");
        count(&self.nested, "nested repositories");
        count(&self.submodules, "initialized submodules");
        if let Some(operation) = &self.operation {
            parts.push(format!("a {operation} in progress"));
        }
        if let Some(commit) = &self.unreferenced {
            parts.push(format!("commit {commit} is on no branch"));
        }
        parts.join(", ")
    }
}

/// The work in the worktree that git runs in that is saved nowhere else.
pub fn dirt(git_at_worktree: &Git) -> Result<Dirt> {
    look(git_at_worktree, false)
}

/// As [`dirt`], of the worktree in a folder.
pub(crate) fn dirt_in(git: &Git, place: &Path) -> Result<Dirt> {
    look(&git.in_worktree(place)?, false)
}

/// As [`dirt`], before a removal: files that an interrupted removal has deleted were found to be
/// saved before it began.
pub(crate) fn dirt_to_remove(git_at_worktree: &Git) -> Result<Dirt> {
    look(git_at_worktree, true)
}

/// The ignored files of the worktree that git runs in that another folder does not have with the same content, as git
/// names them, and their sizes. Nothing of whole ignored folders (caches).
pub(crate) fn ignored_files(git_at_worktree: &Git, other: &Path) -> Result<Vec<(Vec<u8>, u64)>> {
    let git = at_top(git_at_worktree)?;
    let listed = git.require(&[
        "ls-files",
        "-z",
        "--others",
        "--ignored",
        "--exclude-standard",
        "--directory",
    ])?;
    let file = |path: &Path| path.symlink_metadata().ok().filter(|one| one.is_file());
    let names = listed.parts().filter(|name| !name.ends_with(b"/"));
    let found = names.filter_map(|name| {
        let [own, other] = [git.dir(), other].map(|folder| folder.join(path_of_bytes(name)));
        let bytes = file(&own)?.len();
        let has_size = file(&other).is_some_and(|other| other.len() == bytes);
        let is_same = has_size && same_content(&own, &other).unwrap_or(false);
        (!is_same).then(|| (name.to_vec(), bytes))
    });
    Ok(found.collect())
}

/// True if two files of the same size have the same bytes.
fn same_content(one: &Path, other: &Path) -> std::io::Result<bool> {
    let open = |path: &Path| Ok::<_, std::io::Error>(BufReader::new(File::open(path)?).bytes());
    let mut pairs = open(one)?.zip(open(other)?);
    Ok(pairs.all(|pair| matches!(pair, (Ok(a), Ok(b)) if a == b)))
}

fn look(git_at_worktree: &Git, to_remove: bool) -> Result<Dirt> {
    let git = at_top(git_at_worktree)?;
    let private = git.git_dir()?;
    let broke_off = to_remove && private.join(REMOVING).symlink_metadata().is_ok();
    let mut dirt = Dirt {
        operation: operation(&private),
        ..Dirt::default()
    };
    // Without the optional lock, which could block another process. In a submodule, git would run
    // programs from the configuration there, which anyone working in the worktree can write: only
    // its commit is compared, and a removal refuses submodules as such.
    let status = git.require(&[
        "--no-optional-locks",
        "status",
        "--porcelain=v1",
        "-z",
        "--no-renames",
        "--untracked-files=all",
        "--ignore-submodules=dirty",
    ])?;
    for entry in status.names::<Vec<String>>() {
        let (Some(code), Some(name)) = (entry.get(..2), entry.get(3..)) else {
            continue;
        };
        let name = name.to_string();
        match code.as_bytes() {
            b"??" if name.ends_with('/') => dirt.nested.push(name),
            b"??" => dirt.untracked.push(name),
            b" D" if broke_off => {}
            &[index, files] => {
                if index != b' ' {
                    dirt.staged.push(name.clone());
                }
                if files != b' ' {
                    dirt.modified.push(name);
                }
            }
            _ => {}
        }
    }
    for name in unwatched_changes(&git, &private)? {
        if !dirt.modified.contains(&name) {
            dirt.modified.push(name);
        }
    }
    dirt.submodules = filled_submodules(&git, &private)?;
    // Those that an interrupted removal has begun to delete cannot be read.
    if to_remove && !broke_off {
        let known = [&dirt.nested[..], &dirt.submodules].concat();
        dirt.nested.extend(nested::unsaved(&git, &known));
        // What their remotes have is not lost.
        let is_unsaved = |name: &String| refuse_unsaved_submodule(&git, name).is_err();
        dirt.submodules.retain(is_unsaved);
    }
    if branch::head_of(&private).is_none() {
        dirt.unreferenced = unreferenced(&git)?;
    }
    Ok(dirt)
}

/// The same runner at the top of its worktree.
pub(crate) fn at_top(git: &Git) -> Result<Git> {
    if git.is_explicit() {
        return Ok(git.clone());
    }
    let top = git.run(&["rev-parse", "--show-toplevel"])?;
    if !top.ok() || top.stdout.is_empty() {
        return Err(Error::state(format!(
            "{} is not inside a worktree",
            path::shown(git.dir())
        ))
        .hint(Hint::git(["worktree", "list"], "lists them")));
    }
    git.in_worktree(&top.path())
}

/// The operation in progress in the worktree with this private git directory.
pub(crate) fn operation(private: &Path) -> Option<String> {
    const MARKS: &[(&str, &str)] = &[
        ("rebase-merge", "rebase"),
        ("rebase-apply", "rebase"),
        ("MERGE_HEAD", "merge"),
        ("CHERRY_PICK_HEAD", "cherry-pick"),
        ("REVERT_HEAD", "revert"),
        ("sequencer", "cherry-pick"),
        ("BISECT_LOG", "bisect"),
    ];
    MARKS
        .iter()
        .find(|(file, _)| private.join(file).symlink_metadata().is_ok())
        .map(|(_, name)| (*name).to_string())
}

/// Changed files that `git status` does not report.
fn unwatched_changes(git: &Git, private: &Path) -> Result<Vec<String>> {
    let unwatched = unwatched(git)?;
    if unwatched.is_empty() {
        return Ok(Vec::new());
    }
    let index = TemporaryIndex::copy(git, private)?;
    index.watch(&unwatched)?;
    let out =
        index
            .git()
            .require(&["diff-files", "--name-only", "-z", "--ignore-submodules=all"])?;
    Ok(out.names())
}

/// The existing files whose changes git was told to ignore, as git names them.
pub(crate) fn unwatched(git: &Git) -> Result<Vec<Vec<u8>>> {
    let out = git.require(&["ls-files", "-v", "-z"])?;
    let mut names = Vec::new();
    for entry in out.parts() {
        let (Some(tag), Some(name)) = (entry.first(), entry.get(2..)) else {
            continue;
        };
        // `S` is skip-worktree; any tag in lower case is assume-unchanged.
        if (*tag == b'S' || tag.is_ascii_lowercase())
            && git
                .dir()
                .join(path_of_bytes(name))
                .symlink_metadata()
                .is_ok()
        {
            names.push(name.to_vec());
        }
    }
    Ok(names)
}

/// The initialized submodules of a linked worktree: git keeps their repositories in its private
/// directory, so their unpushed commits are deleted with it.
fn filled_submodules(git: &Git, private: &Path) -> Result<Vec<String>> {
    if private.join("modules").symlink_metadata().is_err() {
        return Ok(Vec::new());
    }
    let out = git.require(&["ls-files", "--stage", "-z"])?;
    let mut filled = Vec::new();
    for entry in out.parts() {
        let Some(tab) = entry.iter().position(|b| *b == b'\t') else {
            continue;
        };
        let name = &entry[tab + 1..];
        if entry.starts_with(b"160000 ") {
            let folder = git.dir().join(path_of_bytes(name));
            if folder.join(".git").symlink_metadata().is_ok() {
                filled.push(String::from_utf8_lossy(name).into_owned());
            }
        }
    }
    Ok(filled)
}

/// The checked-out commit, if only this worktree's HEAD references it.
fn unreferenced(git: &Git) -> Result<Option<String>> {
    if git.run(&["symbolic-ref", "--quiet", "HEAD"])?.ok() {
        return Ok(None);
    }
    let head = git.run(&["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])?;
    if !head.ok() {
        return Ok(None);
    }
    let head = head.text();
    let held = git.require(&[
        "for-each-ref",
        "--count=1",
        "--format=%(refname)",
        "--contains",
        &head,
    ])?;
    Ok(held.stdout.is_empty().then_some(head))
}
