//! The events of one commit: its differences from its parent, document by document.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::event::{Event, EventChange, LOST, REPLACED};
use crate::error::Result;
use crate::model::doc::Doc;
use crate::model::id::{ItemRef, parse_sequential};
use crate::model::register_diff::{Place, compare};
use crate::model::section;
use crate::model::short_id::{ARTIFACT, FINDING, LEARNING, MESSAGE, short_id};
use crate::model::stamp::rfc3339;
use crate::model::text;
use crate::model::uid::Uid;
use crate::pm::changes::document_diff::{Fate, ItemDiff};
use crate::pm::changes::{Texts, artifact, is_there, meaning_of, reservation, shown_reference};
use crate::store::git::repo::{Commit, Oid, Repo};
use crate::store::history::overrides;
use crate::store::history::trees::{Changed, Pair, changed, changed_files, doc_like};
use crate::store::join::doc::join;
use crate::store::layout::{Family, REPOSITORY};
use crate::store::repository;
use crate::store::tree_diff::{Change, changes};

/// The source of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// One commit.
    Commit(Oid),
    /// All differences between two states whose histories differ.
    Replaced { old: Oid, new: Oid },
}

/// The most documents of one commit that are read together.
pub(super) const TOGETHER: usize = 256;

/// Derives the events of one walk.
pub(super) struct Deriver<'r> {
    repo: &'r Repo,
    /// The state that the reader has.
    known: Option<Oid>,
    /// The documents that commits of this walk took over from another generation.
    taken_over: BTreeMap<Uid, Doc>,
}

impl<'r> Deriver<'r> {
    pub fn new(repo: &'r Repo, known: Option<Oid>) -> Self {
        Deriver {
            repo,
            known,
            taken_over: BTreeMap::new(),
        }
    }

    /// The files of a commit that only adds very many, as an import does: items first. Of any other
    /// source none, and it is read as a whole.
    pub fn files(&self, source: &Source) -> Result<Vec<Change>> {
        let Source::Commit(id) = *source else {
            return Ok(Vec::new());
        };
        let commit = self.repo.commit(id)?;
        let parent = commit.parents.first().map(|id| self.repo.commit(*id));
        let (Some(Ok(parent)), 1, false) = (parent, commit.parents.len(), is_merge(&commit)) else {
            return Ok(Vec::new());
        };
        let mut all = match changes(self.repo, parent.tree, commit.tree, usize::MAX) {
            Ok(Some(all)) if all.len() > TOGETHER && all.iter().all(|c| c.old.is_none()) => all,
            _ => return Ok(Vec::new()),
        };
        // Others are in the order of their paths.
        all.sort_by_cached_key(|change| {
            let Family::Item(kind) = change.family else {
                return (true, None, 0);
            };
            let name = change.path.rsplit('/').next().unwrap_or_default();
            let born = name.rsplit_once('-').map_or(name, |(born, _)| born);
            let number = parse_sequential(born).map_or(u32::MAX, |(_, n)| n);
            (false, Some(kind), number)
        });
        Ok(all)
    }

    /// The events of a source, or of some files of a commit, in the order of their documents; without
    /// cursors. No files stand for the settings.
    pub fn events(&mut self, source: &Source, part: Option<&[Change]>) -> Result<Vec<Event>> {
        let repo = self.repo;
        match *source {
            Source::Commit(id) => self.of_commit(&repo.commit(id)?, part),
            Source::Replaced { old, new } => {
                let (old, new) = (repo.commit(old)?, repo.commit(new)?);
                let mut plain = blank(&new, REPLACED);
                (plain.actor, plain.agent, plain.op) = (None, None, String::new());
                let from = json!(old.id.to_string());
                let change = EventChange::value("commit", from, json!(new.id.to_string()));
                let mut out = vec![plain.clone().with(vec![change])];
                let found = changed(repo, Some(old.tree), Some(new.tree))?;
                self.documents(&plain, Some(old.tree), new.tree, &found, &mut out)?;
                Ok(out)
            }
        }
    }

    /// Skips a source whose events the reader has.
    pub fn pass(&mut self, source: &Source) -> Result<()> {
        // What it took over counts for later ones.
        if let Source::Commit(id) = *source {
            let commit = self.repo.commit(id)?;
            if is_merge(&commit) && commit.parents.len() == 1 {
                self.of_commit(&commit, None)?;
            }
        }
        Ok(())
    }

