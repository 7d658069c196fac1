//! The limit of the size of all documents of a state, and how a fetched tree is measured.
//!
//! A few hundred bytes on the wire can be eight million in memory, so a fetched tree is measured by
//! the headers of its objects before anything of it is read.

use std::collections::HashMap;
use std::path::PathBuf;

use super::git::repo::{Entry, EntryType, Oid, Repo};
use super::layout;
use super::{tree_diff, whole_file};
use crate::error::{Error, Result};
use crate::model::limits::{DOCUMENT_MAX, TREE_DEPTH_MAX};
use crate::model::settings::STATE_LIMIT;
use crate::model::text::bytes;

/// A write of at most this many bytes is accepted without measuring the whole; a push measures it.
const LIGHT: u64 = 1 << 20;

/// The number of differing files up to which a change is measured alone.
const FILES: usize = 2_000;

/// How many bytes of documents a byte of objects may hold: texts rarely have more than 20.
const EXPANSION: u64 = 64;

/// The file that notes the tree measured last, with its size. It is derived: without it the whole
/// is measured again.
const NOTE: &str = "weight";

/// Refuses a tree whose documents exceed the limit. If a tree differs little from the one before,
/// only the difference is measured, but the total is checked, so that many small changes cannot
/// exceed the limit.
pub fn require_size(repo: &Repo, tree: Oid, what: &str) -> Result<()> {
    let most = size_at_most(repo, tree)?;
    require(repo, tree, most, 0, what)?;
    note(repo, tree, most);
    Ok(())
}

/// The limit in MiB that a write of `more` bytes needs; `None` if the present one is enough.
pub(crate) fn lacking(repo: &Repo, tree: Oid, more: u64) -> Result<Option<u64>> {
    let size = size_at_most(repo, tree)?.saturating_add(more);
    Ok((size > limit(repo)).then(|| roomy(size)))
}

/// The limit in MiB for a state that this clone sees for the first time; `None` if the present one is
/// enough, or if the state holds so much more than what was transferred that it is an attack.
pub(crate) fn first_limit(repo: &Repo, tree: Oid) -> Result<Option<u64>> {
    let size = size_at_most(repo, tree)?;
    if size <= limit(repo) {
        // It is not measured again.
        note(repo, tree, size);
        return Ok(None);
    }
    let files = |folder: PathBuf| std::fs::read_dir(folder).into_iter().flatten().flatten();
    let folders = files(repo.common_dir().join("objects"));
    let stored = folders.flat_map(|folder| files(folder.path()));
    let stored = stored.filter_map(|file| Some(file.metadata().ok()?.len()));
    let is_text = size <= stored.sum::<u64>().saturating_mul(EXPANSION);
    Ok(is_text.then(|| roomy(size)))
}

/// A limit in MiB for a state of this size, with room to grow by half.
fn roomy(size: u64) -> u64 {
    size.saturating_add(size / 2).div_ceil(1 << 20)
}

/// Refuses a write of so many bytes if the state would exceed the limit.
pub fn require_room(repo: &Repo, tree: Oid, written: u64) -> Result<()> {
    if written <= LIGHT {
        return Ok(());
    }
    let most = size_at_most(repo, tree)?;
    require(repo, tree, most, written, "the state with this write")
}

/// True if the join of a tree with one of size `own` may exceed the limit, as far as can be found
/// out without joining them. The size of `theirs` is noted already.
pub(crate) fn may_exceed(repo: &Repo, theirs: Oid, ours: Oid, own: u64) -> Result<bool> {
    let (most, limit) = (size_at_most(repo, theirs)?, limit(repo));
    if most.saturating_add(own) <= limit {
        return Ok(false);
    }
    // Equal files count once; a document of both is joined from both.
    let more = match tree_diff::changes(repo, theirs, ours, FILES) {
        Ok(Some(changes)) => sum(repo, changes.iter().filter_map(|change| change.new)),
        _ => own,
    };
    Ok(most.saturating_add(more) > limit)
}

fn limit(repo: &Repo) -> u64 {
    let default = STATE_LIMIT.number(None);
    let mib = repo.number_of(&STATE_LIMIT).max(default);
    mib.saturating_mul(1 << 20)
}

