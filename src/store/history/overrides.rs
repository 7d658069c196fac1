//! The values that merges and imports overrode, field by field.

use super::trees::{changed, item_doc};
use super::{common_ancestor, introduced};
use crate::error::Result;
use crate::model::doc::{Doc, EXTERNAL};
use crate::model::id::ItemRef;
use crate::model::long_texts;
use crate::model::register_diff::{Change, Place, compare};
use crate::model::section;
use crate::model::short_id::{LEARNING, short_id};
use crate::model::stamp::Stamp;
use crate::model::text::one_line;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::store::git::repo::{Commit, Oid, Repo};
use crate::store::layout::Family;

/// One register that two clones, or a clone and the source of an import, wrote without knowing of
/// each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Override {
    /// The id of the item or learning, `context:NAME`, or `plan:` and the id of its PRD.
    pub item: String,
    /// Its uid.
    pub uid: Uid,
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
    /// Set if it was lost because the other side deleted the whole document, which has no value.
    pub deleted: bool,
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
            let kept_too = is_beside(Some(new), &change.place, &lost.value);
            if !named.contains(&name.as_str()) || kept_too {
                continue;
            }
            let has = |doc: &Doc| {
                let there = change.place.get(doc);
                there.is_some_and(|reg| reg.stamp == lost.stamp)
            };
            let writer = introduced(repo, parent, None, (&old.born, uid), has)?;
            out.push(Override {
                item: shown_name(new),
                uid: uid.clone(),
                field,
                kept: kept.value.clone(),
                kept_by: source.clone(),
                lost: lost.value.clone(),
                lost_by: writer.map(|commit| commit.actor().to_string()),
                deleted: false,
            });
        }
    }
    Ok(out)
}

/// The registers that both parents of a merge changed since their common ancestor, to different
/// values, and the changes of one to what the other one deleted. The cost depends on the differences
/// between the parents.
fn merged(repo: &Repo, merge: &Commit, a: Oid, b: Oid) -> Result<Vec<Override>> {
    let (left, right) = (repo.commit(a)?, repo.commit(b)?);
    let differing = changed(repo, Some(left.tree), Some(right.tree))?;
    let mut merge = Merge {
        repo,
        tree: merge.tree,
        parents: [a, b],
        base: None,
    };
    let mut out = Vec::new();
    for (uid, pair) in &differing.pairs {
        let (Family::Item(_) | Family::Learning | Family::Context | Family::Plan, Some(x), Some(y)) =
            (pair.family, &pair.old, &pair.new)
        else {
            continue;
        };
        if pair.family == Family::Plan {
            let lost = merge.contested(uid, [x, y])?.into_iter();
            let name = plan_name(repo, merge.tree, x)?;
            out.extend(lost.map(|one| Override {
                item: name.clone(),
                ..one
            }));
            continue;
        }
        match merge.deleted(uid, [x, y])? {
            Some(lost) => out.extend(lost),
            // A section has nothing but its text, whose versions are kept, and who wrote it.
            None if pair.family == Family::Context => {}
            None => out.extend(merge.contested(uid, [x, y])?),
        }
    }
    Ok(out)
}

/// A merge, and the state that both sides began with.
struct Merge<'r> {
    repo: &'r Repo,
    tree: Oid,
    parents: [Oid; 2],
    /// The common ancestor, once it was searched.
    base: Option<Option<Commit>>,
}

