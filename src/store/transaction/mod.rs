//! One mutation of the state: stages changes, refuses what agents may not, and swaps one ref.
//!
//! It reads the state, stages changes in memory, writes one commit and swaps one ref. The closure
//! that stages runs again on the new state if another writer was faster, so its checks are repeated;
//! it must not have side effects.

pub(crate) mod commit_message;
mod large_write;
mod write_documents;

use std::collections::{BTreeMap, BTreeSet};

use super::actor::Actor;
use super::git::repo::{Oid, Pending};
use super::human_stops;
use super::layout::Levels;
use super::random;
use super::state::State;
use super::tree_edit::Edits;
use crate::error::{Error, Reason, Result};
use crate::model::approval;
use crate::model::authority::{self, Who};
use crate::model::doc::Doc;
use crate::model::finding;
use crate::model::id::{ItemKind, ItemRef};
use crate::model::item::Item;
use crate::model::proposed::{Unkept, write_item};
use crate::model::short_id::{FINDING, short_id};
use crate::model::stamp::{Clock, MAX_MS, Stamp};
use crate::model::stop;
use crate::model::text::one_line;
use crate::model::uid::Uid;
use crate::read_document::Loaded;

pub use commit_message::Message;
pub(crate) use commit_message::{message_of, person};

/// What stages changes, which may run several times.
pub type Edit<'a> = &'a mut dyn FnMut(&mut Tx<'_>) -> Result<()>;

/// The value that an [`Edit`] left when it ran last.
pub fn value<T>(last: Option<T>) -> T {
    last.unwrap_or_else(|| unreachable!("an edit that succeeds has run"))
}

/// An open transaction.
pub struct Tx<'r> {
    /// The state with everything staged so far.
    pub state: State<'r>,
    /// The levels of folders of new items: the newest in a state without items.
    levels: Levels,
    clock: Clock,
    actor: Actor,
    staged: BTreeSet<Uid>,
    changes: usize,
    /// Files that are written or removed as they are, for repair.
    files: BTreeMap<String, Option<Vec<u8>>>,
    /// New documents that are written already, by path.
    filed: Edits,
    /// Their size in bytes.
    filed_bytes: u64,
    /// The documents staged since the last settling.
    unsettled: Vec<Uid>,
    /// About their size in bytes.
    unsettled_bytes: usize,
    /// The destination of their objects.
    pending: &'r Pending,
    message: Message,
    /// Warnings about secrets that this write adds to the state.
    pub secrets: Vec<String>,
}

/// A change of a document. Not generic: the code around it is made once.
type Change<'c> = dyn FnMut(&mut Doc, &Clock) -> bool + 'c;

/// A change that is made once.
fn once(change: impl FnOnce(&mut Doc, &Clock) -> bool) -> impl FnMut(&mut Doc, &Clock) -> bool {
    let mut change = Some(change);
    move |doc, clock| change.take().is_some_and(|change| change(doc, clock))
}

impl<'r> Tx<'r> {
    /// A transaction on a state, whose objects are kept in `pending`.
    pub fn new(state: State<'r>, pending: &'r Pending, clock: Clock, actor: &Actor) -> Self {
        let levels = match state.repository.levels() {
            Levels::One if !state.has_item_folders() => Levels::Two,
            levels => levels,
        };
        Tx {
            levels,
            filed: Edits::default(),
            filed_bytes: 0,
            unsettled: Vec::new(),
            unsettled_bytes: 0,
            pending,
            state,
            clock,
            actor: actor.clone(),
            staged: BTreeSet::new(),
            changes: 0,
            files: BTreeMap::new(),
            message: Message::default(),
            secrets: Vec::new(),
        }
    }

    /// The clock of this write.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The actor's name.
    pub fn actor(&self) -> &str {
        &self.actor.name
    }

    /// The writer's own name, if it is an agent.
    pub fn agent(&self) -> Option<&str> {
        self.actor.own.as_deref()
    }

    /// A new stamp, for a record created in this write.
    pub fn fresh_stamp(&mut self) -> Stamp {
        self.clock.fresh()
    }

    /// A new uid.
    pub fn new_uid(&self) -> Result<Uid> {
        Ok(Uid::from_parts(self.clock.wall_ms(), random::bytes()?))
    }

    /// A short random id for an entry of a record.
    pub fn new_entry_id(&self) -> Result<String> {
        Ok(self.new_uid()?.suffix(8).to_string())
    }

