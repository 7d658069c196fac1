//! The changes between two states, in users' terms: which are reported, and how.

pub mod document_diff;
pub mod words;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use self::document_diff::{
    ArtifactDiff, ClaimDiff, CommentDiff, CriterionDiff, Fate, FieldDiff, ItemDiff, ListDiff,
    ReservationDiff,
};
use crate::error::Result;
use crate::model::doc::{Doc, EXTERNAL, Entry, UNDONE};
use crate::model::id::{ItemRef, parse_sequential};
use crate::model::learning::{Learning, USES};
use crate::model::register_diff::{Difference, EntryName, Place, compare};
use crate::model::reservation::Reservation;
use crate::model::short_id::{LEARNING, short_id};
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::model::{line_diff, long_texts, section, text};
use crate::pm::artifact_view::NAME_MAX;
use crate::store::git::repo::{Oid, Repo};
use crate::store::history::trees::{Changed, Pair, changed, item_doc};
use crate::store::layout::Family;

/// The changes between two trees.
#[derive(Default)]
pub(crate) struct Meaning {
    /// By kind and id.
    pub items: Vec<ItemDiff>,
    pub reservations: Vec<ReservationDiff>,
    /// Learnings, in the form of items.
    pub learnings: Vec<ItemDiff>,
    pub messages: usize,
    pub unreadable: Vec<String>,
}

/// The form of changed texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Texts {
    /// As a unified diff.
    Compared,
    /// Only as changed, which is cheap for any length.
    Named,
}

/// Compares two trees; a missing old one counts as empty.
pub(crate) fn meaning(repo: &Repo, old: Option<Oid>, new: Oid, texts: Texts) -> Result<Meaning> {
    meaning_of(repo, new, &changed(repo, old, Some(new))?, texts)
}

/// The meaning of documents that were changed; `new` is the tree with their new versions.
pub(crate) fn meaning_of(
    repo: &Repo,
    new: Oid,
    Changed {
        pairs, unreadable, ..
    }: &Changed,
    texts: Texts,
) -> Result<Meaning> {
    // Many items depend on the same ones.
    let known = RefCell::new(HashMap::<String, String>::new());
    let shown = |target: &ItemRef| -> Result<String> {
        let key = target.to_string();
        if let Some(found) = known.borrow().get(&key) {
            return Ok(found.clone());
        }
        let found = shown_reference(repo, new, target)?;
        known.borrow_mut().insert(key, found.clone());
        Ok(found)
    };
    let names = Names {
        shown: &shown,
        texts,
    };
    let mut out = Meaning {
        unreadable: unreadable.iter().cloned().collect(),
        ..Meaning::default()
    };
    let mut items: BTreeMap<Uid, ItemDiff> = BTreeMap::new();
    for (uid, pair) in pairs {
        match pair.family {
            Family::Item(_) | Family::Context => {
                if let Some(found) = names.item(pair)? {
                    items.insert(uid.clone(), found);
                }
            }
            Family::Reservation => out.reservations.extend(reservation(pair)),
            Family::Message => out.messages += usize::from(pair.old.is_none()),
            Family::Learning => out.learnings.extend(names.learning(pair)?),
            Family::Comment
            | Family::Artifact
            | Family::Key
            | Family::Agent
            | Family::Plan
            | Family::Finding
            | Family::Run => {}
        }
    }
    for pair in pairs.values() {
        let (comment, artifact) = match pair.family {
            Family::Comment => (comment(pair), None),
            Family::Artifact => (None, artifact(pair)),
            _ => continue,
        };
        let Some(item) = owning_item(pair) else {
            continue;
        };
        let Some(uid) = item.uid.clone() else {
            continue;
        };
        if comment.is_none() && artifact.is_none() {
            continue;
        }
        if !items.contains_key(&uid) {
            let Some(doc) = item_doc(repo, new, &item.born, &uid)? else {
                continue;
            };
            items.insert(uid.clone(), plain(&doc, Fate::Changed));
        }
        if let Some(diff) = items.get_mut(&uid) {
            diff.comments.extend(comment);
            diff.artifacts.extend(artifact);
        }
    }
    out.items = items.into_values().collect();
    out.items.sort_by_cached_key(|i| {
        let number = parse_sequential(&i.id).map_or(u32::MAX, |(_, n)| n);
        (rank(&i.kind), number, i.id.clone(), i.uid.clone())
    });
    Ok(out)
}

