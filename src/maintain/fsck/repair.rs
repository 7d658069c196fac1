//! Stages a repair: every document goes to the one file where it belongs.
//!
//! It is written in canonical bytes; decisions are writes with new stamps.

use std::collections::{BTreeMap, BTreeSet};

use super::documents::last_format;
use super::fsck_report::Repaired;
use super::history_rules::lost;
use super::item_rules::{broken, edges, never_was};
use super::tree_survey::{Row, Survey, key_of, places};
use crate::error::Result;
use crate::graph::{Is, Vertex};
use crate::model::codec::{decode, encode};
use crate::model::doc::Doc;
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::limits::DOCUMENT_MAX;
use crate::model::stamp::Clock;
use crate::model::stop::forget_decisions;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::store::fsck::scan::What;
use crate::store::git::repo::Repo;
use crate::store::handle::lost_tips::LostTip;
use crate::store::history::trees::changed;
use crate::store::join::doc::{join, redact};
use crate::store::layout::REPOSITORY;
use crate::store::transaction::Tx;

/// A document and the files that it is in.
struct Moving {
    doc: Doc,
    /// The files it was read from, with true for canonical bytes.
    from: Vec<(String, bool)>,
    /// It differs from its file.
    changed: bool,
}

/// The documents that may change, by their key (see [`key_of`]), with all whose names depend on
/// theirs.
struct Plan {
    docs: BTreeMap<String, Moving>,
    done: Vec<Repaired>,
    items: BTreeSet<String>,
}

/// Stages all repairs and returns them.
pub(super) fn stage(pm: &Pm, tx: &mut Tx<'_>) -> Result<Vec<Repaired>> {
    let repo = tx.state.repo();
    let Some(tip) = tx.state.commit else {
        return Ok(Vec::new());
    };
    let survey = Survey::at(repo, tip, pm.now_ms())?;
    let mut plan = Plan {
        docs: BTreeMap::new(),
        done: Vec::new(),
        items: BTreeSet::new(),
    };
    plan.gather(&survey)?;
    plan.restore_removed(&survey)?;
    plan.recover(&survey, &pm.store.lost_tips())?;
    let clock = tx.clock().clone();
    plan.decide(&survey, &clock, tx.actor())?;
    plan.write(&survey, tx);
    if !plan.done.is_empty() {
        let ids: Vec<&str> = plan.items.iter().map(String::as_str).collect();
        tx.describe("fsck", &ids, &summary(&plan.done));
    }
    Ok(plan.done)
}

/// The documents that a lost tip wrote after the tip used instead; none if its objects are lost
/// too.
pub(super) fn written(repo: &Repo, tip: &LostTip) -> Option<Vec<Doc>> {
    let used = repo.commit(tip.used).ok()?.tree;
    let found = changed(repo, Some(used), Some(tip.tree?)).ok()?;
    Some(found.pairs.into_values().filter_map(|p| p.new).collect())
}

/// `repaired 3 findings: 2 file-misplaced, 1 edge-self`.
fn summary(done: &[Repaired]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for one in done {
        *counts.entry(&one.code).or_default() += 1;
    }
    let words: Vec<String> = counts
        .iter()
        .map(|(code, n)| format!("{n} {code}"))
        .collect();
    let s = if done.len() == 1 { "" } else { "s" };
    format!("repaired {} finding{s}: {}", done.len(), words.join(", "))
}

impl Plan {
    fn note(&mut self, code: &str, object: &str, done: impl AsRef<str>) {
        self.done.push(Repaired::new(code, object, done));
    }

    /// Adds a document of the tree that is where it belongs.
    fn load(&mut self, survey: &Survey<'_>, row: &Row) -> Result<()> {
        let (doc, canonical) = survey.read(row)?;
        let known = key_of(&doc).and_then(|key| self.docs.get(&key));
        if known.is_some_and(|known| known.from.iter().any(|(path, _)| **path == *row.path)) {
            return Ok(());
        }
        if !canonical {
            let done = "rewritten in canonical bytes";
            self.note("file-not-canonical", &row.path, done);
        }
        self.add(doc, Some((row.path.to_string(), canonical)));
        Ok(())
    }

    /// Adds the documents that another one joins, or whose names depend on its own.
    fn load_alike(&mut self, survey: &Survey<'_>, doc: &Doc) -> Result<()> {
        survey.alike(doc).try_for_each(|row| self.load(survey, row))
    }