impl Merge<'_> {
    fn base(&mut self) -> Result<Option<Commit>> {
        if self.base.is_none() {
            let [a, b] = self.parents;
            let found = common_ancestor(self.repo, a, b)?;
            self.base = Some(found.map(|id| self.repo.commit(id)).transpose()?);
        }
        Ok(self.base.clone().flatten())
    }

    /// The changes of one side to a document that the other side deleted; `None` if it is not
    /// deleted now, or both sides deleted it.
    fn deleted(&mut self, uid: &Uid, sides: [&Doc; 2]) -> Result<Option<Vec<Override>>> {
        let (gone, side) = match sides.map(Doc::is_live) {
            [true, false] => (sides[1], 0),
            [false, true] => (sides[0], 1),
            _ => return Ok(None),
        };
        let doc = sides[side];
        let old = match self.base()? {
            Some(commit) => item_doc(self.repo, commit.tree, &doc.born, uid)?,
            None => None,
        };
        let merged = item_doc(self.repo, self.tree, &doc.born, uid)?;
        let before = old.as_ref().unwrap_or(gone);
        let was_there = match &old {
            Some(old) => old.is_live(),
            None => !gone.purged,
        };
        if !was_there || merged.is_none_or(|merged| merged.is_live()) {
            return Ok(None);
        }
        let mut lost = Vec::new();
        for change in compare(Some(before), Some(doc)).changes {
            let Some(reg) = change.new.as_ref().filter(|_| is_said(&change)) else {
                continue;
            };
            let place = &change.place;
            // Whoever deletes it after reading a change knows what is lost.
            let known = place.get(gone);
            if known.is_some_and(|known| known.stamp == reg.stamp) {
                continue;
            }
            let by = self.writer(side, doc, |doc| {
                place.get(doc).is_some_and(|there| there.stamp == reg.stamp)
            })?;
            lost.push((place.to_string(), reg.value.clone(), by));
        }
        let known = gone.body.replaced();
        for (id, version) in &doc.body.versions {
            if let Some(text) = &version.text
                && ![before, gone]
                    .iter()
                    .any(|doc| doc.body.versions.contains_key(id))
                && !known.contains(id)
            {
                let by = self.writer(side, doc, |doc| doc.body.versions.contains_key(id))?;
                lost.push(("body".into(), text.as_str().into(), by));
            }
        }
        if lost.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let deleted_by = self.writer(1 - side, gone, |doc| !doc.is_live())?;
        let row = |(field, value, by)| Override {
            item: shown_name(doc),
            uid: uid.clone(),
            field,
            kept: Value::Null,
            kept_by: deleted_by.clone(),
            lost: value,
            lost_by: by,
            deleted: true,
        };
        Ok(Some(lost.into_iter().map(row).collect()))
    }

    /// The registers of a document that both sides wrote.
    fn contested(&mut self, uid: &Uid, sides: [&Doc; 2]) -> Result<Vec<Override>> {
        let [x, y] = sides;
        let mut candidates = compare(Some(x), Some(y)).changes;
        candidates.retain(|change| is_contested(change) && is_by_hand(x, y, &change.place));
        if candidates.is_empty() {
            return Ok(Vec::new());
        }
        let old = match self.base()? {
            Some(commit) => item_doc(self.repo, commit.tree, &x.born, uid)?,
            None => None,
        };
        let merged = item_doc(self.repo, self.tree, &x.born, uid)?;
        let mut out = Vec::new();
        for Change {
            place,
            old: a,
            new: b,
        } in candidates
        {
            let (Some(ours), Some(theirs)) = (a, b) else {
                continue;
            };
            let both = [&ours, &theirs];
            if !both
                .iter()
                .all(|reg| is_newer(old.as_ref(), &place, &reg.stamp))
            {
                continue;
            }
            let mut written = Vec::new();
            for (side, reg) in both.into_iter().enumerate() {
                let by = self.writer(side, x, |doc| {
                    place.get(doc).is_some_and(|there| there.stamp == reg.stamp)
                })?;
                written.push((&reg.stamp, &reg.value, by));
            }
            written.sort_by(|a, b| b.0.cmp(a.0));
            let [(_, kept, kept_by), (_, lost, lost_by)] = &written[..] else {
                continue;
            };
            if is_beside(merged.as_ref(), &place, lost) {
                continue;
            }
            out.push(Override {
                item: shown_name(merged.as_ref().unwrap_or(x)),
                uid: uid.clone(),
                field: shown_place(x, &place),
                kept: (*kept).clone(),
                kept_by: kept_by.clone(),
                lost: (*lost).clone(),
                lost_by: lost_by.clone(),
                deleted: false,
            });
        }
        Ok(out)
    }

    /// The actor who wrote a part of a document on one side since the common ancestor.
    fn writer(
        &mut self,
        side: usize,
        doc: &Doc,
        has: impl Fn(&Doc) -> bool,
    ) -> Result<Option<String>> {
        let end = self.base()?.map(|commit| commit.id);
        let item = (doc.born.as_str(), &doc.uid);
        let commit = introduced(self.repo, self.parents[side], end, item, has)?;
        Ok(commit.map(|commit| commit.actor().to_string()))
    }
}

