//! What merges and imports overwrote: the overridden values, field by field.

use super::file_history::Tracked;
use super::trees::{changed, doc_like, item_doc, paths_of};
use super::{common_ancestor, difference, introduced, load, walk};
use crate::error::Result;
use crate::first_commit;
use crate::git::repo::{Commit, Oid, Repo};
use crate::join::doc::{Redactions, redact};
use crate::layout::{Family, REPOSITORY};
use crate::model::doc::{Doc, EXTERNAL, Entry, Reg};
use crate::model::id::{ItemKind, ItemRef};
use crate::model::imported::is_of_record;
use crate::model::long_texts;
use crate::model::register_diff::{Change, Place, compare};
use crate::model::section;
use crate::model::short_id::{LEARNING, MESSAGE, short_id};
use crate::model::stamp::Stamp;
use crate::model::text::one_line;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::repository;

/// The name of a document's text among the values that an import replaced.
pub const BODY: &str = "body";

/// One register that two clones, or a clone and the source of an import, wrote without knowing of
/// each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Override {
    /// The id of the item, learning or message, `context:NAME`, `plan:` and the id of its PRD,
    /// `pm.yaml`, or the kind and the name of another document.
    pub item: String,
    /// Its uid.
    pub uid: Uid,
    /// The reference to it, if it is an item.
    pub reference: Option<String>,
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
    /// The stamp of the overridden value.
    pub lost_at: Stamp,
    /// Set if it was lost because the other side deleted the whole document or the entry, which has
    /// no value.
    pub deleted: bool,
}

impl Override {
    fn of(doc: &Doc, field: String, [kept, lost]: [(&Reg, Option<String>); 2]) -> Override {
        Override {
            item: shown_name(doc),
            uid: doc.uid.clone(),
            reference: ItemKind::parse(&doc.kind)
                .map(|_| ItemRef::to(&doc.born, &doc.uid).to_string()),
            field,
            kept: kept.0.value.clone(),
            kept_by: kept.1,
            lost: lost.0.value.clone(),
            lost_by: lost.1,
            lost_at: lost.0.stamp.clone(),
            deleted: false,
        }
    }

    /// A value as it is shown.
    pub fn shown(value: &Value) -> serde_json::Value {
        match value {
            Value::Redacted(_) => "[redacted]".into(),
            value => value.to_json(),
        }
    }

    /// As lost by a deletion.
    fn by_deletion(self) -> Override {
        Override {
            kept: Value::Null,
            deleted: true,
            ..self
        }
    }
}

/// The overrides of a commit: of a merge, or as recorded by an import.
pub fn overrides(repo: &Repo, commit: &Commit) -> Result<Vec<Override>> {
    overrides_settled(repo, commit, None)
}

/// True if a commit settled the merge before it.
pub fn settles(next: &Commit, merge: &Commit) -> bool {
    next.parents == [merge.id] && next.op() == "sync"
}

/// As [`overrides`], of a merge that the next commit settled, with this tree: it may have restored
/// what the join gave up.
pub fn overrides_settled(
    repo: &Repo,
    commit: &Commit,
    settled: Option<Oid>,
) -> Result<Vec<Override>> {
    match commit.parents[..] {
        [a, b] => merged(repo, settled.unwrap_or(commit.tree), a, b),
        [parent] => imported(repo, commit, parent),
        _ => Ok(Vec::new()),
    }
}