    fn add(&mut self, doc: Doc, from: Option<(String, bool)>) {
        let Some(key) = key_of(&doc) else { return };
        match self.docs.get_mut(&key) {
            Some(known) => {
                known.doc = join(&known.doc, &doc);
                known.changed = true;
                known.from.extend(from);
            }
            None => {
                let changed = from.is_none();
                let from = from.into_iter().collect();
                self.docs.insert(key, Moving { doc, from, changed });
            }
        }
    }

    /// Collects the documents to which a rule may apply, and earlier versions of the unreadable ones.
    fn gather(&mut self, survey: &Survey<'_>) -> Result<()> {
        for row in survey.suspects() {
            self.load(survey, row)?;
        }
        for file in &survey.files {
            let path = &file.path;
            if let What::Damaged { too_late, .. } = &file.what {
                let Some(doc) = newest(survey.versions(path)?) else {
                    continue;
                };
                let code = if *too_late {
                    "stamp-beyond-2100"
                } else {
                    "file-damaged"
                };
                let done = "restored from the last readable version in the history";
                self.note(code, path, done);
                self.load_alike(survey, &doc)?;
                // Its name may have become another one since.
                self.add(doc, Some((path.clone(), false)));
            }
        }
        self.done.sort_by(|a, b| a.object.cmp(&b.object));
        // Last of all the misplaced ones, which decide nothing about a document in its place.
        for file in &survey.files {
            if let What::Misplaced { doc, belongs } = &file.what {
                let path = &file.path;
                self.note("file-misplaced", path, format!("moved to {belongs}"));
                self.load_alike(survey, doc)?;
                let mut doc = (**doc).clone();
                if key_of(&doc).is_some_and(|key| self.docs.contains_key(&key)) {
                    forget_decisions(&mut doc);
                }
                self.add(doc, Some((path.clone(), false)));
            }
        }
        Ok(())
    }

    /// Adds documents that a commit removed.
    fn restore_removed(&mut self, survey: &Survey<'_>) -> Result<()> {
        for (path, versions) in lost(survey)? {
            if let Some(doc) = newest(versions) {
                self.note("document-vanished", &path, "restored from the history");
                self.load_alike(survey, &doc)?;
                self.add(doc, None);
            }
        }
        Ok(())
    }

    /// Adds the documents of lost tips that still exist.
    fn recover(&mut self, survey: &Survey<'_>, lost: &[LostTip]) -> Result<()> {
        for tip in lost {
            for doc in written(survey.repo, tip).into_iter().flatten() {
                self.load_alike(survey, &doc)?;
                let known = key_of(&doc).and_then(|key| self.docs.get(&key));
                if known.is_some_and(|known| join(&known.doc, &doc) == known.doc) {
                    continue;
                }
                let name = doc
                    .text("id")
                    .map_or_else(|| doc.uid.to_string(), str::to_string);
                self.note("tip-lost", &name, format!("restored from {}", tip.id));
                self.items.extend(doc.text("id").map(str::to_string));
                self.add(doc, None);
            }
        }
        Ok(())
    }

    /// Makes the changes that need a new stamp.
    fn decide(&mut self, survey: &Survey<'_>, clock: &Clock, actor: &str) -> Result<()> {
        let mut done = Vec::new();
        let mut touched = BTreeSet::new();
        for moving in self.docs.values_mut() {
            let before = done.len();
            if moving.doc.kind == "repository" {
                format(survey, moving, clock, &mut done)?;
            } else if ItemKind::parse(&moving.doc.kind).is_some() {
                readable(survey, moving, clock, &mut done)?;
                unlink(survey, moving, clock, &mut done)?;
                end_claims(moving, clock, actor, &mut done);
            }
            if done.len() > before {
                touched.extend(moving.doc.text("id").map(str::to_string));
            }
        }
        self.done.extend(done);
        self.items.extend(touched);
        Ok(())
    }

