//! The objects of a clone as files: listed, marked as reachable, removed.
//!
//! It lists them, finds those that any ref still reaches, and removes single objects for good without
//! touching those beside them.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::repo::{Oid, Repo, object_file};
use super::rewrite_packs;
use crate::error::{Error, Result};
use crate::fault;
use crate::model::limits::GC_LOCK_TIME;

/// The place of every object of this clone's own store, without borrowed stores.
pub struct Inventory {
    /// Objects with a file of their own.
    pub loose: HashSet<Oid>,
    /// The packs.
    pub packs: Vec<Pack>,
}

/// One pack.
pub struct Pack {
    /// The path without its ending.
    pub stem: PathBuf,
    /// The objects in it.
    pub ids: Vec<Oid>,
    /// True if it has a `.keep` file.
    pub kept: bool,
}

/// The result of a removal.
#[derive(Clone, Debug, Default)]
pub struct Removed {
    /// The number of objects removed.
    pub objects: usize,
    /// The reasons why some are still here, one sentence each.
    pub left: Vec<String>,
}

/// The folder of this clone's objects.
pub fn folder(repo: &Repo) -> PathBuf {
    repo.common_dir().join("objects")
}

impl Inventory {
    /// Lists every object of the object store.
    pub fn read(repo: &Repo) -> Result<Inventory> {
        Ok(Inventory {
            loose: loose(repo)?,
            packs: rewrite_packs::list(repo)?,
        })
    }

    /// Every object.
    pub fn ids(&self) -> impl Iterator<Item = Oid> {
        let packed = self.packs.iter().flat_map(|pack| pack.ids.iter().copied());
        self.loose.iter().copied().chain(packed)
    }
}

/// The loose objects.
pub fn loose(repo: &Repo) -> Result<HashSet<Oid>> {
    let folder = folder(repo);
    let mut out = HashSet::new();
    for first in 0..=255u8 {
        let name = format!("{first:02x}");
        for entry in files(&folder.join(&name))? {
            let hex = format!("{name}{}", entry.to_string_lossy());
            out.extend(Oid::from_hex(hex.as_bytes()));
        }
    }
    Ok(out)
}

/// The number of loose objects.
pub fn loose_count(repo: &Repo) -> usize {
    let folder = folder(repo);
    (0..=255u8)
        .map(|n| std::fs::read_dir(folder.join(format!("{n:02x}"))).map_or(0, Iterator::count))
        .sum()
}

/// The size of the object store on disk, in bytes.
pub fn size(repo: &Repo) -> u64 {
    fn below(folder: &Path, depth: usize) -> u64 {
        let Ok(entries) = std::fs::read_dir(folder) else {
            return 0;
        };
        entries
            .flatten()
            .map(|entry| match entry.metadata() {
                Ok(meta) if meta.is_dir() && depth > 0 => below(&entry.path(), depth - 1),
                Ok(meta) if meta.is_file() => on_disk(&meta),
                _ => 0,
            })
            .sum()
    }
    below(&folder(repo), 3)
}

/// The size of a file on disk: a small one takes a whole block.
fn on_disk(meta: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::blocks(meta) * 512
}