/// The values that an import replaced, and those that it did not take. It records them, since only
/// the import knew the former values of its source.
fn imported(repo: &Repo, commit: &Commit, parent: Oid) -> Result<Vec<Override>> {
    let named = commit.trailers("PM-Overrode");
    let not_taken = commit.trailers("PM-Not-Taken");
    if named.is_empty() && not_taken.is_empty() {
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
        let wrote = |place: &Place, stamp: &Stamp| {
            let writer = introduced(repo, parent, None, (&old.born, uid), |doc| {
                has(doc, place, stamp)
            });
            writer.map(|commit| commit.map(|commit| commit.actor().to_string()))
        };
        let here = not_taken
            .iter()
            .filter_map(|line| line.strip_prefix(uid.as_str()));
        for (field, lost) in here.filter_map(|rest| rest.trim_start().split_once(' ')) {
            let place = Place::Field(field.to_string());
            let at = new.regs.get(EXTERNAL).map(|reg| reg.stamp.clone());
            let value = serde_json::from_str(lost).map(Value::from_json);
            if let (Some(kept), Some(stamp), Ok(value)) = (place.get(new), at, value) {
                let by = wrote(&place, &kept.stamp)?;
                let lost = Reg { stamp, value };
                let sides = [(kept, by), (&lost, source.clone())];
                out.push(Override::of(new, field.to_string(), sides));
            }
        }
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
            let lost_by = match is_of_record(&lost.stamp) {
                true => source.clone(),
                false => wrote(&change.place, &lost.stamp)?,
            };
            let sides = [(kept, source.clone()), (lost, lost_by)];
            out.push(Override::of(new, field, sides));
        }
        let shown = |doc: &Doc| {
            let (id, text) = doc.body.shown_version()?;
            let (stamp, value) = (id.stamp.clone(), text.into());
            Some(Reg { stamp, value })
        };
        if named.contains(&format!("{uid} {BODY}").as_str())
            && let Some(lost) = shown(old)
        {
            // The source may have cleared it.
            let kept = shown(new).unwrap_or(Reg {
                stamp: lost.stamp.clone(),
                value: Value::Null,
            });
            let lost_by = introduced(repo, parent, None, (&old.born, uid), |doc| {
                let mut versions = doc.body.versions.keys();
                versions.any(|id| id.stamp == lost.stamp)
            })?;
            let lost_by = lost_by.map(|commit| commit.actor().to_string());
            let sides = [(&kept, source.clone()), (&lost, lost_by)];
            out.push(Override::of(new, BODY.to_string(), sides));
        }
    }
    Ok(out)
}

/// The registers that both parents of a merge changed since their common ancestor, to different
/// values, and the changes of one to what the other one deleted. The cost depends on the differences
/// between the parents.
fn merged(repo: &Repo, tree: Oid, a: Oid, b: Oid) -> Result<Vec<Override>> {
    let join = Join {
        repo,
        tree,
        sides: [a, b],
        base: None,
        hides: None,
    };
    join.overrides()
}

/// As [`overrides`], for the join of two commits of different generations, of which the history
/// keeps at most one: with the redactions of the joined `tree`, and what both began with in `base`,
/// which the history cannot show either.
pub fn overrides_unlike(
    repo: &Repo,
    tree: Oid,
    sides: [Oid; 2],
    base: Option<Oid>,
) -> Result<Vec<Override>> {
    let base = base.map(|id| repo.commit(id)).transpose()?;
    let join = Join {
        repo,
        tree,
        sides,
        base: Some(base),
        hides: Some(repository::read(repo, tree)?.redactions()),
    };
    join.overrides()
}

/// All overrides in the history of a commit that is not in that of `known`.
pub fn overrides_in(repo: &Repo, tip: Oid, known: Option<Oid>) -> Result<Vec<Override>> {
    let mut out = Vec::new();
    for id in difference(repo, tip, known.as_slice())? {
        // At the end of a shallow history a parent is missing.
        match overrides(repo, &repo.commit(id)?) {
            Err(_) if repo.is_shallow() => {}
            found => out.extend(found?),
        }
    }
    Ok(out)
}

/// A join of two commits, and the state that both sides began with.
struct Join<'r> {
    repo: &'r Repo,
    tree: Oid,
    sides: [Oid; 2],
    /// The common ancestor, once it was searched.
    base: Option<Option<Commit>>,
    /// The redactions, if the sides are of two generations: a side may not know them, and may have
    /// known values that are not in the history of the other one.
    hides: Option<Redactions>,
}

