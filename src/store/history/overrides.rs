//! What a merge overrode, by meaning.

use super::trees::{changed, item_doc};
use super::{common_ancestor, introduced};
use crate::error::Result;
use crate::model::compare::{Change, Place, compare};
use crate::model::doc::{Doc, Reg};
use crate::model::value::Value;
use crate::store::git::repo::{Commit, Oid, Repo};
use crate::store::layout::Family;

/// One register that two clones wrote without knowing of each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Override {
    /// The id of the item.
    pub item: String,
    /// The item's uid.
    pub uid: crate::model::uid::Uid,
    /// The field.
    pub field: String,
    /// The value that stands.
    pub kept: Value,
    /// Who wrote it, as far as the history tells.
    pub kept_by: Option<String>,
    /// The value that was overridden.
    pub lost: Value,
    /// Who wrote that one, as far as the history tells.
    pub lost_by: Option<String>,
}

/// What a merge commit overrode: registers that both parents changed since their common ancestor,
/// to different values. It costs what differs between the parents.
///
/// # Errors
/// When a state cannot be read.
pub fn overrides(repo: &Repo, merge: &Commit) -> Result<Vec<Override>> {
    let [a, b] = merge.parents[..] else {
        return Ok(Vec::new());
    };
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
                field: field(&change.place),
                kept: kept.0.value.clone(),
                kept_by: kept.1,
                lost: lost.0.value.clone(),
                lost_by: lost.1,
            });
        }
    }
    Ok(out)
}

/// Both sides wrote it, to different values. An element of a set that one side put in and the
/// other one took out is no value of anybody's.
fn is_contested(change: &Change) -> bool {
    let (Some(a), Some(b)) = (&change.old, &change.new) else {
        return false;
    };
    !matches!(change.place, Place::Element(..)) && a.value != b.value && a.stamp != b.stamp
}

fn is_newer(old: Option<&Doc>, place: &Place, reg: &Reg) -> bool {
    let before = old.and_then(|doc| place.get(doc));
    before.is_none_or(|before| before.stamp != reg.stamp)
}

/// A place as `record/entry/field` or the field's name.
fn field(place: &Place) -> String {
    match place {
        Place::Field(name) => name.clone(),
        Place::Element(set, element) => format!("{set}/{element}"),
        Place::Entry(record, id, name) => format!("{record}/{id}/{name}"),
    }
}
