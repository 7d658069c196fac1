//! One record of another tracker, staged.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::content::{Content, Foreign, Remark, external};
use super::merge_record::{merge, settle, text, write};
use super::outweighed::{kept, overridden};
use super::transfer_report::Overruled;
use crate::error::Result;
use crate::model::codec::{MAX_FILE, encode};
use crate::model::doc::{Doc, EXTERNAL, IMPORT, UNDONE};
use crate::model::id::ItemRef;
use crate::model::imported::is_of_record;
use crate::model::long_texts::{self, TEXTS, drop_seen};
use crate::model::stamp::{Clock, Stamp};
use crate::model::stop;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::store::index::edges;
use crate::store::state::State;
use crate::store::transaction::{FILE_MAX, Tx};

/// The largest raw record that is kept, in bytes.
pub(crate) const RECORD_MAX: usize = MAX_FILE / 16;

/// Why a record is left out that changed before what is here did.
pub(crate) const OLDER: &str = "is older than what is here";

/// From this size of its record on a document is measured before it is staged.
const MEASURED: usize = 64 * 1024;

/// What became of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Its item is new.
    Created,
    /// Its item changed.
    Updated,
    /// It says what it said at its last import.
    Unchanged,
    /// It was left out; why.
    Skipped(String),
}

/// How records are staged: `read` is the importer's function from a raw record to its content.
pub(crate) struct Upsert<'f> {
    /// Who imports.
    pm: &'f Pm,
    pub(crate) read: &'f dyn Fn(&State<'_>, &Foreign<'_>) -> Option<Content>,
    /// How many comments were staged as new so far.
    pub(crate) comments: usize,
    /// What was here and gave way.
    pub(crate) overridden: Vec<Overruled>,
    /// What was written here and kept a value of the source out.
    pub(crate) kept: Vec<Overruled>,
    /// Items whose text is there twice since.
    pub(crate) conflicts: Vec<String>,
    /// Whether the last item that was staged is new or waits for other items than before.
    pub(crate) rewired: bool,
}

impl<'f> Upsert<'f> {
    /// Stages records with a function from a raw record to its content; `None` where the text is
    /// no record.
    pub(crate) fn new(
        pm: &'f Pm,
        read: &'f dyn Fn(&State<'_>, &Foreign<'_>) -> Option<Content>,
    ) -> Self {
        Upsert {
            pm,
            read,
            comments: 0,
            overridden: Vec::new(),
            kept: Vec::new(),
            conflicts: Vec::new(),
            rewired: false,
        }
    }

    /// Stages a record: merged into `uid`, the item that it became before (by its own uid, unless an
    /// item that was born here went out and came back), or as a new item.
    ///
    /// # Errors
    /// When something cannot be staged; what is wrong with the record itself is an outcome.
    pub(crate) fn stage(
        &mut self,
        tx: &mut Tx<'_>,
        record: &Foreign<'_>,
        uid: &Uid,
    ) -> Result<Outcome> {
        let Some(doc) = tx.state.doc_once(uid) else {
            return self.create(tx, record);
        };
        if doc.text(UNDONE) == Some(IMPORT) && !doc.purged {
            let mut doc = doc.into_owned();
            // What was undone keeps no older record out.
            let mut again = record.clone();
            if let Some(seen) = doc.regs.get(EXTERNAL).map(|reg| reg.stamp.ms)
                && record.at_ms < seen
            {
                again.at_ms = seen + 1;
            }
            revive(&mut doc, tx.clock());
            if let left @ Outcome::Skipped(_) = replace(self.pm, tx, uid, doc, |_, _| ())? {
                return Ok(left);
            }
            let remarks = tx.state.comments_before(uid).into_iter();
            for remark in remarks.map(|doc| doc.uid.clone()).collect::<Vec<Uid>>() {
                self.comments += usize::from(tx.edit(&remark, revive)?);
            }
            let outcome = self.stage(tx, &again, uid)?;
            self.rewired = true;
            return Ok(match outcome {
                left @ Outcome::Skipped(_) => left,
                _ => Outcome::Created,
            });
        }
        let before = external(&doc, record.source, "record").map(str::to_string);
        let mut at = doc.regs.get(EXTERNAL).map(|reg| reg.stamp.clone());
        // An undoing put the record before back, later than what it took back: to come again, that
        // has to be later still.
        let mut again = record.clone();
        if let Some(undone) = at.take_if(|at| !is_of_record(at)) {
            again.at_ms = again.at_ms.max(undone.ms + 1);
        }
        let record = &again;
        if before.as_deref() == Some(record.raw) {
            // Only where records of several times met can an older one have left something.
            return match at.filter(|at| doc.birth < *at && !doc.purged) {
                Some(at) => self.settle(tx, record, uid, &at),
                None => Ok(Outcome::Unchanged),
            };
        }
        let seen_ms = at.map_or(0, |at| at.ms);
        let base = before.and_then(|raw| {
            let raw = raw.as_str();
            (self.read)(
                &tx.state,
                &Foreign {
                    raw,
                    ..record.clone()
                },
            )
        });
        self.update(tx, record, uid, &base.unwrap_or_default(), seen_ms)
    }