    fn of_commit(&mut self, commit: &Commit, part: Option<&[Change]>) -> Result<Vec<Event>> {
        let first = commit.parents.first().map(|id| self.repo.commit(*id));
        let parent = match (first, &commit.parents[..]) {
            (Some(Ok(parent)), [_]) => parent,
            (Some(_), [_, _, ..]) => return self.of_merge(commit),
            // A history that begins here, or is cut off here in a shallow clone: its content was
            // written before.
            (Some(Err(_)), _) if self.repo.is_shallow() => {
                return Ok(vec![blank(commit, "history.began")]);
            }
            (None, _) => return Ok(vec![blank(commit, "history.began")]),
            (Some(Err(error)), _) => return Err(error),
            (Some(Ok(_)), []) => return Ok(Vec::new()),
        };
        let mut found = match part {
            Some([]) => {
                let settings = |tree| self.repo.file_at(tree, REPOSITORY);
                Changed {
                    repository: settings(parent.tree)? != settings(commit.tree)?,
                    ..Changed::default()
                }
            }
            Some(files) => changed_files(self.repo, files)?,
            None => changed(self.repo, Some(parent.tree), Some(commit.tree))?,
        };
        if is_merge(commit) {
            self.leave_out_known(&mut found)?;
        }
        let mut out = Vec::new();
        let plain = blank(commit, "");
        self.documents(&plain, Some(parent.tree), commit.tree, &found, &mut out)?;
        Ok(out)
    }

    /// The event of a merge, with the values that it overrode.
    fn of_merge(&self, commit: &Commit) -> Result<Vec<Event>> {
        let values = overrides(self.repo, commit)?.into_iter();
        let changes = values.map(|one| {
            let field = format!("{} {}", one.item, one.field);
            EventChange::value(field, one.lost.to_json(), one.kept.to_json())
        });
        Ok(vec![blank(commit, "state.merged").with(changes.collect())])
    }

    /// A merge with a state of another generation has one parent only, so the other state's writes
    /// are its own differences. Several clones may make such a merge of the same writes: those that
    /// the reader has, or that were in an earlier one, are left out.
    fn leave_out_known(&mut self, found: &mut Changed) -> Result<()> {
        for (uid, pair) in &mut found.pairs {
            let Some(new) = &pair.new else { continue };
            let known = match self.known {
                Some(tree) => doc_like(self.repo, tree, new)?,
                None => None,
            };
            let before = known.iter().chain(self.taken_over.get(uid));
            let before = before.chain(&pair.old).cloned();
            pair.old = before.reduce(|a, b| join(&a, &b));
            let all = match self.taken_over.remove(uid) {
                Some(seen) => join(&seen, new),
                None => new.clone(),
            };
            self.taken_over.insert(uid.clone(), all);
        }
        found.pairs.retain(|_, pair| pair.old != pair.new);
        Ok(())
    }

    /// The events of all documents that differ.
    fn documents(
        &self,
        plain: &Event,
        old: Option<Oid>,
        tree: Oid,
        found: &Changed,
        out: &mut Vec<Event>,
    ) -> Result<()> {
        let repo = self.repo;
        let meaning = meaning_of(repo, tree, found, Texts::Named)?;
        // A section of the context is a document of its own.
        let items = meaning.items.iter().filter(|i| i.kind != section::KIND);
        for item in items {
            of_item(plain, item, found, out);
        }
        for pair in found.pairs.values() {
            let Some(mut event) = of_document(plain, pair) else {
                continue;
            };
            if let Some(item) = pair.either().and_then(about) {
                event.item = Some(shown_reference(repo, tree, &item)?);
                event.item_uid = item.uid;
            }
            out.push(event);
        }
        if found.repository {
            let settings = |tree| repository::read(repo, tree).map(|read| read.doc);
            let before = old.map(settings).transpose()?;
            let changes = fields(before.as_ref(), Some(&settings(tree)?));
            if !changes.is_empty() {
                out.push(event(plain, "settings.changed").with(changes));
            }
        }
        for path in &found.unreadable {
            let change = EventChange::value("path", Json::Null, json!(path));
            out.push(event(plain, "file.unreadable").with(vec![change]));
        }
        Ok(())
    }
}

/// True for a commit that git pm made to join two states.
fn is_merge(commit: &Commit) -> bool {
    commit.op() == "merge"
}

