//! The values that merges and imports overrode, field by field.

use super::trees::{changed, item_doc};
use super::{common_ancestor, introduced};
use crate::error::Result;
use crate::model::doc::{Doc, EXTERNAL, Reg};
use crate::model::register_diff::{Change, Place, compare};
use crate::model::text::one_line;
use crate::model::value::Value;
use crate::store::git::repo::{Commit, Oid, Repo};
use crate::store::layout::Family;

/// One register that two clones, or a clone and the source of an import, wrote without knowing of
/// each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Override {
    /// The id of the item.
    pub item: String,
    /// The item's uid.
    pub uid: crate::model::uid::Uid,
    /// The field.
    pub field: String,
    /// The value that was kept.
    pub kept: Value,
    /// The writer of that value, if the history shows it.
    pub kept_by: Option<String>,
    /// The value that was overridden.
    pub lost: Value,
    /// The writer of that one, if the history shows it.
    pub lost_by: Option<String>,
}

/// The overrides of a commit: of a merge, or as recorded by an import.
pub fn overrides(repo: &Repo, commit: &Commit) -> Result<Vec<Override>> {
    match commit.parents[..] {
        [a, b] => merged(repo, commit, a, b),
        [parent] => imported(repo, commit, parent),
        _ => Ok(Vec::new()),
    }
}

/// The values that an import replaced. It records them, since only the import knew the former
/// values of its source.
fn imported(repo: &Repo, commit: &Commit, parent: Oid) -> Result<Vec<Override>> {
    let named = commit.trailers("PM-Overrode");
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let source = commit.op().strip_prefix("import ").map(str::to_string);
    let before = repo.commit(parent)?;
    let differing = changed(repo, Some(before.tree), Some(commit.tree))?;
    let mut out = Vec::new();
    for (uid, pair) in &differing.pairs {
        let (Some(old), Some(new)) = (&pair.old, &pair.new) else {
            continue;
        };
        for change in compare(Some(old), Some(new)).changes {
            let field = change.place.to_string();
            let name = one_line(&format!("{uid} {field}"));
            let (Some(lost), Some(kept)) = (&change.old, &change.new) else {
                continue;
            };
            if !named.contains(&name.as_str()) {
                continue;
            }
            let has = |doc: &Doc| {
                let there = change.place.get(doc);
                there.is_some_and(|reg| reg.stamp == lost.stamp)
            };
            let writer = introduced(repo, parent, None, (&old.born, uid), has)?;
            out.push(Override {
                item: new.shown_id().to_string(),
                uid: uid.clone(),
                field,
                kept: kept.value.clone(),
                kept_by: source.clone(),
                lost: lost.value.clone(),
                lost_by: writer.map(|commit| commit.actor().to_string()),
            });
        }
    }
    Ok(out)
}

/// The registers that both parents of a merge changed since their common ancestor, to different
/// values. The cost depends on the differences between the parents.
fn merged(repo: &Repo, merge: &Commit, a: Oid, b: Oid) -> Result<Vec<Override>> {
    let (left, right) = (repo.commit(a)?, repo.commit(b)?);
    let differing = changed(repo, Some(left.tree), Some(right.tree))?;
    let mut base: Option<Option<Commit>> = None;
    let mut out = Vec::new();
    for (uid, pair) in &differing.pairs {
        let (Family::Item(_), Some(x), Some(y)) = (pair.family, &pair.old, &pair.new) else {
            continue;
        };
        let candidates: Vec<Change> = compare(Some(x), Some(y))
            .changes
            .into_iter()
            .filter(is_contested)
            .collect();
        if candidates.is_empty() {
            continue;
        }
        if base.is_none() {
            let found = common_ancestor(repo, a, b)?;
            base = Some(found.map(|id| repo.commit(id)).transpose()?);
        }
        let common = base.as_ref().and_then(Option::as_ref);
        let old = match common {
            Some(commit) => item_doc(repo, commit.tree, &x.born, uid)?,
            None => None,
        };
        let merged = item_doc(repo, merge.tree, &x.born, uid)?;
        let id = merged.as_ref().unwrap_or(x);
        let id = id.shown_id().to_string();
        for change in candidates {
            let (Some(ours), Some(theirs)) = (&change.old, &change.new) else {
                continue;
            };
            if !is_newer(old.as_ref(), &change.place, ours)
                || !is_newer(old.as_ref(), &change.place, theirs)
            {
                continue;
            }
            let writer = |tip: Oid, reg: &Reg| -> Result<Option<String>> {
                let has = |doc: &Doc| {
                    let there = change.place.get(doc);
                    there.is_some_and(|r| r.stamp == reg.stamp)
                };
                let commit = introduced(repo, tip, common.map(|c| c.id), (&x.born, uid), has)?;
                Ok(commit.map(|c| c.actor().to_string()))
            };
            let first = (ours, writer(a, ours)?);
            let second = (theirs, writer(b, theirs)?);
            let (kept, lost) = if ours.stamp > theirs.stamp {
                (first, second)
            } else {
                (second, first)
            };
            out.push(Override {
                item: id.clone(),
                uid: uid.clone(),
                field: change.place.to_string(),
                kept: kept.0.value.clone(),
                kept_by: kept.1,
                lost: lost.0.value.clone(),
                lost_by: lost.1,
            });
        }
    }
    Ok(out)
}

/// True if both sides wrote it, to different values. An element of a set that one side added and
/// the other one removed is not such a value.
fn is_contested(change: &Change) -> bool {
    let (Some(a), Some(b)) = (&change.old, &change.new) else {
        return false;
    };
    let is_value = !matches!(change.place, Place::Element(..)) && change.place.field() != EXTERNAL;
    is_value && a.value != b.value && a.stamp != b.stamp
}

fn is_newer(old: Option<&Doc>, place: &Place, reg: &Reg) -> bool {
    let before = old.and_then(|doc| place.get(doc));
    before.is_none_or(|before| before.stamp != reg.stamp)
}
