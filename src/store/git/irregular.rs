//! Files at git's paths that are no files: a FIFO, a socket or a device.
//!
//! Opening one may wait for ever, so it is damage with a name, which `fsck --repair` moves aside.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::FileType;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use crate::beneath;
use crate::error::{Error, Hint, Reason, Result};

/// The files of a git directory that git and git pm open by name.
const OF_GIT_DIR: &[&str] = &["HEAD", "index", "commondir", "gitdir", "config.worktree"];

/// Those that all worktrees share.
const OF_COMMON: &[&str] = &[
    "config",
    "packed-refs",
    "shallow",
    "objects/info/alternates",
    "refs/pm/main",
    "logs/refs/pm/main",
];

/// Those at the top of a work tree.
const OF_WORKTREE: &[&str] = &[".git", ".gitignore", ".gitattributes", ".gitmodules"];

/// Folders of a git directory that git does not read: those of other programs, and ours.
const NOT_OF_GIT: &[&str] = &["pm", "modules", "lfs", "hooks"];

/// How the name begins of what was moved aside: neither git nor gix opens a file of such a name.
const ASIDE: &str = ".damaged-";

/// What a file is that must not be opened.
fn name_of(kind: FileType) -> Option<&'static str> {
    let kinds = [
        (kind.is_fifo(), "a FIFO"),
        (kind.is_socket(), "a socket"),
        (kind.is_char_device() || kind.is_block_device(), "a device"),
    ];
    kinds.iter().find(|(is, _)| *is).map(|(_, name)| *name)
}

/// What the file at a path is, or the file that a link there leads to, if it must not be opened.
pub fn kind(file: &Path) -> Option<&'static str> {
    name_of(std::fs::metadata(file).ok()?.file_type())
}

/// Refuses a file that must not be opened.
///
/// # Errors
/// Kind `State`, reason `git.irregular_file`.
pub fn refuse(file: &Path) -> Result<()> {
    let Some(kind) = kind(file) else {
        return Ok(());
    };
    let shown = crate::model::text::one_line(&file.to_string_lossy());
    Err(Error::state(format!(
        "{shown} is {kind}, not a file, so git cannot read it"
    ))
    .because(Reason::GitIrregularFile)
    .about(shown)
    .hint(Hint::run(["fsck", "--repair"], "moves it aside")))
}

/// Refuses if one of the files that git opens by name must not be opened, where git runs in this
/// git directory, and in this work tree.
pub fn refuse_any(git_dir: &Path, common: &Path, worktree: Option<&Path>) -> Result<()> {
    let all = [
        (OF_WORKTREE, worktree),
        (OF_GIT_DIR, Some(git_dir)),
        (OF_COMMON, Some(common)),
    ];
    for (names, folder) in all {
        for name in names.iter().filter(|_| folder.is_some()) {
            refuse(&folder.unwrap_or(common).join(name))?;
        }
    }
    Ok(())
}

/// The git directory that is found from a folder as git finds it, the one that it shares, and the
/// work tree.
pub fn around(folder: &Path, named: Option<&OsStr>) -> Option<(PathBuf, PathBuf, PathBuf)> {
    let mut above = folder.ancestors();
    let place = above.find(|above| above.join(".git").symlink_metadata().is_ok());
    let found = match named {
        Some(dir) => folder.join(dir),
        None => place?.join(".git"),
    };
    let git_dir = link(&found).map_or(found.clone(), |to| found.with_file_name("").join(to));
    let common = read(&git_dir.join("commondir"));
    let common = common.map_or(git_dir.clone(), |to| git_dir.join(to.trim_end()));
    let place = place.unwrap_or(folder).to_path_buf();
    Some((git_dir, common.canonicalize().unwrap_or(common), place))
}

/// The git directory that a `.git` file names.
pub fn link(file: &Path) -> Option<PathBuf> {
    let text = read(file)?;
    Some(text.strip_prefix("gitdir: ")?.trim_end().into())
}

/// The text of a small plain file, not of one that a link leads to.
pub fn read(file: &Path) -> Option<String> {
    String::from_utf8(beneath::plain(file, 1 << 20)?).ok()
}

/// All such files in a git directory, at any depth.
pub fn in_git_dir(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let skipped = |path: &Path| {
        let name = path.strip_prefix(folder).ok().and_then(Path::to_str);
        name.is_some_and(|name| NOT_OF_GIT.contains(&name) || name.ends_with(".ipc"))
    };
    walk(folder, &skipped, &mut |path| {
        found.insert(path);
    });
    found
}

/// All such files in a work tree that git reads, at any depth.
pub fn in_worktree(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    // The main work tree's git directory is looked at for itself.
    let skipped =
        |path: &Path| path.parent() == Some(folder) && path.is_dir() && path.ends_with(".git");
    walk(folder, &skipped, &mut |path| {
        let below = path.strip_prefix(folder).unwrap_or(&path);
        let mut names = below.iter().map(OsStr::to_string_lossy);
        if names.any(|name| name.starts_with(".git")) {
            found.insert(path);
        }
    });
    found
}

fn walk(folder: &Path, skipped: &dyn Fn(&Path) -> bool, found: &mut dyn FnMut(PathBuf)) {
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        for entry in entries {
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            let special = name_of(kind).is_some();
            if special && entry.file_name().to_string_lossy().starts_with(ASIDE) {
                continue;
            }
            if (special || kind.is_dir()) && !skipped(&entry.path()) {
                match special {
                    true => found(entry.path()),
                    false => open.push(entry.path()),
                }
            }
        }
    }
}

/// Moves such a file aside, beside its place, and returns its new path. A ref, and `HEAD`, then has
/// the value that its log ends with.
///
/// # Errors
/// When it cannot be renamed.
pub fn set_aside(file: &Path, now_ms: u64) -> Result<PathBuf> {
    let mut name = OsString::from(format!("{ASIDE}{now_ms}-"));
    name.push(file.file_name().unwrap_or_default());
    let to = file.with_file_name(name);
    std::fs::rename(file, &to)
        .and_then(|()| match last_value(file) {
            Some(value) => std::fs::write(file, value + "\n"),
            None => Ok(()),
        })
        .map_err(|error| Error::unwritten(format!("cannot move {}", file.display()), error))?;
    Ok(to)
}

/// The last value in the log of a ref with this file.
fn last_value(file: &Path) -> Option<String> {
    let is_ref = |below: &Path| below.starts_with("refs") || below == Path::new("HEAD");
    file.ancestors().skip(1).find_map(|git_dir| {
        let below = file
            .strip_prefix(git_dir)
            .ok()
            .filter(|below| is_ref(below))?;
        let log = std::fs::read_to_string(git_dir.join("logs").join(below)).ok()?;
        log.lines().last()?.split(' ').nth(1).map(str::to_string)
    })
}