/// An event of a commit without anything in it yet.
fn blank(commit: &Commit, kind: &str) -> Event {
    let has_no_actor = is_merge(commit) || commit.op() == "init";
    Event {
        at: rfc3339(commit.ms()),
        kind: kind.to_string(),
        actor: (!has_no_actor).then(|| text::actor(commit.actor())),
        agent: commit.trailer("PM-Agent").map(text::actor),
        op: text::shorten(commit.op(), 80),
        commit: commit.id.to_string(),
        ..Event::default()
    }
}

/// The event for a reader whose cursor is from a lost history: changes after it are unknown.
pub(super) fn lost(commit: &Commit, before: &str, cursor: &str) -> Event {
    let change = EventChange::value("cursor", json!(before), json!(cursor));
    let event = Event {
        cursor: cursor.to_string(),
        actor: None,
        agent: None,
        op: String::new(),
        ..blank(commit, LOST)
    };
    event.with(vec![change])
}

fn event(plain: &Event, kind: &str) -> Event {
    Event {
        kind: kind.to_string(),
        ..plain.clone()
    }
}

/// The item that a document other than an item is about.
fn about(doc: &Doc) -> Option<ItemRef> {
    let field = match doc.kind.as_str() {
        "reservation" => "task",
        _ => "item",
    };
    let named = doc.text(field).map(ItemRef::parse)?;
    named.uid.is_some().then_some(named)
}

/// The events of an item: changes of it as a whole or of its fields, then of its claims, comments
/// and artifacts.
fn of_item(plain: &Event, item: &ItemDiff, found: &Changed, out: &mut Vec<Event>) {
    let of = |kind: &str| Event {
        item: Some(item.id.clone()),
        id: Some(item.id.clone()),
        uid: Some(item.uid.clone()),
        item_uid: Uid::new(&item.uid),
        ..event(plain, kind)
    };
    let mut changes: Vec<EventChange> = Vec::new();
    // The most telling one first.
    let (status, others): (Vec<_>, Vec<_>) = item
        .fields
        .iter()
        .partition(|field| field.field == "status");
    for field in status.iter().chain(&others) {
        let (old, new) = (field.old.clone(), field.new.clone());
        changes.push(EventChange::value(&field.field, old, new));
    }
    for list in &item.lists {
        changes.push(EventChange::list(&list.field, &list.added, &list.removed));
    }
    for criterion in &item.acceptance {
        let what = json!({ "criterion": criterion.text, "change": criterion.change });
        changes.push(EventChange::value("acceptance", Json::Null, what));
    }
    if item.body.is_some() {
        changes.push(EventChange::list("text", &[], &[]));
    }
    let kind = match item.change {
        Fate::Created => "item.created",
        Fate::Deleted => "item.deleted",
        Fate::Restored => "item.restored",
        Fate::Missing => "item.missing",
        Fate::Changed if !status.is_empty() => "status.changed",
        Fate::Changed => "item.changed",
    };
    if item.change != Fate::Changed || !changes.is_empty() {
        out.push(of(kind).with(changes));
    }
    for claim in &item.claims {
        let kinds: &[&str] = match claim.change.as_str() {
            "made" => &["claim.taken"],
            "made and ended" => &["claim.taken", "claim.released"],
            "ended" => &["claim.released"],
            _ => &["claim.missing"],
        };
        for kind in kinds {
            let mut changes = vec![EventChange::value("actor", Json::Null, json!(claim.actor))];
            if let Some(reason) = claim.reason.as_ref().filter(|_| *kind != "claim.taken") {
                changes.push(EventChange::value("ended", Json::Null, json!(reason)));
            }
            out.push(of(kind).with(changes));
        }
    }
    let pair = Uid::new(&item.uid).and_then(|uid| found.pairs.get(&uid));
    for actor in pair.into_iter().flat_map(confirmed) {
        let change = EventChange::value("actor", Json::Null, json!(actor));
        out.push(of("claim.confirmed").with(vec![change]));
    }
    for comment in &item.comments {
        let kind = format!("comment.{}", comment.change);
        let author = EventChange::value("author", Json::Null, json!(comment.author));
        let body = EventChange::value("text", Json::Null, json!(comment.body));
        out.push(of(&kind).with(vec![author, body]));
    }
}