    /// The bytes of a file that were staged as they are.
    pub(crate) fn staged_file(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path)?.as_deref()
    }

    /// Describes the commit: `op` names the command, `text` continues it.
    pub fn describe(&mut self, op: &str, items: &[&str], text: &str) {
        self.message = Message {
            op: op.to_string(),
            subject: format!("{op} {text}"),
            items: items.iter().map(ToString::to_string).collect(),
            ..Message::default()
        };
    }

    /// Names the commit that this one reverts.
    pub fn reverts(&mut self, commit: Oid) {
        self.message.reverts = Some(commit);
    }

    /// Names the values written here that an import replaced, and those of its source that it did
    /// not take.
    pub fn overrode(&mut self, values: Vec<String>, not_taken: Vec<String>) {
        self.message.overrode = values;
        self.message.not_taken = not_taken;
    }

    /// Replaces the whole first line of the commit's message.
    pub fn subject(&mut self, subject: &str) {
        self.message.subject = subject.to_string();
    }

    /// Stages a new document.
    pub fn insert(&mut self, mut doc: Doc) -> Result<()> {
        if self.state.knows_proposed() {
            self.require_made(None, &doc)?;
        }
        approval::keep_together(&mut doc, approval::Was::default(), &self.clock);
        mark_text(None, &mut doc, &self.actor, &self.clock);
        require_open(None, &doc, &self.actor)?;
        let item = item_of(&doc)?;
        self.changes += 1;
        self.unsettled_bytes += doc.text_bytes();
        self.staged.insert(doc.uid.clone());
        self.unsettled.push(doc.uid.clone());
        self.state.put(Loaded {
            doc,
            item,
            path: String::new(),
        });
        Ok(())
    }

    /// Changes a document. `change` returns whether it changed anything; only then is it staged.
    ///
    /// # Errors
    /// When there is no such document, it cannot be read back as an item, or an agent would remove
    /// a block that a human placed on it, or change a field that is for humans.
    pub fn edit(
        &mut self,
        uid: &Uid,
        change: impl FnOnce(&mut Doc, &Clock) -> bool,
    ) -> Result<bool> {
        self.change(uid, self.actor.is_bound, &mut once(change))
    }

    /// As [`Tx::edit`], for the settlement of concurrent writes: the rule decides, whichever actor
    /// runs the sync.
    pub fn edit_settled(
        &mut self,
        uid: &Uid,
        change: impl FnOnce(&mut Doc, &Clock) -> bool,
    ) -> Result<bool> {
        self.change(uid, false, &mut once(change))
    }

    /// Changes a document; if `guarded`, only if that removes no block that a human placed.
    fn change(&mut self, uid: &Uid, guarded: bool, change: &mut Change<'_>) -> Result<bool> {
        if !self.state.knows_proposed() {
            return self.change_stored(uid, guarded, change);
        }
        if let Some((plan, key)) = self.state.plan_of_proposed(uid) {
            return self.change_proposed((uid, &plan, &key), change);
        }
        let (before, changes) = (self.state.doc(uid).cloned(), self.changes);
        let changed = self.change_stored(uid, guarded, change)?;
        let refused = self
            .state
            .doc(uid)
            .map(|after| self.require_made(before.as_ref(), after));
        if let (Some(Err(error)), Some(before)) = (refused, before) {
            let mut restore = once(|doc: &mut Doc, _: &Clock| {
                *doc = before;
                true
            });
            self.change_stored(uid, false, &mut restore)?;
            self.changes = changes;
            return Err(error);
        }
        Ok(changed)
    }

    /// Refuses a new edge to a proposed item: nothing would wait for it, as it is in no graph.
    fn require_made(&self, before: Option<&Doc>, after: &Doc) -> Result<()> {
        for set in ["depends_on", "edges"] {
            for edge in after.elements(set) {
                let target = edge.rsplit_once(' ').map_or(edge, |(_, target)| target);
                let target = ItemRef::parse(target);
                let is_old = before.is_some_and(|before| before.contains(set, edge));
                let proposed = |uid: &Uid| self.state.plan_of_proposed(uid).is_some();
                if !is_old && target.uid.as_ref().is_some_and(proposed) {
                    let id = self.state.shown_ref(&target);
                    return Err(Error::refused(format!(
                        "{id} is proposed: no item can refer to it before it is approved"
                    ))
                    .because(Reason::ItemProposed)
                    .about(id));
                }
            }
        }
        Ok(())
    }

    fn change_stored(&mut self, uid: &Uid, guarded: bool, change: &mut Change<'_>) -> Result<bool> {
        let clock = self.clock.clone();
        self.changes += 1;
        let Some(loaded) = self.state.loaded_mut(uid) else {
            return Err(Error::not_found(format!("there is no document {uid}")));
        };
        let kind = loaded.doc.kind.as_str();
        let is_guarded = guarded
            && (loaded.item.is_some() || kind == PLAN || kind == finding::KIND || has_author(kind));
        let before = is_guarded.then(|| loaded.doc.clone());
        let was = approval::Was::of(&loaded.doc);
        if !change(&mut loaded.doc, &clock) {
            self.changes -= 1;
            return Ok(false);
        }
        approval::keep_together(&mut loaded.doc, was, &clock);
        if let Some(before) = &before {
            mark_text(Some(before), &mut loaded.doc, &self.actor, &clock);
        }
        stop::end_where_restored(was.deleted, &mut loaded.doc, &clock);
        let latest = loaded.doc.latest();
        if latest.ms > MAX_MS {
            return Err(Error::refused(format!(
                "this field of {} cannot be changed: it has the latest possible timestamp, so \
                 nothing can overwrite it",
                one_line(loaded.doc.text("id").unwrap_or(uid.as_str()))
            ))
            .hint(
                "other fields can still be changed; to correct this one, put the right value into \
                 a new item and delete this item",
            )
            .hint(
                "`git pm fsck` lists such files, and `git log refs/pm/main` shows who wrote them",
            ));
        }
        self.unsettled_bytes += loaded.doc.text_bytes();
        let now = match loaded.item {
            Some(_) => item_of(&loaded.doc)?,
            None => None,
        };
        if let Some(before) = before {
            let after = std::mem::replace(&mut loaded.doc, before);
            self.require_kept(uid, &after, now.as_ref())?;
            if let Some(loaded) = self.state.loaded_mut(uid) {
                loaded.doc = after;
            }
        }
        let before = self
            .state
            .loaded_mut(uid)
            .and_then(|loaded| loaded.item.take());
        self.state.note_changed(uid, before.as_ref(), now.as_ref());
        if let Some(loaded) = self.state.loaded_mut(uid) {
            loaded.item = now;
        }
        self.staged.insert(uid.clone());
        self.unsettled.push(uid.clone());
        Ok(true)
    }

    /// Changes a proposed item: in the document of its plan.
    fn change_proposed(
        &mut self,
        (uid, plan, key): (&Uid, &Uid, &str),
        change: &mut Change<'_>,
    ) -> Result<bool> {
        let Some(before) = self.state.doc(uid).cloned() else {
            return Ok(false);
        };
        let mut after = before.clone();
        if !change(&mut after, &self.clock) {
            return Ok(false);
        }
        let (at, actor) = (self.fresh_stamp(), self.actor.name.clone());
        let mut written = Ok(false);
        let mut write = once(|doc: &mut Doc, clock: &Clock| {
            // A refused change leaves nothing behind.
            let mut changed = doc.clone();
            written = write_item(&mut changed, key, (&before, &after), &actor, (clock, at));
            let is_written = matches!(written, Ok(true));
            if is_written {
                *doc = changed;
            }
            is_written
        });
        self.change_stored(plan, self.actor.is_bound, &mut write)?;
        drop(write);
        let named = before.text("id").unwrap_or(key).to_string();
        written.map_err(|unkept| {
            let error = Error::refused(match unkept {
                Unkept::Field(name) => {
                    format!(
                        "{named} is proposed: it gets `{}` once it is approved",
                        one_line(&name)
                    )
                }
                Unkept::Empty(name) => {
                    format!("{named} is proposed: it needs a value for `{name}`")
                }
                Unkept::Minutes => {
                    format!(
                        "{named} is proposed: until its approval it is estimated in whole hours"
                    )
                }
                Unkept::Outside(on) => format!(
                    "{named} is proposed: it can wait only for tasks of its own plan, not for {}",
                    self.state.shown_ref(&on)
                ),
            });
            let plan = named.rsplit_once('/').map_or("", |(plan, _)| plan);
            let approve = format!("`git pm plan approve {plan}` makes an item of it");
            error
                .about(&named)
                .because(Reason::ItemProposed)
                .hint(approve)
        })
    }

    /// Refuses a change that [`human_stops`] or [`require_open`] does not allow the actor; the document must still be
    /// in its former version. A refused change is not staged.
    fn require_kept(&mut self, uid: &Uid, after: &Doc, now: Option<&Item>) -> Result<()> {
        let Some(before) = self.state.loaded(uid) else {
            return Ok(());
        };
        let now_ms = self.clock.wall_ms();
        let kept = require_open(Some(&before.doc), after, &self.actor).and_then(|()| match now {
            Some(now) => {
                human_stops::require_kept(&self.state, before, (after, now), &self.actor, now_ms)
            }
            None => Ok(()),
        });
        if kept.is_err() {
            self.changes -= 1;
        }
        kept
    }

    /// Refuses an operation of an agent that is for humans.
    pub(crate) fn require_open_operation(&self) -> Result<()> {
        let op = &self.message.op;
        // Steps between operations have no name.
        if !self.actor.is_bound || op.is_empty() || authority::operation(op) == Who::Anybody {
            return Ok(());
        }
        Err(self
            .actor
            .refusal(&format!("`{}`", one_line(op)))
            .hint("ask a human to run this command"))
    }

    /// The number of changes staged so far, which shows whether a failed step left something
    /// staged.
    pub fn changes(&self) -> usize {
        self.changes
    }

    /// Stages one file as it is, or its removal, without a document: for repair and migration.
    pub fn put_file(&mut self, path: &str, bytes: Option<Vec<u8>>) {
        self.files.insert(path.to_string(), bytes);
    }

    /// True if anything is staged.
    pub fn is_dirty(&self) -> bool {
        !self.staged.is_empty() || !self.files.is_empty() || !self.filed.is_empty()
    }
}

