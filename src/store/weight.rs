//! How much the documents of a state may hold together. A few hundred bytes on the wire can be
//! eight million in memory, so a fetched tree is weighed by the headers of its objects before
//! anything of it is read.

use super::diff;
use super::git::repo::{Oid, Repo};
use crate::error::{Error, Result};
use crate::model::codec::MAX_FILE;
use crate::model::text::bytes;

/// What the documents of a state may hold, in MiB: some 200,000 items of 2.5 KB.
const LIMIT_MIB: u64 = 512;

/// The setting by which this clone takes more.
const SETTING: &str = "pm.stateLimit";

/// A change of so many bytes is taken without weighing the whole.
const LIGHT: u64 = 1 << 20;

/// In how many files trees may differ for a change to be weighed alone.
const FILES: usize = 2_000;

/// Refuses a tree whose documents hold more than a state may. Coming from `base`, which is here
/// already, little has to be weighed.
///
/// # Errors
/// When it is too heavy, or a tree cannot be read.
pub(crate) fn require_bearable(
    repo: &Repo,
    base: Option<Oid>,
    tree: Oid,
    what: &str,
) -> Result<()> {
    let changes = base.map(|base| diff::changes(repo, base, tree, FILES));
    if let Some(Ok(Some(changes))) = changes {
        let added = changes.iter().filter_map(|change| change.new);
        if added.map(|oid| weight(repo, oid)).sum::<u64>() <= LIGHT {
            return Ok(());
        }
    }
    require(repo, of_tree(repo, tree)?, what)
}

/// Refuses a write of so many bytes where the state would become too heavy by it.
///
/// # Errors
/// As [`require_bearable`].
pub(crate) fn require_room(repo: &Repo, tree: Oid, written: u64) -> Result<()> {
    if written <= LIGHT {
        return Ok(());
    }
    require(
        repo,
        of_tree(repo, tree)?.saturating_add(written),
        "the state with this write",
    )
}

fn require(repo: &Repo, weight: u64, what: &str) -> Result<()> {
    let set = repo.config(SETTING).and_then(|mib| mib.parse::<u64>().ok());
    let limit = set.unwrap_or(0).max(LIMIT_MIB).saturating_mul(1 << 20);
    if weight <= limit {
        return Ok(());
    }
    let needed = weight.div_ceil(1 << 20);
    Err(Error::state(format!(
        "{what} holds documents of {}; at most {} are taken",
        bytes(weight),
        bytes(limit)
    ))
    .hint(format!(
        "if that much is meant: `git pm config {SETTING} {needed}` takes it, and the memory it needs"
    )))
}

/// What all documents of a tree hold.
fn of_tree(repo: &Repo, tree: Oid) -> Result<u64> {
    let files = diff::files(repo, tree)?.files;
    Ok(files.iter().map(|file| weight(repo, file.oid)).sum())
}

/// What a file weighs. One that is too large is damaged, and never read.
fn weight(repo: &Repo, oid: Oid) -> u64 {
    repo.size_of(oid)
        .filter(|size| *size <= MAX_FILE as u64)
        .unwrap_or(0)
}
