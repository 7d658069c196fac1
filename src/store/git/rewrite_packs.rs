//! Packs: listing their objects, removing objects from them, and packing loose ones.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::objects::{Inventory, Pack, folder, remove_loose};
use super::repo::{Oid, Repo};
use crate::error::{Error, Result};
use crate::fault;

/// The endings of a pack's files; the file that makes git see the pack comes first.
const ENDINGS: &[&str] = &["idx", "rev", "bitmap", "mtimes", "promisor", "pack"];

/// The packs of this clone's own object store.
pub(super) fn list(repo: &Repo) -> Result<Vec<Pack>> {
    let folder = folder(repo).join("pack");
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(Error::io(format!("cannot list {}", folder.display()), e)),
    };
    let mut packs = Vec::new();
    for entry in entries.flatten() {
        let path = entry.path();
        let named = path
            .file_name()
            .is_some_and(|n| n.to_string_lossy().starts_with("pack-"));
        if !named || path.extension().is_none_or(|e| e != "idx") {
            continue;
        }
        let stem = path.with_extension("");
        packs.push(Pack {
            ids: ids(repo, &path)?,
            kept: stem.with_extension("keep").exists(),
            stem,
        });
    }
    Ok(packs)
}

/// The objects that a pack's index lists.
fn ids(repo: &Repo, index: &Path) -> Result<Vec<Oid>> {
    let file = gix::odb::pack::index::File::at(index, repo.null_id().kind())
        .map_err(|e| Error::state(format!("cannot read {}: {e:#}", index.display())))?;
    Ok(file.iter().map(|entry| entry.oid).collect())
}

/// Rewrites every pack that contains any of `gone` without them. Returns the reasons why some could
/// not be rewritten.
pub(super) fn rewrite(
    repo: &Repo,
    inventory: &Inventory,
    gone: &HashSet<Oid>,
) -> Result<Vec<String>> {
    let mut left = Vec::new();
    for pack in &inventory.packs {
        if !pack.ids.iter().any(|id| gone.contains(id)) {
            continue;
        }
        if pack.kept {
            left.push(format!(
                "{} prevents the removal of a pack: remove this file and run `git pm gc`",
                pack.stem.with_extension("keep").display()
            ));
            continue;
        }
        let stay: String = pack
            .ids
            .iter()
            .filter(|id| !gone.contains(*id))
            .map(|id| format!("{id}\n"))
            .collect();
        let mut fresh = Vec::new();
        if !stay.is_empty() {
            fresh = write(repo, &["--delta-base-offset"], &stay)?;
            // Without this mark git would miss what the pack's objects refer to.
            let promisor = pack.stem.with_extension("promisor");
            if promisor.exists() {
                for stem in &fresh {
                    let _ = std::fs::copy(&promisor, stem.with_extension("promisor"));
                }
            }
        }
        if !fresh.contains(&pack.stem) {
            delete(&pack.stem)?;
        }
    }
    Ok(left)
}

/// Removes a pack.
fn delete(stem: &Path) -> Result<()> {
    for ending in ENDINGS {
        let file = stem.with_extension(ending);
        fault::remove(&file, "pack-remove").map_err(|e| {
            Error::io(format!("cannot remove {}", file.display()), e).hint("run `git pm gc` again")
        })?;
    }
    Ok(())
}

/// Packs the objects that `input` names and returns the paths of the new packs, without their
/// endings.
fn write(repo: &Repo, args: &[&str], input: &str) -> Result<Vec<PathBuf>> {
    let base = folder(repo).join("pack/pack");
    let mut all = vec!["pack-objects".as_ref(), "--quiet".as_ref()];
    all.extend(args.iter().map(std::ffi::OsStr::new));
    all.push(base.as_os_str());
    let output = repo
        .git_at_home()
        .feed(&all, input)?
        .checked("`git pack-objects` failed")
        .map_err(|e| e.hint("check permissions and free disk space of the git directory"))?;
    Ok(output
        .lines()
        .iter()
        .map(|name| {
            let mut stem = base.clone().into_os_string();
            stem.push(format!("-{name}"));
            PathBuf::from(stem)
        })
        .collect())
}

/// Packs every loose object that `tips` reach into one pack and removes the loose files of exactly
/// those. Returns the number of objects packed.
///
/// # Errors
/// When git cannot write the pack; nothing is removed then.
pub fn pack_reachable(repo: &Repo, tips: &[Oid]) -> Result<usize> {
    let input: String = tips.iter().map(|id| format!("{id}\n")).collect();
    let args = [
        "--revs",
        "--unpacked",
        "--incremental",
        "--delta-base-offset",
        // In a partial clone, missing objects are not loose ones either.
        "--missing=allow-any",
    ];
    let mut packed = 0;
    for stem in write(repo, &args, &input)? {
        // Read back from disk: only objects that the new index lists lose their loose file.
        let index = stem.with_extension("idx");
        if !stem.with_extension("pack").exists() {
            continue;
        }
        let ids = ids(repo, &index)?;
        remove_loose(repo, ids.iter())?;
        packed += ids.len();
    }
    Ok(packed)
}