impl Join<'_> {
    fn overrides(mut self) -> Result<Vec<Override>> {
        let repo = self.repo;
        let [left, right] = self.sides.map(|id| repo.commit(id));
        let trees = [left?.tree, right?.tree];
        let differing = changed(repo, Some(trees[0]), Some(trees[1]))?;
        let mut out = Vec::new();
        for (_, pair) in differing.pairs {
            let (Some(mut x), Some(mut y)) = (pair.old, pair.new) else {
                continue;
            };
            if let Some(redactions) = &self.hides {
                redact(&mut x, redactions);
                redact(&mut y, redactions);
            }
            self.of_pair(pair.family, [&x, &y], &mut out)?;
        }
        if differing.repository {
            let [x, y] = trees.map(|tree| repository::read(repo, tree));
            out.extend(self.contested([&x?.doc, &y?.doc], false)?);
        }
        Ok(out)
    }

    fn of_pair(&mut self, family: Family, sides: [&Doc; 2], out: &mut Vec<Override>) -> Result<()> {
        let all = self.hides.is_none() && matches!(family, Family::Item(_) | Family::Learning);
        match family {
            // What they hold was said elsewhere.
            Family::Key => {}
            Family::Plan => {
                let name = plan_name(self.repo, self.tree, sides[0])?;
                let lost = self.contested(sides, true)?.into_iter();
                out.extend(lost.map(|one| Override {
                    item: name.clone(),
                    ..one
                }));
            }
            _ => match self.deleted(sides)? {
                Some(lost) => out.extend(lost),
                // A section has nothing but its text, whose versions are kept, and who wrote it.
                None if family == Family::Context => {}
                None => out.extend(self.contested(sides, all)?),
            },
        }
        Ok(())
    }

    fn base(&mut self) -> Result<Option<Commit>> {
        if self.base.is_none() {
            let [a, b] = self.sides;
            let found = common_ancestor(self.repo, a, b)?;
            self.base = Some(found.map(|id| self.repo.commit(id)).transpose()?);
        }
        Ok(self.base.clone().flatten())
    }

    /// A document as both sides began with it.
    fn before(&mut self, doc: &Doc) -> Result<Option<Doc>> {
        match self.base()? {
            Some(commit) => doc_like(self.repo, commit.tree, doc),
            None => Ok(None),
        }
    }

    /// The changes of one side to a document that the other side deleted; `None` if it is not
    /// deleted now, or both sides deleted it.
    fn deleted(&mut self, sides: [&Doc; 2]) -> Result<Option<Vec<Override>>> {
        let (gone, side) = match sides.map(Doc::is_live) {
            [true, false] => (sides[1], 0),
            [false, true] => (sides[0], 1),
            _ => return Ok(None),
        };
        let doc = sides[side];
        let old = self.before(doc)?;
        let merged = doc_like(self.repo, self.tree, doc)?;
        let before = old.as_ref().unwrap_or(gone);
        let was_there = match &old {
            Some(old) => old.is_live(),
            None => !gone.purged,
        };
        if !was_there || merged.is_none_or(|merged| merged.is_live()) {
            return Ok(None);
        }
        let mut lost = Vec::new();
        let mut changes = compare(Some(before), Some(doc));
        for new in changes.added {
            for (name, reg) in doc
                .entry(&new.record, &new.id)
                .into_iter()
                .flat_map(|e| &e.regs)
            {
                changes.changes.push(Change {
                    place: Place::Entry(new.record.clone(), new.id.clone(), name.clone()),
                    old: None,
                    new: Some(reg.clone()),
                });
            }
        }
        for change in changes.changes {
            let Some(reg) = change.new.as_ref().filter(|_| is_said(&change)) else {
                continue;
            };
            let place = &change.place;
            // Whoever deletes it after reading a change knows what is lost.
            if has(gone, place, &reg.stamp) || self.is_known(1 - side, doc, place, &reg.stamp)? {
                continue;
            }
            let by = self.writer(side, doc, &|doc| has(doc, place, &reg.stamp))?;
            lost.push((place.to_string(), reg.clone(), by));
        }
        let known = gone.body.replaced();
        for (id, version) in &doc.body.versions {
            if let Some(text) = &version.text
                && ![before, gone]
                    .iter()
                    .any(|doc| doc.body.versions.contains_key(id))
                && !known.contains(id)
            {
                let by = self.writer(side, doc, &|doc| doc.body.versions.contains_key(id))?;
                let (stamp, value) = (id.stamp.clone(), text.as_str().into());
                lost.push(("body".into(), Reg { stamp, value }, by));
            }
        }
        if lost.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let deleted_by = self.writer(1 - side, gone, &|doc| !doc.is_live())?;
        let row = |(field, reg, by)| {
            Override::of(doc, field, [(&reg, deleted_by.clone()), (&reg, by)]).by_deletion()
        };
        Ok(Some(lost.into_iter().map(row).collect()))
    }

    /// The registers of a document that both sides wrote, and those of entries that one of them
    /// wrote and the other one removed; `all`, or only those that a user said.
    fn contested(&mut self, sides: [&Doc; 2], all: bool) -> Result<Vec<Override>> {
        let [x, y] = sides;
        let mut candidates = compare(Some(x), Some(y)).changes;
        candidates.retain(|change| {
            (is_contested(change) || in_removed(sides, &change.place).is_some())
                && is_by_hand(x, y, &change.place)
                && (all || is_said(change))
        });
        if candidates.is_empty() {
            return Ok(Vec::new());
        }
        let old = self.before(x)?;
        let merged = doc_like(self.repo, self.tree, x)?;
        let shown = merged.as_ref().unwrap_or(x);
        let mut out = Vec::new();
        for change in candidates {
            let place = &change.place;
            let removed = in_removed(sides, place).filter(|_| is_removed(shown, place));
            let [mut kept, mut lost] = [(0, &change.old), (1, &change.new)];
            let is_second = stamp_of(lost.1) > stamp_of(kept.1);
            if removed.map_or(is_second, |remover| remover == 1) {
                std::mem::swap(&mut kept, &mut lost);
            }
            // A settlement may have restored what the join gave up.
            let now = merged.as_ref().and_then(|doc| place.get(doc));
            let is_now = |reg: &Option<Reg>| {
                let both = reg.as_ref().zip(now);
                both.is_some_and(|(reg, now)| reg.value == now.value)
            };
            if removed.is_none() && is_now(lost.1) && !is_now(kept.1) {
                std::mem::swap(&mut kept, &mut lost);
            }
            let Some(gave_way) = lost.1 else {
                continue;
            };
            let is_new = |reg: &Reg| is_newer(old.as_ref(), place, &reg.stamp);
            let both_wrote = kept.1.as_ref().is_some_and(is_new) || removed.is_some();
            if !both_wrote
                || !is_new(gave_way)
                || is_beside(merged.as_ref(), place, &gave_way.value)
                || self.is_known(kept.0, x, place, &gave_way.stamp)?
            {
                continue;
            }
            let lost_by = self.writer(lost.0, x, &|doc| has(doc, place, &gave_way.stamp))?;
            let field = shown_place(x, place);
            out.push(match (removed, kept.1) {
                (Some(_), _) => {
                    let by = self.writer(kept.0, x, &|doc| is_removed(doc, place))?;
                    Override::of(shown, field, [(gave_way, by), (gave_way, lost_by)]).by_deletion()
                }
                (None, Some(won)) => {
                    let by = self.writer(kept.0, x, &|doc| has(doc, place, &won.stamp))?;
                    Override::of(shown, field, [(won, by), (gave_way, lost_by)])
                }
                (None, None) => continue,
            });
        }
        Ok(out)
    }

    /// True if a side has known a value that is not in its state now: one of another generation, or
    /// one that imported the same record. All else follows from the common ancestor.
    fn is_known(&mut self, side: usize, like: &Doc, place: &Place, stamp: &Stamp) -> Result<bool> {
        let has = |doc: &Doc| has(doc, place, stamp);
        let may_be = self.hides.is_some() || is_of_record(stamp);
        Ok(may_be && self.wrote(side, like, &has)?.is_some())
    }

    /// The actor who wrote a part of a document on one side since the common ancestor; `None` if
    /// that was before the history begins, or in one that was not kept.
    fn writer(
        &mut self,
        side: usize,
        like: &Doc,
        has: &dyn Fn(&Doc) -> bool,
    ) -> Result<Option<String>> {
        let commit = self.wrote(side, like, has)?;
        Ok(commit.and_then(|commit| Some(commit.writer()?.to_string())))
    }

    /// The newest commit of one side, since the common ancestor, whose version of a document has
    /// something that no parent's has.
    fn wrote(
        &mut self,
        side: usize,
        like: &Doc,
        has: &dyn Fn(&Doc) -> bool,
    ) -> Result<Option<Commit>> {
        let end = self.base()?.map(|commit| commit.id);
        let repo = self.repo;
        let has = |commit: &Commit| -> Result<bool> {
            Ok(doc_like(repo, commit.tree, like)?.is_some_and(|doc| has(&doc)))
        };
        let mut tracked = Tracked::new(repo, &paths_of(like));
        let mut found = None;
        walk(repo, self.sides[side], |commit| {
            if Some(commit.id) == end {
                return Ok(false);
            }
            if tracked.is_touched(commit)? && has(commit)? {
                let mut is_new = true;
                for parent in &commit.parents {
                    is_new &= match load(repo, *parent)? {
                        Some(parent) => !has(&parent)?,
                        None => true,
                    };
                }
                found = is_new.then(|| commit.clone());
            }
            Ok(found.is_none())
        })?;
        Ok(found)
    }
}