    fn write(&mut self, survey: &Survey<'_>, tx: &mut Tx<'_>) {
        let docs = self.docs.iter();
        let places = places(
            survey.repository.levels(),
            docs.map(|(key, moving)| (key.as_str(), &moving.doc)),
        );
        let redactions = survey.repository.redactions();
        let mut put: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let mut gone: BTreeSet<String> = BTreeSet::new();
        let mut moved = Vec::new();
        for (key, moving) in &self.docs {
            let Some(place) = places.get(key) else {
                continue;
            };
            let settled = matches!(&moving.from[..], [(path, true)] if path == place);
            if settled && !moving.changed {
                continue;
            }
            let mut doc = moving.doc.clone();
            if doc.kind != "repository" {
                redact(&mut doc, &redactions);
            }
            let text = encode(&doc);
            // An unreadable or oversized file is not written.
            if text.len() > DOCUMENT_MAX || decode(text.as_bytes()).is_err() {
                continue;
            }
            for (path, canonical) in moving.from.iter().filter(|(path, _)| path != place) {
                gone.insert(path.clone());
                if *canonical {
                    moved.push((path.clone(), place.clone(), moving.from.len()));
                }
            }
            put.insert(place.clone(), text.into_bytes());
        }
        for (path, place, copies) in moved {
            let code = if copies > 1 {
                "document-twice"
            } else {
                "path-suffix"
            };
            self.note(code, &path, format!("now only at {place}"));
        }
        for path in gone.iter().filter(|path| !put.contains_key(*path)) {
            tx.put_file(path, None);
        }
        for (path, bytes) in put {
            tx.put_file(&path, Some(bytes));
        }
    }
}

/// The document that a file had last, of all its versions, newest first. Items with one stem may have had the same
/// file name one after another.
fn newest(versions: Vec<Doc>) -> Option<Doc> {
    let uid = versions.first()?.uid.clone();
    let own = versions.into_iter().filter(|doc| doc.uid == uid);
    own.reduce(|a, b| join(&a, &b))
}

/// Replaces an invalid version number with the last valid one.
fn format(
    survey: &Survey<'_>,
    moving: &mut Moving,
    clock: &Clock,
    done: &mut Vec<Repaired>,
) -> Result<()> {
    let here = std::slice::from_ref(&moving.doc);
    if last_format(here).is_some() {
        return Ok(());
    }
    let versions = survey.versions(REPOSITORY)?;
    if let Some(format) = last_format(&versions) {
        let text = format!("restored the last valid `format`, {format}");
        moving.changed |= moving.doc.set("format", format, clock);
        done.push(Repaired::new("format-unreadable", REPOSITORY, text));
    }
    Ok(())
}

/// Replaces an invalid status and priority with the last valid ones.
fn readable(
    survey: &Survey<'_>,
    moving: &mut Moving,
    clock: &Clock,
    done: &mut Vec<Repaired>,
) -> Result<()> {
    let Some((path, _)) = moving.from.first().cloned() else {
        return Ok(());
    };
    if Item::from_doc(&moving.doc).is_ok() {
        return Ok(());
    }
    for old in survey.versions(&path)? {
        if old.uid != moving.doc.uid || Item::from_doc(&old).is_err() {
            continue;
        }
        let mut doc = moving.doc.clone();
        let fields = ["status", "priority"];
        for field in fields {
            doc.set(field, old.value(field).clone(), clock);
        }
        if Item::from_doc(&doc).is_ok() {
            moving.doc = doc;
            moving.changed = true;
            let text = "restored its last valid status and priority";
            done.push(Repaired::new("item-unreadable", &path, text));
            return Ok(());
        }
    }
    Ok(())
}

/// Removes edges of an item to itself and to items that never existed.
fn unlink(
    survey: &Survey<'_>,
    moving: &mut Moving,
    clock: &Clock,
    done: &mut Vec<Repaired>,
) -> Result<()> {
    let item = survey.item(&moving.doc.uid);
    let Some(item) = item.filter(|item| !item.is(Is::Deleted)) else {
        return Ok(());
    };
    let id = survey.shown(item);
    for edge in edges(&moving.doc) {
        let code = if edge.target.uid.as_ref() == Some(&moving.doc.uid) {
            "edge-self"
        } else if never_was(survey, &edge)? {
            "edge-missing"
        } else {
            continue;
        };
        let changed = match edge.field {
            "epic" => moving.doc.set("epic", Value::Null, clock),
            set => moving.doc.set_element(set, &edge.element, false, clock),
        };
        if changed {
            moving.changed = true;
            let text = format!("removed the edge `{} {}`", edge.kind, edge.target.born);
            done.push(Repaired::new(code, &id, text));
        }
    }
    Ok(())
}

fn end_claims(moving: &mut Moving, clock: &Clock, actor: &str, done: &mut Vec<Repaired>) {
    let Ok(item) = Item::from_doc(&moving.doc) else {
        return;
    };
    for claim in &item.claims {
        let Some((code, _)) = broken(&item, claim) else {
            continue;
        };
        let why = format!("{code}; ended by {actor}");
        if moving
            .doc
            .set_entry("claims", &claim.id, "ended", why, clock)
        {
            moving.changed = true;
            let text = format!("ended the claim of {}", claim.actor);
            done.push(Repaired::new(code, &item.id, text));
        }
    }
}