fn files(folder: &Path) -> Result<Vec<std::ffi::OsString>> {
    match std::fs::read_dir(folder) {
        Ok(entries) => Ok(entries.flatten().map(|entry| entry.file_name()).collect()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(e) => Err(Error::io(format!("cannot list {}", folder.display()), e)),
    }
}

/// True if a `git gc` is running.
pub fn is_gc_at_work(repo: &Repo) -> bool {
    let mark = std::fs::metadata(repo.common_dir().join("gc.pid"));
    mark.and_then(|meta| meta.modified())
        .is_ok_and(|made| made.elapsed().map_or(true, |age| age < GC_LOCK_TIME))
}

/// Everything that a ref, a reflog, HEAD or the index of any worktree reaches. Objects that a
/// partial or damaged clone lacks are skipped.
pub fn reachable(repo: &Repo) -> Result<HashSet<Oid>> {
    let args = [
        "rev-list",
        "--objects",
        "--no-object-names",
        "--missing=allow-any",
        "--all",
        "--reflog",
        "--indexed-objects",
    ];
    let listed = repo.git_at_home().require(&args)?;
    Ok(listed
        .stdout
        .split(|b| *b == b'\n')
        .filter_map(|line| Oid::from_hex(line).ok())
        .collect())
}

/// Removes objects from the object store for good. Everything else stays, also unreachable objects:
/// the user may still want them.
///
/// # Errors
/// When a file cannot be written or removed; the remaining objects are still intact.
pub fn remove(repo: &Repo, inventory: &Inventory, gone: &HashSet<Oid>) -> Result<Removed> {
    let mut removed = Removed::default();
    if gone.is_empty() {
        return Ok(removed);
    }
    // They name objects and packs that are about to be removed; git recreates them when it needs
    // them.
    let derived = drop_derived(repo);
    removed
        .left
        .extend(rewrite_packs::rewrite(repo, inventory, gone)?);
    remove_loose(repo, gone.iter().filter(|id| inventory.loose.contains(*id)))?;
    forget_shallow(repo, gone)?;
    removed.objects = gone.len();
    if derived {
        // Speed only.
        let _ = repo
            .git_at_home()
            .run(&["commit-graph", "write", "--reachable"]);
    }
    let borrowed = folder(repo).join("info/alternates");
    if std::fs::metadata(&borrowed).is_ok_and(|m| m.len() > 0) {
        removed.left.push(format!(
            "this clone borrows objects from the object stores listed in {}: run `git pm gc` there \
             too",
            borrowed.display()
        ));
    }
    Ok(removed)
}

/// Removes the files of loose objects.
pub(super) fn remove_loose<'i>(repo: &Repo, ids: impl Iterator<Item = &'i Oid>) -> Result<()> {
    let folder = folder(repo);
    for id in ids {
        let file = object_file(&folder, *id);
        fault::remove(&file, "object-remove").map_err(|e| {
            Error::io(format!("cannot remove the object {id}"), e).hint("run `git pm gc` again")
        })?;
    }
    Ok(())
}

/// Removes commit graphs and the index over all packs. True when there was a commit graph.
fn drop_derived(repo: &Repo) -> bool {
    let folder = folder(repo);
    let mut graph = std::fs::remove_file(folder.join("info/commit-graph")).is_ok();
    graph |= std::fs::remove_dir_all(folder.join("info/commit-graphs")).is_ok();
    let pack = folder.join("pack");
    let _ = std::fs::remove_dir_all(pack.join("multi-pack-index.d"));
    for name in files(&pack).unwrap_or_default() {
        if name.to_string_lossy().starts_with("multi-pack-index") {
            let _ = std::fs::remove_file(pack.join(name));
        }
    }
    graph
}

/// Takes removed commits out of git's `shallow` file, the list of where a shallow history ends.
fn forget_shallow(repo: &Repo, gone: &HashSet<Oid>) -> Result<()> {
    let path = repo.common_dir().join("shallow");
    let Ok(text) = std::fs::read_to_string(&path) else {
        return Ok(());
    };
    let stays = |line: &&str| Oid::from_hex(line.as_bytes()).map_or(true, |id| !gone.contains(&id));
    let left: String = text
        .lines()
        .filter(stays)
        .map(|line| format!("{line}\n"))
        .collect();
    if left == text {
        return Ok(());
    }
    let fail = |e: std::io::Error| Error::io(format!("cannot write {}", path.display()), e);
    // A lock of our own would stop every later fetch if this process died. A git that holds one
    // checks that the file is still the one that it read.
    if path.with_extension("lock").exists() {
        return Err(fail(std::io::ErrorKind::AlreadyExists.into()).hint(
            "run the command again when no other git process is running in this repository",
        ));
    }
    if left.is_empty() {
        return std::fs::remove_file(&path).map_err(fail);
    }
    let file = format!("shallow.{}.tmp", std::process::id());
    let temporary = crate::lock::folder(repo.common_dir()).join(file);
    let points = ["shallow-write", "shallow-rename"];
    fault::replace(&path, &temporary, left.as_bytes(), points).map_err(fail)
}