fn rank(kind: &str) -> usize {
    let kinds = ["prd", "epic", "task", "issue"];
    kinds.iter().position(|k| *k == kind).unwrap_or(kinds.len())
}

/// An empty difference of an item.
fn plain(doc: &Doc, change: Fate) -> ItemDiff {
    ItemDiff {
        id: section::handle_of(doc).unwrap_or_else(|| doc.shown_id().to_string()),
        uid: doc.uid.to_string(),
        kind: doc.kind.clone(),
        title: doc.text("title").unwrap_or_default().to_string(),
        change,
        fields: Vec::new(),
        lists: Vec::new(),
        acceptance: Vec::new(),
        claims: Vec::new(),
        comments: Vec::new(),
        artifacts: Vec::new(),
        body: None,
    }
}

/// A reference as users write it: the id that the item has in a tree.
pub(crate) fn shown_reference(repo: &Repo, tree: Oid, target: &ItemRef) -> Result<String> {
    let Some(uid) = &target.uid else {
        return Ok(target.shown());
    };
    let doc = item_doc(repo, tree, &target.born, uid)?;
    Ok(doc.map_or_else(|| target.shown(), |doc| doc.shown_id().to_string()))
}

/// A number of uses or votes.
type Count = fn(&Learning) -> usize;

/// The change of an item whose references are shown as `shown` says.
pub(crate) fn item_diff(
    pair: &Pair,
    shown: &dyn Fn(&ItemRef) -> String,
) -> Result<Option<ItemDiff>> {
    let names = Names {
        shown: &|target| Ok(shown(target)),
        texts: Texts::Named,
    };
    names.item(pair)
}

/// Resolves references to ids, reading only the items they name.
struct Names<'r> {
    shown: &'r dyn Fn(&ItemRef) -> Result<String>,
    texts: Texts,
}