/// The id that is shown for an item or a learning, or the handle of a section.
fn shown_name(doc: &Doc) -> String {
    if let Some(handle) = section::handle_of(doc) {
        return handle;
    }
    match doc.kind == Family::Learning.kind() {
        true => short_id(LEARNING, &doc.uid),
        false => doc.shown_id().to_string(),
    }
}

/// The handle of a plan: `plan:` and the id of its PRD.
fn plan_name(repo: &Repo, tree: Oid, plan: &Doc) -> Result<String> {
    let prd = ItemRef::parse(plan.text("prd").unwrap_or_default());
    let doc = match &prd.uid {
        Some(uid) => item_doc(repo, tree, &prd.born, uid)?,
        None => None,
    };
    let id = doc.map_or(prd.born, |doc| doc.shown_id().to_string());
    Ok(one_line(&format!("plan:{id}")))
}

/// True unless it is a value of a plan that follows from others: there, each field that a user
/// changed is beside the name of that user.
fn is_by_hand(x: &Doc, y: &Doc, place: &Place) -> bool {
    if x.kind != Family::Plan.kind() {
        return true;
    }
    // These follow from another change, or from the position of another task.
    if let Place::Entry(_, _, name) = place
        && (matches!(name.as_str(), "hours" | "order") || name.ends_with("_reason"))
    {
        return false;
    }
    let by = match place {
        Place::Field(name) => Place::Field(format!("by_{name}")),
        Place::Entry(record, id, name) => {
            Place::Entry(record.clone(), id.clone(), format!("by_{name}"))
        }
        Place::Element(..) => return false,
    };
    by.get(x).or_else(|| by.get(y)).is_some()
}

/// A place as it is shown: a task of a plan by its number.
fn shown_place(doc: &Doc, place: &Place) -> String {
    match place {
        Place::Entry(record, id, name) if doc.kind == Family::Plan.kind() => {
            let number = doc
                .entry(record, id)
                .and_then(|e| e.value("number").as_int());
            number.map_or_else(
                || place.to_string(),
                |number| format!("task {number} {name}"),
            )
        }
        place => place.to_string(),
    }
}

/// True for a change that a user made: not to a claim, or to the record of what was written.
fn is_said(change: &Change) -> bool {
    let field = change.place.field();
    let said = !matches!(field, EXTERNAL | "claims" | long_texts::RECORD);
    said && !field.ends_with("_at") && !field.ends_with("_by") && change.is_visible()
}

/// True for a text that is kept beside the one that is shown, until a user resolves both.
fn is_beside(doc: Option<&Doc>, place: &Place, lost: &Value) -> bool {
    let (Some(doc), Place::Field(name), Some(text)) = (doc, place, lost.as_str()) else {
        return false;
    };
    let known = long_texts::TEXTS.contains(&name.as_str());
    known
        && long_texts::others(doc, name)
            .iter()
            .any(|(_, other)| *other == text)
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

fn is_newer(old: Option<&Doc>, place: &Place, stamp: &Stamp) -> bool {
    let before = old.and_then(|doc| place.get(doc));
    before.is_none_or(|before| before.stamp != *stamp)
}