    /// Stages a record that is known not to be there yet.
    ///
    /// # Errors
    /// As [`Upsert::stage`].
    pub(crate) fn create(&mut self, tx: &mut Tx<'_>, record: &Foreign<'_>) -> Result<Outcome> {
        let Some(content) = (self.read)(&tx.state, record) else {
            return Ok(Outcome::Skipped("is no record".into()));
        };
        let doc = content.to_doc(record);
        if let Some(reason) = too_large(record, &doc) {
            return Ok(Outcome::Skipped(reason));
        }
        let reference = ItemRef::to(record.id, &doc.uid).to_string();
        self.rewired = true;
        tx.insert(doc)?;
        self.comment(tx, record, &reference, &Content::default(), &content)?;
        Ok(Outcome::Created)
    }

    /// As [`Upsert::create`], for one of many that nothing else of the write looks at.
    ///
    /// # Errors
    /// As [`Upsert::stage`].
    pub(crate) fn file(&mut self, tx: &mut Tx<'_>, record: &Foreign<'_>) -> Result<Outcome> {
        let Some(content) = (self.read)(&tx.state, record) else {
            return Ok(Outcome::Skipped("is no record".into()));
        };
        let doc = content.to_doc(record);
        if let Some(reason) = too_large(record, &doc) {
            return Ok(Outcome::Skipped(reason));
        }
        let reference = ItemRef::to(record.id, &doc.uid).to_string();
        tx.file(doc)?;
        for remark in &content.comments {
            tx.file(remark.to_doc(record.source, &reference))?;
            self.comments += 1;
        }
        Ok(Outcome::Created)
    }

    /// Merges a record into the item `uid`, which said `base` when it was last the same as its
    /// source, at `seen_ms`.
    ///
    /// # Errors
    /// As [`Upsert::stage`].
    pub(crate) fn update(
        &mut self,
        tx: &mut Tx<'_>,
        record: &Foreign<'_>,
        uid: &Uid,
        base: &Content,
        seen_ms: u64,
    ) -> Result<Outcome> {
        if record.at_ms < seen_ms {
            return Ok(Outcome::Skipped(OLDER.into()));
        }
        let Some(content) = (self.read)(&tx.state, record) else {
            return Ok(Outcome::Skipped("is no record".into()));
        };
        let Some(loaded) = tx.state.loaded(uid) else {
            return Ok(Outcome::Skipped("its item cannot be read".into()));
        };
        if loaded.doc.purged {
            return Ok(Outcome::Skipped(
                "was deleted here, and its content is gone".into(),
            ));
        }
        let mut doc = loaded.doc.clone();
        let stamp = record.stamp();
        merge(&mut doc, base, &content, &stamp);
        settle(&mut doc, &content, &stamp);
        write(&mut doc.regs, EXTERNAL, record.external(), &stamp);
        if let Some(reason) = too_large(record, &doc) {
            return Ok(Outcome::Skipped(reason));
        }
        let id = tx.state.item(uid).map(|item| tx.state.shown_id(item));
        let id = id.unwrap_or_else(|| doc.born.clone());
        let gave_way = gave_way(&id, &loaded.doc, &doc, base);
        let stand = kept(&doc, base, &content).into_iter();
        let stand = stand.map(|(field, kept, lost)| overruled(&id, uid, field, kept, lost));
        let stand: Vec<Overruled> = stand.collect();
        let was_conflicted = is_conflicted(&loaded.doc);
        let reference = ItemRef::to(&doc.born, uid).to_string();
        let waits = |state: &State<'_>| -> BTreeSet<(i64, Uid)> {
            let item = state.item(uid).into_iter();
            item.flat_map(edges)
                .map(|(kind, to)| (kind, to.clone()))
                .collect()
        };
        let before = waits(&tx.state);
        let replaced = replace(self.pm, tx, uid, doc, |doc, clock| {
            // Its source had seen what it changed, unless that was written here since.
            for name in TEXTS {
                if let Some(Value::Str(seen)) = base.regs.get(name)
                    && content.regs.get(name).and_then(Value::as_str) != Some(seen.as_str())
                {
                    drop_seen(doc, name, seen, clock);
                }
            }
        })?;
        if let Outcome::Skipped(_) = replaced {
            return Ok(replaced);
        }
        self.kept.extend(stand);
        self.rewired = !waits(&tx.state).is_subset(&before);
        if let Some(doc) = tx.state.doc(uid) {
            // A text that stands beside the source's did not give way to it.
            let stays = |lost: &Overruled| {
                let mut beside = long_texts::others(doc, &lost.field).into_iter();
                beside.any(|(_, text)| lost.lost == text)
            };
            self.overridden
                .extend(gave_way.into_iter().filter(|lost| !stays(lost)));
            if is_conflicted(doc) && !was_conflicted {
                self.conflicts.push(id);
            }
        }
        let commented = self.comment(tx, record, &reference, base, &content)?;
        Ok(if commented {
            Outcome::Updated
        } else {
            replaced
        })
    }

    /// A record that is as it was imported last, at `at`. What an older one left is taken out.
    fn settle(
        &mut self,
        tx: &mut Tx<'_>,
        record: &Foreign<'_>,
        uid: &Uid,
        at: &Stamp,
    ) -> Result<Outcome> {
        let Some(content) = (self.read)(&tx.state, record) else {
            return Ok(Outcome::Unchanged);
        };
        let Some(present) = tx.state.doc(uid) else {
            return Ok(Outcome::Unchanged);
        };
        let mut doc = present.clone();
        if !settle(&mut doc, &content, at) {
            return Ok(Outcome::Unchanged);
        }
        let id = tx.state.item(uid).map(|item| tx.state.shown_id(item));
        let id = id.unwrap_or_else(|| doc.born.clone());
        let gave_way = gave_way(&id, present, &doc, &content);
        let replaced = replace(self.pm, tx, uid, doc, |_, _| ())?;
        if !matches!(replaced, Outcome::Skipped(_)) {
            self.overridden.extend(gave_way);
        }
        Ok(replaced)
    }

    /// Stages the comments of a record. Returns whether there was anything to do.
    fn comment(
        &mut self,
        tx: &mut Tx<'_>,
        record: &Foreign<'_>,
        item: &str,
        base: &Content,
        new: &Content,
    ) -> Result<bool> {
        let mut changed = false;
        for remark in &new.comments {
            let Some(loaded) = tx.state.loaded(&remark.uid) else {
                if !is_there(&tx.state, item, remark) {
                    tx.insert(remark.to_doc(record.source, item))?;
                    self.comments += 1;
                    changed = true;
                }
                continue;
            };
            if loaded.doc.text(UNDONE) == Some(IMPORT) {
                changed |= tx.edit(&remark.uid, revive)?;
                self.comments += 1;
                continue;
            }
            let is_on_it = loaded.doc.kind == "comment" && loaded.doc.text("item") == Some(item);
            let was = base.comments.iter().find(|c| c.uid == remark.uid);
            if let Some(was) = was.filter(|was| is_on_it && was.text != remark.text) {
                changed |= tx.edit(&remark.uid, |doc, _| {
                    text(&mut doc.body, &was.text, &remark.text, &record.stamp())
                })?;
            }
        }
        Ok(changed)
    }
}

