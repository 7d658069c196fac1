//! How much the documents of a state may hold together. A few hundred bytes on the wire can be
//! eight million in memory, so a fetched tree is weighed by the headers of its objects before
//! anything of it is read.

use std::collections::HashMap;
use std::fs;

use super::git::repo::{Entry, EntryType, Oid, Repo};
use super::layout;
use super::tree_diff;
use crate::error::{Error, Result};
use crate::model::codec::MAX_FILE;
use crate::model::settings::STATE_LIMIT;
use crate::model::text::bytes;
use crate::store::read_document::MAX_DEPTH;

/// A write of so many bytes is taken without weighing the whole; what is pushed is weighed then.
const LIGHT: u64 = 1 << 20;

/// In how many files trees may differ for a change to be weighed alone.
const FILES: usize = 2_000;

/// Where the tree that was weighed last is noted with its weight, beside the lock. What it says is
/// derived: without it the whole is weighed again.
const NOTE: &str = "weight";

/// Refuses a tree whose documents hold more than a state may. Of a tree that differs little from the
/// one before, only the difference is weighed; the sum is of all of it, so that many small changes
/// are no way past the limit.
///
/// # Errors
/// When it is too heavy, or a tree cannot be read.
pub(crate) fn require_bearable(repo: &Repo, tree: Oid, what: &str) -> Result<()> {
    let most = at_most(repo, tree)?;
    require(repo, tree, most, 0, what)?;
    note(repo, tree, most);
    Ok(())
}

/// Refuses a write of so many bytes where the state would become too heavy by it.
///
/// # Errors
/// As [`require_bearable`].
pub(crate) fn require_room(repo: &Repo, tree: Oid, written: u64) -> Result<()> {
    if written <= LIGHT {
        return Ok(());
    }
    let most = at_most(repo, tree)?;
    require(repo, tree, most, written, "the state with this write")
}

/// Whether the join of a tree with one that weighs `own` at most may be heavier than a state may be,
/// as far as that can be told without joining them. What `theirs` weighs is noted already.
///
/// # Errors
/// When a tree cannot be read.
pub(crate) fn may_be_too_heavy(repo: &Repo, theirs: Oid, ours: Oid, own: u64) -> Result<bool> {
    let (most, limit) = (at_most(repo, theirs)?, limit(repo));
    if most.saturating_add(own) <= limit {
        return Ok(false);
    }
    // What both have alike counts once; a document of both is joined from both.
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

/// Refuses a tree that holds at most `most` where it holds too much together with `more`.
fn require(repo: &Repo, tree: Oid, most: u64, more: u64, what: &str) -> Result<()> {
    let limit = limit(repo);
    if most.saturating_add(more) <= limit {
        return Ok(());
    }
    // A folder that lies at many places is read once, so it counts once.
    let files = tree_diff::files(repo, tree)?.files;
    let weight = sum(repo, files.iter().map(|file| file.oid)).saturating_add(more);
    if weight <= limit {
        return Ok(());
    }
    let needed = weight.div_ceil(1 << 20);
    Err(Error::state(format!(
        "{what} holds {} of documents; the limit is {}",
        bytes(weight),
        bytes(limit)
    ))
    .hint(format!(
        "if that size is intended, `git pm config {} {needed}` accepts it; it needs as much memory",
        STATE_LIMIT.key
    )))
}

/// What all files of a tree hold, each counted at every place where it lies: so the weights of two
/// trees differ by the files in which these differ, and by nothing else. From the tree that was
/// weighed last, where that is near.
///
/// # Errors
/// When the tree cannot be read.
pub(crate) fn at_most(repo: &Repo, tree: Oid) -> Result<u64> {
    if let Some(weight) = by_difference(repo, tree) {
        return Ok(weight);
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

/// What lies at an entry and below. Of a folder that lies at many places it is looked up once for
/// each level.
fn below(repo: &Repo, entry: &Entry, depth: usize, known: &mut HashMap<(Oid, usize), u64>) -> u64 {
    match entry.kind {
        EntryType::Blob => weight(repo, entry.oid),
        EntryType::Tree if depth < MAX_DEPTH => {
            if let Some(weight) = known.get(&(entry.oid, depth)) {
                return *weight;
            }
            // What cannot be read holds nothing that would be.
            let entries = repo.tree(entry.oid).unwrap_or_default();
            let weight = entries.iter().fold(0, |sum: u64, entry| {
                sum.saturating_add(below(repo, entry, depth + 1, known))
            });
            known.insert((entry.oid, depth), weight);
            weight
        }
        _ => 0,
    }
}

fn by_difference(repo: &Repo, tree: Oid) -> Option<u64> {
    let (known, known_weight) = noted(repo)?;
    let changes = tree_diff::changes(repo, known, tree, FILES).ok()??;
    let gone = sum(repo, changes.iter().filter_map(|change| change.old));
    let new = sum(repo, changes.iter().filter_map(|change| change.new));
    let weight = known_weight.saturating_sub(gone).saturating_add(new);
    // What is noted may have come from anywhere: nothing is refused for it.
    (weight <= limit(repo)).then_some(weight)
}

fn sum(repo: &Repo, oids: impl Iterator<Item = Oid>) -> u64 {
    oids.map(|oid| weight(repo, oid))
        .fold(0, u64::saturating_add)
}

/// The tree that was weighed last, and what it weighs.
fn noted(repo: &Repo) -> Option<(Oid, u64)> {
    let text = fs::read_to_string(repo.common_dir().join("pm").join(NOTE)).ok()?;
    let (tree, weight) = text.trim_end().split_once(' ')?;
    Some((tree.parse().ok()?, weight.parse().ok()?))
}

/// Notes a weight, for the next time. That it cannot be written harms nobody.
fn note(repo: &Repo, tree: Oid, weight: u64) {
    // Sums that ran over are not what the next one can begin with.
    if weight > limit(repo) || noted(repo) == Some((tree, weight)) {
        return;
    }
    let folder = repo.common_dir().join("pm");
    let whole = folder.join(format!("{NOTE}.{}", std::process::id()));
    let written = fs::create_dir_all(&folder)
        .and_then(|()| fs::write(&whole, format!("{tree} {weight}\n")))
        .and_then(|()| fs::rename(&whole, folder.join(NOTE)));
    if written.is_err() {
        let _ = fs::remove_file(&whole);
    }
}

/// What a file weighs. One that is too large is damaged, and never read.
fn weight(repo: &Repo, oid: Oid) -> u64 {
    repo.size_of(oid)
        .filter(|size| *size <= MAX_FILE as u64)
        .unwrap_or(0)
}
