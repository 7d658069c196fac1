//! Copies ignored build caches into a new worktree by reflink.
//!
//! That is instant, and shares the disk space until one side changes. If the file system does not
//! support it, nothing is copied: a full copy of a big tree takes longer than a rebuild.

use std::path::{Component, Path, PathBuf};
#[cfg(any(target_os = "linux", target_os = "macos"))]
use std::process::{Command, Stdio};

use crate::store::git::process::Git;

/// A folder that was not copied, with the reason.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Skipped {
    /// The folder as requested.
    pub name: String,
    /// The reason.
    pub reason: String,
}

/// Copies the ignored folder `name` from one worktree to another.
pub(crate) fn copy(git: &Git, from: &Path, to: &Path, name: &str) -> Result<(), String> {
    let relative = Path::new(name);
    let plain = relative
        .components()
        .all(|c| matches!(c, Component::Normal(_)));
    if name.is_empty() || !plain {
        return Err("it is not a path below the worktree".into());
    }
    let source = from.join(relative);
    let target = to.join(relative);
    if !is_real_folder(from, relative) {
        return Err("there is no such folder, or it is a symbolic link".into());
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
    if let Some(parent) = relative.parent().filter(|p| !p.as_os_str().is_empty()) {
        std::fs::create_dir_all(to.join(parent)).map_err(|e| e.to_string())?;
        if !is_real_folder(to, parent) {
            return Err("its path contains a symbolic link".into());
        }
    }
    probe(git, &source, to)?;
    if let Err(reason) = reflink(git, &source, &target) {
        let _ = std::fs::remove_dir_all(&target);
        return Err(reason);
    }
    Ok(())
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
    let result = reflink(git, &file, &trial);
    let _ = std::fs::remove_file(&trial);
    result
}

fn first_file(folder: &Path) -> Option<PathBuf> {
    let mut entries = walkdir::WalkDir::new(folder).into_iter().flatten();
    let found = entries.find(|entry| entry.file_type().is_file())?;
    Some(found.into_path())
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn reflink(git: &Git, source: &Path, target: &Path) -> Result<(), String> {
    #[cfg(target_os = "linux")]
    const FLAGS: &[&str] = &["--reflink=always", "-a"];
    // Its `-c` copies for real across volumes: see below.
    #[cfg(target_os = "macos")]
    const FLAGS: &[&str] = &["-cRp"];
    #[cfg(target_os = "macos")]
    {
        use std::os::unix::fs::MetadataExt;
        let device = |p: &Path| p.metadata().map(|m| m.dev()).ok();
        if device(source) != target.parent().and_then(device) {
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
    command.env("LC_ALL", "C").args(FLAGS).arg("--");
    let out = command
        .arg(source)
        .arg(target)
        .stderr(Stdio::piped())
        .output();
    match out {
        Ok(out) if out.status.success() => Ok(()),
        Ok(_) => Err("this file system does not support copy-on-write copies".into()),
        Err(e) => Err(format!("cannot start cp: {e}")),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn reflink(_git: &Git, _source: &Path, _target: &Path) -> Result<(), String> {
    Err("this system does not support copy-on-write copies".into())
}