/// What gave way to a record that was last imported as `base`.
fn gave_way(id: &str, before: &Doc, after: &Doc, base: &Content) -> Vec<Overruled> {
    let all = overridden(before, after, base).into_iter();
    all.map(|(field, lost, kept)| overruled(id, &before.uid, field, kept, lost))
        .collect()
}

fn overruled(id: &str, uid: &Uid, field: String, kept: Json, lost: Json) -> Overruled {
    Overruled {
        id: id.to_string(),
        uid: uid.to_string(),
        field,
        kept,
        lost,
    }
}

/// Stages what a record makes of an item that is there. Every change of an existing item by an import
/// goes through here. The record is left out whole where the import may not do that; what it says
/// comes in once it may. `also` writes what is no change by itself.
pub(super) fn replace(
    pm: &Pm,
    tx: &mut Tx<'_>,
    uid: &Uid,
    mut doc: Doc,
    also: impl FnOnce(&mut Doc, &Clock),
) -> Result<Outcome> {
    let Some(before) = tx.state.loaded(uid) else {
        return Ok(Outcome::Skipped("its item cannot be read".into()));
    };
    if let Some(reason) = pm.keeps_out(&tx.state, before, &doc) {
        return Ok(Outcome::Skipped(reason));
    }
    stop::end_where_moved(&before.doc, &mut doc, tx.clock());
    let changed = tx.edit(uid, |present, clock| {
        let changed = *present != doc;
        *present = doc;
        also(present, clock);
        changed
    })?;
    Ok(if changed {
        Outcome::Updated
    } else {
        Outcome::Unchanged
    })
}

/// Brings a document back of which the import was undone. Returns whether it was one.
fn revive(doc: &mut Doc, clock: &Clock) -> bool {
    let undone = doc.text(UNDONE) == Some(IMPORT) && !doc.purged;
    undone && doc.set(UNDONE, Value::Null, clock) && doc.set("deleted", Value::Null, clock)
}

/// Whether any text of an item is there twice.
fn is_conflicted(doc: &Doc) -> bool {
    doc.body.is_conflicted() || long_texts::is_conflicted(doc)
}

fn too_large(record: &Foreign<'_>, doc: &Doc) -> Option<String> {
    if record.raw.len() < MEASURED {
        return None;
    }
    let size = encode(doc).len();
    (size > FILE_MAX)
        .then(|| format!("would have {size} bytes here, at most {FILE_MAX} are written"))
}

/// Whether a comment is there already that was written here and comes back: its id went out as
/// something else.
fn is_there(state: &State<'_>, item: &str, remark: &Remark) -> bool {
    let Some(uid) = ItemRef::parse(item).uid else {
        return false;
    };
    state.comments_before(&uid).into_iter().any(|doc| {
        doc.text("author").unwrap_or_default() == remark.author
            && doc.text("created_at").unwrap_or_default() == remark.created_at
            && doc.body.text() == remark.text
            && doc.value(EXTERNAL).is_null()
    })
}