/// The kind of the documents of plans.
const PLAN: &str = "plan";

/// True if documents of a kind name the author of their text.
fn has_author(kind: &str) -> bool {
    ["comment", "learning"].contains(&kind)
}

/// Names the agent that wrote or imported a text, whoever else is its author. A write that sets the
/// name itself, such as an undo, is left alone.
fn mark_text(before: Option<&Doc>, doc: &mut Doc, actor: &Actor, clock: &Clock) {
    let Some(own) = actor.own.as_deref().filter(|_| has_author(&doc.kind)) else {
        return;
    };
    let texts = ["title", "context", "decision", "consequences"];
    let Some(before) = before else {
        doc.put("agent", own);
        return;
    };
    let is_same = |name: &&str| before.value(name) == doc.value(name);
    let are_same = before.body == doc.body && before.sets == doc.sets && texts.iter().all(is_same);
    if is_same(&"agent") && !are_same {
        doc.set("agent", own, clock);
    }
}

/// Refuses an agent's write of a document that changes a field which is for humans; `before` is
/// `None` for a new document.
///
/// # Errors
/// Kind `Refused`, with the field.
pub fn require_open(before: Option<&Doc>, after: &Doc, actor: &Actor) -> Result<()> {
    if !actor.is_bound || after.purged {
        return Ok(());
    }
    let closed = match ItemKind::parse(&after.kind) {
        Some(_) => authority::closed_field(before, after),
        None if after.kind == finding::KIND => authority::closed_finding_field(before, after),
        None => {
            (after.kind == PLAN && authority::loosens_plan(before, after)).then_some("auto_policy")
        }
    };
    let Some(field) = closed else {
        return Ok(());
    };
    if after.kind == finding::KIND {
        let id = short_id(FINDING, &after.uid);
        return Err(actor
            .refusal(&format!("changing `{}` of {id}", one_line(field)))
            .hint(format!(
                "ask a human: `git pm finding dismiss {id} --reason WHY`"
            )));
    }
    let id = after.shown_id();
    let next = format!("ask a human in a comment: `git pm task comment {id} TEXT`");
    let (of, next) = match before {
        _ if after.kind == PLAN => ("a planned task", "ask a human to change the plan"),
        None => (
            "a new item",
            "leave it out, and ask a human to set it later",
        ),
        Some(_) => (id, &*next),
    };
    let how = match authority::field(field) {
        Who::Stricter => " to a looser value",
        Who::Unstarted => " once the work has begun",
        Who::Humans | Who::Anybody => "",
    };
    let what = format!("changing `{}` of {of}{how}", one_line(field));
    Err(actor.refusal(&what).hint(next))
}

/// The typed view of a document, if it is an item's.
fn item_of(doc: &Doc) -> Result<Option<Item>> {
    let item = ItemKind::parse(&doc.kind).map(|_| Item::from_doc(doc));
    item.transpose()
        .map_err(|e| Error::usage(format!("not a valid item: {e}")))
}