/// True if a document has a register with this stamp.
fn has(doc: &Doc, place: &Place, stamp: &Stamp) -> bool {
    place.get(doc).is_some_and(|reg| reg.stamp == *stamp)
}

fn stamp_of(reg: &Option<Reg>) -> Option<&Stamp> {
    reg.as_ref().map(|reg| &reg.stamp)
}

/// True if the entry of a register is removed.
fn is_removed(doc: &Doc, place: &Place) -> bool {
    let Place::Entry(record, id, _) = place else {
        return false;
    };
    doc.entry(record, id).is_some_and(Entry::is_removed)
}

/// The side that removed the entry of a register, if only one did.
fn in_removed(sides: [&Doc; 2], place: &Place) -> Option<usize> {
    let is_flag = matches!(place, Place::Entry(_, _, name) if name == "removed");
    match sides.map(|doc| is_removed(doc, place)) {
        _ if is_flag => None,
        [true, false] => Some(0),
        [false, true] => Some(1),
        _ => None,
    }
}

/// The id that is shown for an item, a learning or a message, the handle of a section, `pm.yaml`,
/// or the kind and name of another document.
fn shown_name(doc: &Doc) -> String {
    if let Some(handle) = section::handle_of(doc) {
        return handle;
    }
    match doc.kind.as_str() {
        kind if kind == Family::Learning.kind() => short_id(LEARNING, &doc.uid),
        kind if kind == Family::Message.kind() => short_id(MESSAGE, &doc.uid),
        kind if ItemKind::parse(kind).is_some() => doc.shown_id().to_string(),
        kind if kind == first_commit::initial_document().kind => REPOSITORY.to_string(),
        kind => one_line(&format!(
            "{kind}:{}",
            doc.text("name").unwrap_or(doc.uid.as_str())
        )),
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

/// Registers that say who made a change, or how long it holds.
const FACTS: [&str; 8] = [
    "agent",
    "author",
    "by",
    "confirmed",
    "ended",
    "expires",
    "order",
    "was",
];

/// True for a change that a user made: not to a claim, or to the record of what was written.
fn is_said(change: &Change) -> bool {
    let field = change.place.field();
    let said = !matches!(field, EXTERNAL | "claims" | long_texts::RECORD);
    let leaf = match &change.place {
        Place::Entry(_, _, name) => name,
        _ => field,
    };
    let is_fact = FACTS.contains(&leaf) || leaf.ends_with("_at") || leaf.ends_with("_by");
    said && !is_fact && change.is_visible()
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
    // Which number an item gets, the settlement says.
    let field = change.place.field();
    let is_value = !matches!(change.place, Place::Element(..)) && !matches!(field, EXTERNAL | "id");
    is_value && a.value != b.value && a.stamp != b.stamp
}

fn is_newer(old: Option<&Doc>, place: &Place, stamp: &Stamp) -> bool {
    let before = old.and_then(|doc| place.get(doc));
    before.is_none_or(|before| before.stamp != *stamp)
}