/// Refuses a tree of at most `most` bytes if it exceeds the limit together with `more`.
fn require(repo: &Repo, tree: Oid, most: u64, more: u64, what: &str) -> Result<()> {
    if most.saturating_add(more) <= limit(repo) {
        return Ok(());
    }
    // It may have been raised since this process read the configuration.
    let now = repo.git().run(&["config", "--get", STATE_LIMIT.key])?;
    let now = STATE_LIMIT.number(Some(&now.text()));
    let limit = limit(repo).max(now.saturating_mul(1 << 20));
    // A folder that occurs at many places is read once, so it counts once.
    let files = tree_diff::files(repo, tree)?.files;
    let size = sum(repo, files.iter().map(|file| file.oid)).saturating_add(more);
    if size <= limit {
        return Ok(());
    }
    let needed = size.div_ceil(1 << 20);
    Err(Error::state(format!(
        "{what} holds {} of documents; the limit is {}",
        bytes(size),
        bytes(limit)
    ))
    .hint(format!(
        "if that size is intended, `git pm config {} {needed}` accepts it; reading the state then \
         needs that much memory",
        STATE_LIMIT.key
    )))
}

/// The size of all files of a tree, each counted at every place where it occurs: so the sizes of
/// two trees differ exactly by the files in which these differ. Computed from the tree measured
/// last, if that is close.
pub(crate) fn size_at_most(repo: &Repo, tree: Oid) -> Result<u64> {
    if let Some(size) = by_difference(repo, tree) {
        return Ok(size);
    }
    let root = repo.tree(tree)?;
    let mut known = HashMap::new();
    let holds_documents = |entry: &&Entry| {
        let mut folders = layout::FOLDERS.iter();
        folders.any(|(name, _)| entry.name == name.as_bytes())
    };
    Ok(root
        .iter()
        .filter(holds_documents)
        .fold(0, |sum: u64, entry| {
            sum.saturating_add(below(repo, entry, 0, &mut known))
        }))
}

/// The size of an entry and everything below. A folder that occurs at many places is measured once
/// for each level.
fn below(repo: &Repo, entry: &Entry, depth: usize, known: &mut HashMap<(Oid, usize), u64>) -> u64 {
    match entry.kind {
        EntryType::Blob => size(repo, entry.oid),
        EntryType::Tree if depth < TREE_DEPTH_MAX => {
            if let Some(size) = known.get(&(entry.oid, depth)) {
                return *size;
            }
            // Unreadable folders hold nothing that would be read.
            let entries = repo.tree(entry.oid).unwrap_or_default();
            let size = entries.iter().fold(0, |sum: u64, entry| {
                sum.saturating_add(below(repo, entry, depth + 1, known))
            });
            known.insert((entry.oid, depth), size);
            size
        }
        _ => 0,
    }
}

fn by_difference(repo: &Repo, tree: Oid) -> Option<u64> {
    let (known, known_size) = noted(repo)?;
    let changes = tree_diff::changes(repo, known, tree, FILES).ok()??;
    let gone = sum(repo, changes.iter().filter_map(|change| change.old));
    let new = sum(repo, changes.iter().filter_map(|change| change.new));
    let size = known_size.saturating_sub(gone).saturating_add(new);
    // The note may have come from anywhere: nothing is refused because of it.
    (size <= limit(repo)).then_some(size)
}

fn sum(repo: &Repo, oids: impl Iterator<Item = Oid>) -> u64 {
    oids.map(|oid| size(repo, oid)).fold(0, u64::saturating_add)
}

/// The tree measured last, with its size.
fn noted(repo: &Repo) -> Option<(Oid, u64)> {
    let text = whole_file::noted(repo.common_dir(), NOTE)?;
    let (tree, size) = text.split_once(' ')?;
    Some((tree.parse().ok()?, size.parse().ok()?))
}

/// Notes a size, for the next time.
fn note(repo: &Repo, tree: Oid, size: u64) {
    // The next measurement cannot start from a saturated sum.
    if size <= limit(repo) {
        whole_file::note(repo.common_dir(), NOTE, &format!("{tree} {size}"));
    }
}

/// The size of a file. One that is too large is damaged, and never read.
fn size(repo: &Repo, oid: Oid) -> u64 {
    repo.size_of(oid)
        .filter(|size| *size <= DOCUMENT_MAX as u64)
        .unwrap_or(0)
}