impl Names<'_> {
    /// A reference, or a type and a reference, as users write it.
    fn shown(&self, text: &str) -> Result<String> {
        let shown = |text| (self.shown)(&ItemRef::parse(text));
        match text.rsplit_once(' ') {
            Some((kind, target)) => Ok(format!("{kind} {}", shown(target)?)),
            None => shown(text),
        }
    }

    fn value(&self, field: &str, value: &Value) -> Result<serde_json::Value> {
        match value {
            Value::Str(text) if matches!(field, "epic" | "item") => Ok(self.shown(text)?.into()),
            other => Ok(other.to_json()),
        }
    }

    /// The differences of an item; none if only bookkeeping differs.
    fn item(&self, pair: &Pair) -> Result<Option<ItemDiff>> {
        let Some(doc) = pair.either() else {
            return Ok(None);
        };
        let gone = |doc: &Doc| !doc.is_live();
        let fate = match (&pair.old, &pair.new) {
            (None, Some(new)) if gone(new) => return Ok(None),
            (None, _) => Fate::Created,
            (Some(old), None) if gone(old) => return Ok(None),
            (_, None) => Fate::Missing,
            (Some(old), Some(new)) => match (gone(old), gone(new)) {
                (true, true) => return Ok(None),
                (false, true) => Fate::Deleted,
                (true, false) => Fate::Restored,
                (false, false) => Fate::Changed,
            },
        };
        let mut out = plain(doc, fate);
        let found = compare(pair.old.as_ref(), pair.new.as_ref());
        self.registers(&found, &mut out)?;
        entries(pair, &found, &mut out);
        if found.body {
            let text = |doc: &Option<Doc>| doc.as_ref().map(|d| d.body.text().to_string());
            let (old, new) = (text(&pair.old), text(&pair.new));
            let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
            out.body = match self.texts {
                Texts::Compared => unified(&old, &new),
                Texts::Named => (old != new).then(String::new),
            };
        }
        let empty = out.fields.is_empty()
            && !found.added.iter().any(|name| name.record == USES)
            && out.lists.is_empty()
            && out.acceptance.is_empty()
            && out.claims.is_empty()
            && out.body.is_none();
        Ok((fate != Fate::Changed || !empty).then_some(out))
    }

    /// The differences of a learning; its uses and votes as numbers.
    fn learning(&self, pair: &Pair) -> Result<Option<ItemDiff>> {
        let Some(mut out) = self.item(pair)? else {
            return Ok(None);
        };
        let of = |doc: &Option<Doc>| doc.as_ref().and_then(Learning::from_doc);
        let (old, new) = (of(&pair.old), of(&pair.new));
        out.id = short_id(
            LEARNING,
            pair.either().map_or(&Uid::derived(&[]), |doc| &doc.uid),
        );
        let uses = format!("{USES}/");
        out.fields.retain(|field| !field.field.starts_with(&uses));
        let counts: [(&str, Count); 3] = [
            ("uses", |l| l.uses),
            ("useful", |l| l.useful),
            ("not_useful", |l| l.not_useful),
        ];
        for (name, count) in counts {
            let (was, is) = (old.as_ref().map(count), new.as_ref().map(count));
            if was.unwrap_or(0) != is.unwrap_or(0) {
                out.fields.push(FieldDiff {
                    field: name.into(),
                    old: was.unwrap_or(0).into(),
                    new: is.unwrap_or(0).into(),
                });
            }
        }
        Ok(Some(out))
    }

    fn registers(&self, found: &Difference, out: &mut ItemDiff) -> Result<()> {
        let mut lists: BTreeMap<&str, ListDiff> = BTreeMap::new();
        for change in found.changes.iter().filter(|c| c.is_visible()) {
            match &change.place {
                // Covered by the change of the item as a whole.
                Place::Field(name) if name == "deleted" => {}
                // The contents of the record are in the other fields.
                Place::Field(name) if name == EXTERNAL || name == UNDONE => {}
                Place::Field(name) => out.fields.push(FieldDiff {
                    field: name.clone(),
                    old: self.value(name, change.old_value())?,
                    new: self.value(name, change.new_value())?,
                }),
                Place::Element(set, element) => {
                    let list = lists.entry(set).or_insert_with(|| ListDiff {
                        field: set.clone(),
                        added: Vec::new(),
                        removed: Vec::new(),
                    });
                    let edge = matches!(set.as_str(), "depends_on" | "edges");
                    let shown = if edge {
                        self.shown(element)?
                    } else {
                        element.clone()
                    };
                    if change.new_value().is_true() {
                        list.added.push(shown);
                    } else {
                        list.removed.push(shown);
                    }
                }
                // Covered by the registers of the texts.
                Place::Entry(record, ..) if record == long_texts::RECORD => {}
                Place::Entry(record, id, name) if !is_told_apart(record) => {
                    out.fields.push(FieldDiff {
                        field: format!("{record}/{}/{name}", self.shown(id)?),
                        old: change.old_value().to_json(),
                        new: change.new_value().to_json(),
                    });
                }
                Place::Entry(..) => {}
            }
        }
        out.lists = lists.into_values().collect();
        Ok(())
    }
}

/// True if entries of a record have their own differences.
fn is_told_apart(record: &str) -> bool {
    matches!(record, "acceptance" | "claims")
}

/// Acceptance criteria and claims.
fn entries(pair: &Pair, found: &Difference, out: &mut ItemDiff) {
    let touched = found.changes.iter().filter_map(|c| match &c.place {
        Place::Entry(record, id, _) => Some(EntryName {
            record: record.clone(),
            id: id.clone(),
        }),
        _ => None,
    });
    let mut names: Vec<EntryName> = touched
        .chain(found.added.iter().cloned())
        .chain(found.missing.iter().cloned())
        .filter(|name| is_told_apart(&name.record))
        .collect();
    names.sort();
    names.dedup();
    for EntryName { record, id } in names {
        let of = |doc: &'_ Option<Doc>| doc.as_ref().and_then(|d| d.entry(&record, &id)).cloned();
        let (old, new) = (of(&pair.old), of(&pair.new));
        if record == "claims" {
            out.claims.extend(claim(old.as_ref(), new.as_ref()));
        } else {
            out.acceptance.extend(criterion(old.as_ref(), new.as_ref()));
        }
    }
}

fn criterion(old: Option<&Entry>, new: Option<&Entry>) -> Option<CriterionDiff> {
    let live = |entry: Option<&Entry>| entry.filter(|e| !e.is_removed()).cloned();
    let (old, new) = (live(old), live(new));
    let change = match (&old, &new) {
        (None, None) => return None,
        (None, Some(_)) => "added",
        (Some(_), None) => "removed",
        (Some(a), Some(b)) => {
            let differs = |name: &str| a.value(name) != b.value(name);
            match () {
                () if differs("done") && b.value("done").is_true() => "ticked",
                () if differs("done") => "unticked",
                () if differs("text") => "reworded",
                () if differs("evidence") => "evidence",
                () if differs("order") => "moved",
                () => return None,
            }
        }
    };
    let shown = new.or(old)?;
    let text = |name: &str| shown.text(name).map(str::to_string);
    Some(CriterionDiff {
        text: text("text").unwrap_or_default(),
        change: change.to_string(),
        by: text("by").filter(|_| change == "ticked"),
    })
}