/// The claimants of an item whose claim a remote confirmed.
fn confirmed(pair: &Pair) -> Vec<String> {
    let (Some(old), Some(new)) = (&pair.old, &pair.new) else {
        return Vec::new();
    };
    let entries = new.entries("claims").filter(|(id, entry)| {
        let before = old.entry("claims", id);
        let was = before.is_some_and(|entry| !entry.value("confirmed").is_true());
        was && entry.value("confirmed").is_true()
    });
    let actors = entries.filter_map(|(_, entry)| entry.text("actor"));
    actors.map(text::actor).collect()
}

/// The event of a document that is neither an item nor a comment.
fn of_document(plain: &Event, pair: &Pair) -> Option<Event> {
    let doc = pair.either()?;
    let letter = match pair.family {
        Family::Item(_) | Family::Comment | Family::Key => return None,
        Family::Learning => Some(LEARNING),
        Family::Message => Some(MESSAGE),
        Family::Artifact => Some(ARTIFACT),
        Family::Finding => Some(FINDING),
        _ => None,
    };
    let kind = match pair.family {
        Family::Reservation => match reservation(pair)?.change.as_str() {
            "made" | "made and ended" => "reservation.granted".into(),
            change => format!("reservation.{change}"),
        },
        Family::Artifact => match artifact(pair)?.change.as_str() {
            "put" => "artifact.put".into(),
            "removed" => "artifact.removed".into(),
            _ => "artifact.restored".into(),
        },
        family => format!("{}.{}", family.kind(), happened(pair)?),
    };
    let kind = match kind.as_str() {
        "message.added" => "message.sent",
        other => other,
    };
    let mut changes = fields(pair.old.as_ref(), pair.new.as_ref());
    if pair.old.is_none() && !doc.body.text().is_empty() {
        changes.push(EventChange::value(
            "text",
            Json::Null,
            json!(doc.body.text()),
        ));
    } else if compare(pair.old.as_ref(), pair.new.as_ref()).body {
        changes.push(EventChange::list("text", &[], &[]));
    }
    if changes.is_empty() {
        return None;
    }
    let id = match letter {
        Some(letter) => short_id(letter, &doc.uid),
        None => section::handle_of(doc).unwrap_or_else(|| doc.uid.to_string()),
    };
    let event = Event {
        id: Some(id),
        uid: Some(doc.uid.to_string()),
        ..event(plain, kind)
    };
    Some(event.with(changes))
}

/// The change of a document as a whole.
fn happened(pair: &Pair) -> Option<&'static str> {
    Some(match (is_there(&pair.old), is_there(&pair.new)) {
        (false, true) if pair.old.is_some() => "restored",
        (false, true) => "added",
        (true, false) => "removed",
        (true, true) => "changed",
        (false, false) => return None,
    })
}

/// The fields in which two versions of a document differ.
fn fields(old: Option<&Doc>, new: Option<&Doc>) -> Vec<EventChange> {
    let mut out = Vec::new();
    let mut lists: BTreeMap<String, (Vec<String>, Vec<String>)> = BTreeMap::new();
    let found = compare(old, new);
    for change in found.changes.iter().filter(|change| change.is_visible()) {
        match &change.place {
            Place::Element(set, element) => {
                let (added, removed) = lists.entry(set.clone()).or_default();
                match change.new_value().is_true() {
                    true => added.push(element.clone()),
                    false => removed.push(element.clone()),
                }
            }
            // The reference of its item is the event's.
            Place::Field(name) if name == "item" => {}
            place => {
                let (old, new) = (change.old_value().to_json(), change.new_value().to_json());
                out.push(EventChange::value(place.to_string(), old, new));
            }
        }
    }
    let entries = found.added.iter().chain(&found.missing);
    for name in entries {
        let of = |doc: Option<&Doc>| {
            let entry = doc.and_then(|doc| doc.entry(&name.record, &name.id));
            let values = entry.map(|entry| {
                let regs = entry.regs.iter();
                regs.map(|(name, reg)| (name.clone(), reg.value.to_json()))
                    .collect()
            });
            values.map_or(Json::Null, Json::Object)
        };
        let field = format!("{}/{}", name.record, name.id);
        out.push(EventChange::value(field, of(old), of(new)));
    }
    let lists = lists.into_iter();
    out.extend(lists.map(|(field, (added, removed))| EventChange::list(field, &added, &removed)));
    out
}
