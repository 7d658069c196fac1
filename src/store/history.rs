//! The history of the state: walking commits, newest first, and saying by meaning what a merge
//! overrode.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashSet};

use super::git::repo::{Commit, Oid, Repo};
use super::state::State;
use crate::error::Result;
use crate::model::doc::Doc;
use crate::model::value::Value;

/// Walks the commits that can be reached from `tip` and not from `hidden`, newest first, until
/// `visit` returns false.
///
/// # Errors
/// When a commit cannot be read and the history is not shallow.
pub fn walk(
    repo: &Repo,
    tip: Oid,
    hidden: &[Oid],
    mut visit: impl FnMut(&Commit) -> Result<bool>,
) -> Result<()> {
    let mut seen: HashSet<Oid> = HashSet::new();
    let mut hide: HashSet<Oid> = HashSet::new();
    let mut queue: BinaryHeap<(i64, Oid)> = BinaryHeap::new();
    let load = |id: Oid| -> Result<Option<Commit>> {
        match repo.commit(id) {
            Ok(commit) => Ok(Some(commit)),
            Err(_) if repo.is_shallow() => Ok(None),
            Err(error) => Err(error),
        }
    };
    if !hidden.is_empty() {
        let mut stack = hidden.to_vec();
        while let Some(id) = stack.pop() {
            if hide.insert(id)
                && let Some(commit) = load(id)?
            {
                stack.extend(commit.parents);
            }
        }
    }
    if !hide.contains(&tip)
        && let Some(commit) = load(tip)?
    {
        queue.push((commit.author.seconds, tip));
    }
    seen.insert(tip);
    while let Some((_, id)) = queue.pop() {
        let Some(commit) = load(id)? else {
            continue;
        };
        if !visit(&commit)? {
            return Ok(());
        }
        for parent in &commit.parents {
            if !hide.contains(parent)
                && seen.insert(*parent)
                && let Some(next) = load(*parent)?
            {
                queue.push((next.author.seconds, *parent));
            }
        }
    }
    Ok(())
}

/// How many commits can be reached from `tip` and not from `hidden`, at most `limit`.
///
/// # Errors
/// As [`walk`].
pub fn count(repo: &Repo, tip: Oid, hidden: &[Oid], limit: usize) -> Result<usize> {
    let mut n = 0;
    walk(repo, tip, hidden, |_| {
        n += 1;
        Ok(n < limit)
    })?;
    Ok(n)
}

/// One register that two clones wrote without knowing of each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Override {
    /// The id of the item, or the kind and uid of another document.
    pub item: String,
    /// The field.
    pub field: String,
    /// The value that stands.
    pub kept: Value,
    /// The value that was overridden.
    pub lost: Value,
}

/// What a merge commit overrode: registers that both parents changed since their common ancestor,
/// to different values.
///
/// # Errors
/// When a state cannot be read.
pub fn overrides(repo: &Repo, merge: &Commit) -> Result<Vec<Override>> {
    let [a, b] = merge.parents[..] else {
        return Ok(Vec::new());
    };
    let base = common_ancestor(repo, a, b)?;
    let (left, right) = (State::at(repo, a)?, State::at(repo, b)?);
    let base = base.map(|id| State::at(repo, id)).transpose()?;
    let merged = State::at(repo, merge.id)?;
    let mut out = Vec::new();
    for (uid, loaded) in left.item_docs() {
        let Some(other) = right.item_docs().get(uid) else {
            continue;
        };
        if loaded.doc == other.doc {
            continue;
        }
        let old = base
            .as_ref()
            .and_then(|s| s.item_docs().get(uid))
            .map(|l| &l.doc);
        let id = merged
            .item(uid)
            .map_or_else(|| loaded.doc.born.clone(), |item| merged.shown_id(item));
        differences(&loaded.doc, &other.doc, old, &id, &mut out);
    }
    Ok(out)
}

fn differences(a: &Doc, b: &Doc, base: Option<&Doc>, id: &str, out: &mut Vec<Override>) {
    let flat = |doc: &Doc| {
        let mut all = BTreeMap::new();
        for (name, reg) in &doc.regs {
            all.insert(name.clone(), reg.clone());
        }
        for (name, record) in &doc.records {
            for (entry, e) in record {
                for (field, reg) in &e.regs {
                    all.insert(format!("{name}/{entry}/{field}"), reg.clone());
                }
            }
        }
        all
    };
    let (left, right) = (flat(a), flat(b));
    let old = base.map(flat).unwrap_or_default();
    let names: BTreeSet<&String> = left.keys().collect();
    for name in names {
        let (Some(x), Some(y)) = (left.get(name), right.get(name)) else {
            continue;
        };
        let changed =
            |reg: &crate::model::doc::Reg| old.get(name).is_none_or(|o| o.stamp != reg.stamp);
        if x.value == y.value || x.stamp == y.stamp || !changed(x) || !changed(y) {
            continue;
        }
        let (kept, lost) = if x.stamp > y.stamp { (x, y) } else { (y, x) };
        out.push(Override {
            item: id.to_string(),
            field: name.clone(),
            kept: kept.value.clone(),
            lost: lost.value.clone(),
        });
    }
}

/// A newest commit from which both can be reached.
fn common_ancestor(repo: &Repo, a: Oid, b: Oid) -> Result<Option<Oid>> {
    let mut reachable = HashSet::new();
    walk(repo, a, &[], |c| {
        reachable.insert(c.id);
        Ok(true)
    })?;
    let mut found = None;
    walk(repo, b, &[], |c| {
        if reachable.contains(&c.id) {
            found = Some(c.id);
        }
        Ok(found.is_none())
    })?;
    Ok(found)
}