fn claim(old: Option<&Entry>, new: Option<&Entry>) -> Option<ClaimDiff> {
    let ended = |entry: Option<&Entry>| {
        let reason = entry.and_then(|e| e.text("ended"));
        reason.map(str::to_string)
    };
    let change = match (old, new) {
        (None, Some(_)) if ended(new).is_some() => "made and ended",
        (None, Some(_)) => "made",
        (Some(_), None) => "missing",
        _ if ended(old).is_none() && ended(new).is_some() => "ended",
        // Renewals and confirmations do not change the holder.
        _ => return None,
    };
    let actor = new
        .or(old)?
        .text("actor")
        .map(text::actor)
        .unwrap_or_default();
    Some(ClaimDiff {
        actor,
        change: change.to_string(),
        reason: ended(new),
    })
}

/// The item that a comment or an artifact belongs to.
pub(crate) fn owning_item(pair: &Pair) -> Option<ItemRef> {
    pair.either()?.text("item").map(ItemRef::parse)
}

/// True if a document exists and is not deleted.
pub(crate) fn is_there(doc: &Option<Doc>) -> bool {
    doc.as_ref().is_some_and(Doc::is_live)
}

/// A change of one version of an artifact.
pub(crate) fn artifact(pair: &Pair) -> Option<ArtifactDiff> {
    let change = match (is_there(&pair.old), is_there(&pair.new)) {
        (false, true) if pair.old.is_some() => "restored",
        (false, true) => "put",
        (true, false) => "removed",
        _ => return None,
    };
    let known = |doc: &&Doc| doc.text("name").is_some();
    let docs = pair.new.iter().chain(&pair.old);
    let doc = docs.clone().find(known).or(docs.clone().next())?;
    Some(ArtifactDiff {
        uid: doc.uid.to_string(),
        name: text::shorten(doc.text("name").unwrap_or_default(), NAME_MAX),
        change: change.to_string(),
        author: doc.text("author").map(text::actor).unwrap_or_default(),
        size: doc
            .value("size")
            .as_int()
            .and_then(|n| u64::try_from(n).ok()),
    })
}

fn comment(pair: &Pair) -> Option<CommentDiff> {
    let doc = pair.either()?;
    let change = match (is_there(&pair.old), is_there(&pair.new)) {
        (false, true) => "added",
        (true, false) => "removed",
        (true, true) if compare(pair.old.as_ref(), pair.new.as_ref()).body => "changed",
        _ => return None,
    };
    Some(CommentDiff {
        author: doc.text("author").map(text::actor).unwrap_or_default(),
        change: change.to_string(),
        body: doc.body.text().to_string(),
    })
}

/// A change of a reservation; none for a renewal.
pub(crate) fn reservation(pair: &Pair) -> Option<ReservationDiff> {
    let of = |doc: &Option<Doc>| doc.as_ref().and_then(Reservation::from_doc);
    let (old, new) = (of(&pair.old), of(&pair.new));
    let ended = |r: &Option<Reservation>| r.as_ref().and_then(|r| r.ended.clone());
    let change = match (&old, &new) {
        (None, Some(_)) if ended(&new).is_some() => "made and ended",
        (None, Some(_)) => "made",
        (Some(_), None) => "missing",
        (Some(a), Some(b)) => match (&a.ended, &b.ended) {
            (None, Some(_)) => "ended",
            _ if a.patterns != b.patterns || a.actor != b.actor || a.mode != b.mode => "changed",
            _ => return None,
        },
        (None, None) => return None,
    };
    let reason = ended(&new);
    let shown = new.or(old)?;
    Some(ReservationDiff {
        uid: shown.uid.to_string(),
        holder: shown.actor,
        patterns: shown.patterns,
        change: change.to_string(),
        reason,
    })
}

/// Two texts as a unified diff; none if they are equal.
fn unified(old: &str, new: &str) -> Option<String> {
    (old != new).then(|| line_diff::unified(old, new))
}
