//! Copies ignored build caches into a new worktree, by reflink where the file system can.
//!
//! That is instant, and shares the disk space until one side changes. Elsewhere, only what the project
//! asks for is copied: a full copy of a big tree may take longer than a rebuild.

use std::path::{Component, Path, PathBuf};
#[cfg(any(target_os = "linux", target_os = "macos"))]
use std::process::{Command, Stdio};

use super::path;
use crate::model::text::one_line;
use crate::store::beneath;
use crate::store::git::process::Git;

/// A folder or file that was not copied, with the reason.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Skipped {
    /// The folder as requested.
    pub name: String,
    /// The reason.
    pub reason: String,
}

/// Copies the ignored folder or file `name` from one worktree to another: by reflink, or else, if
/// `plainly`, in full. Links in it are copied as links.
pub(crate) fn copy(
    git: &Git,
    from: &Path,
    to: &Path,
    name: &str,
    plainly: bool,
) -> Result<(), String> {
    let relative = Path::new(name);
    let plain = relative
        .components()
        .all(|c| matches!(c, Component::Normal(_)));
    if name.is_empty() || !plain {
        return Err("it is not a path below the worktree".into());
    }
    let source = from.join(relative);
    let target = to.join(relative);
    let parent = relative.parent().unwrap_or(relative);
    let kind = source.symlink_metadata().map(|meta| meta.file_type());
    if !is_real_folder(from, parent) || !kind.is_ok_and(|kind| kind.is_dir() || kind.is_file()) {
        return Err("there is no such folder or file, or it is a symbolic link".into());
    }
    if path::resolved(to).starts_with(path::resolved(&source)) {
        return Err("the new worktree is in it".into());
    }
    let below = git.in_worktree(from);
    let below = below.map_err(|error| error.message().to_string())?;
    let ignored = below
        .run(&["check-ignore", "--quiet", "--", name])
        .is_ok_and(|o| o.ok());
    // `:(literal)`: a folder's name may have characters of a pattern.
    let tracked = below.run(&["ls-files", "-z", "--", &format!(":(literal){name}")]);
    if !ignored || !tracked.is_ok_and(|o| o.ok() && o.stdout.is_empty()) {
        return Err("git does not ignore it".into());
    }
    if target.symlink_metadata().is_ok() {
        return Err("it already exists in the new worktree".into());
    }
    for folder in parent.ancestors().collect::<Vec<_>>().into_iter().rev() {
        // The first that is missing has real folders above it.
        if to.join(folder).symlink_metadata().is_err() {
            std::fs::create_dir(to.join(folder)).map_err(|e| e.to_string())?;
        }
        if !is_real_folder(to, folder) {
            return Err("its path contains a symbolic link".into());
        }
    }
    if !plainly {
        probe(git, &source, to)?;
    }
    run_cp(git, &source, &target, plainly).inspect_err(|_| {
        let _ = beneath::remove(&target);
    })
}

/// True if every step from `root` to the folder is a folder, and not a link out of the tree.
fn is_real_folder(root: &Path, relative: &Path) -> bool {
    let mut at = root.to_path_buf();
    relative.components().all(|c| {
        at.push(c);
        at.symlink_metadata().is_ok_and(|m| m.is_dir())
    })
}

/// Tries one file first: without support, copying the whole folder would fail file by file.
fn probe(git: &Git, source: &Path, to: &Path) -> Result<(), String> {
    let Some(file) = first_file(source) else {
        return Ok(());
    };
    let trial = to.join(format!(".pm-reflink-{}", std::process::id()));
    let result = run_cp(git, &file, &trial, false);
    let _ = std::fs::remove_file(&trial);
    result
}

fn first_file(folder: &Path) -> Option<PathBuf> {
    let mut entries = walkdir::WalkDir::new(folder).into_iter().flatten();
    let found = entries.find(|entry| entry.file_type().is_file())?;
    Some(found.into_path())
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn run_cp(git: &Git, source: &Path, target: &Path, plainly: bool) -> Result<(), String> {
    #[cfg(target_os = "linux")]
    let flags: &[&str] = match plainly {
        true => &["--reflink=auto", "-a"],
        false => &["--reflink=always", "-a"],
    };
    // Its `-c` copies for real across volumes: see below.
    #[cfg(target_os = "macos")]
    let flags: &[&str] = &["-cRp"];
    #[cfg(target_os = "macos")]
    {
        use std::os::unix::fs::MetadataExt;
        let device = |p: &Path| p.metadata().map(|m| m.dev()).ok();
        if !plainly && device(source) != target.parent().and_then(device) {
            return Err("the new worktree is on another volume".into());
        }
    }
    let mut command = Command::new("cp");
    command
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    if let Some(path) = git.env("PATH") {
        command.env("PATH", path);
    }
    command.env("LC_ALL", "C").args(flags).arg("--");
    let out = command
        .arg(source)
        .arg(target)
        .stderr(Stdio::piped())
        .output();
    match out {
        Ok(out) if out.status.success() => Ok(()),
        Ok(out) if plainly => {
            let said = String::from_utf8_lossy(&out.stderr);
            Err(format!("cp failed: {}", one_line(said.trim_end())))
        }
        Ok(_) => Err("this file system does not support copy-on-write copies".into()),
        Err(e) => Err(format!("cannot start cp: {e}")),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn run_cp(_git: &Git, _source: &Path, _target: &Path, _plainly: bool) -> Result<(), String> {
    Err("this system does not support copy-on-write copies".into())
}
