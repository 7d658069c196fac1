//! One mutation: read the state, stage changes in memory, write one commit, swap one ref. The
//! closure that stages is run again on the new state when somebody else was faster, so what it
//! checks is checked again; it must not have effects of its own.

use std::collections::{BTreeMap, BTreeSet};

use super::fault;
use super::gates;
use super::git::repo::{Oid, Pending, Person};
use super::handle::Actor;
use super::join::doc::redact;
use super::join::tree::suffixes;
use super::layout::{self, Family};
use super::random;
use super::state::State;
use super::tree_edit::{Edits, Step, edit_noting};
use super::weight;
use crate::error::{Error, Result};
use crate::model::approval;
use crate::model::codec::{MAX_FILE, decode, encode};
use crate::model::doc::Doc;
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::stamp::{Clock, MAX_MS, Stamp};
use crate::model::stop;
use crate::model::text::one_line;
use crate::model::uid::Uid;
use crate::secret;
use crate::store::read_document::Loaded;

/// The largest document that is written, in bytes: two clones that both wrote one this large must
/// still be able to join them below the codec's limit for a file.
pub(crate) const FILE_MAX: usize = MAX_FILE / 4;

/// From about so many bytes on what was staged by many steps is written.
const LOT: usize = 16 * 1024 * 1024;

/// What a document takes in memory beside its long texts, about.
const DOCUMENT: usize = 8 * 1024;

/// What a commit of the state says of itself.
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// The operation, as the command's words: `task start`.
    pub op: String,
    /// The whole first line.
    pub subject: String,
    /// The ids it is about.
    pub items: Vec<String>,
    /// The commit that it takes back.
    pub reverts: Option<Oid>,
    /// Values written here that an import replaced: uid and field.
    pub overrode: Vec<String>,
}

/// An open transaction.
pub struct Tx<'r> {
    /// The state with everything staged so far.
    pub state: State<'r>,
    clock: Clock,
    actor: Actor,
    staged: BTreeSet<Uid>,
    changes: usize,
    /// Files that are written or taken away as they are, for repair.
    files: BTreeMap<String, Option<Vec<u8>>>,
    /// New documents that are written already, by path.
    filed: Edits,
    /// How many bytes these have.
    filed_bytes: u64,
    /// What was staged since the last time that everything was settled.
    unsettled: Vec<Uid>,
    /// About how many bytes that takes.
    unsettled_bytes: usize,
    /// Where they are written.
    pending: &'r Pending,
    message: Message,
    /// Warnings of secrets that this write brings into the state.
    pub(crate) secrets: Vec<String>,
}

impl<'r> Tx<'r> {
    pub(crate) fn new(state: State<'r>, pending: &'r Pending, clock: Clock, actor: &Actor) -> Self {
        Tx {
            filed: Edits::new(),
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

    /// Who writes.
    pub fn actor(&self) -> &str {
        &self.actor.name
    }

    /// The writer's own name, where it is an agent.
    pub(crate) fn agent(&self) -> Option<&str> {
        self.actor.own.as_deref()
    }

    /// A stamp of its own, for a record born in this write.
    pub fn fresh_stamp(&mut self) -> Stamp {
        self.clock.fresh()
    }

    /// A new uid.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn new_uid(&self) -> Result<Uid> {
        Ok(Uid::from_parts(self.clock.wall_ms(), random::bytes()?))
    }

    /// A short random id for an entry of a record.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn new_entry_id(&self) -> Result<String> {
        Ok(self.new_uid()?.suffix(8).to_string())
    }

    /// Says what this commit is: `op` names the command, `text` goes on.
    pub fn describe(&mut self, op: &str, items: &[&str], text: &str) {
        self.message = Message {
            op: op.to_string(),
            subject: format!("{op} {text}"),
            items: items.iter().map(ToString::to_string).collect(),
            ..Message::default()
        };
    }

    /// Names the commit that this one takes back.
    pub fn reverts(&mut self, commit: Oid) {
        self.message.reverts = Some(commit);
    }

    /// Names the values written here that an import replaced.
    pub fn overrode(&mut self, values: Vec<String>) {
        self.message.overrode = values;
    }

    /// Replaces the whole first line of the commit's message.
    pub fn subject(&mut self, subject: &str) {
        self.message.subject = subject.to_string();
    }

    /// Stages a new document.
    ///
    /// # Errors
    /// When it is an item whose fields cannot be read back.
    pub fn insert(&mut self, mut doc: Doc) -> Result<()> {
        approval::keep_together(&mut doc, approval::Was::default(), &self.clock);
        let item = match ItemKind::parse(&doc.kind) {
            Some(_) => Some(
                Item::from_doc(&doc).map_err(|e| Error::usage(format!("not a valid item: {e}")))?,
            ),
            None => None,
        };
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

    /// Writes a new document at once and forgets it: for the many of an import, which would not fit
    /// into memory. Nothing of this write may read it again, nor make an item of its birth id.
    ///
    /// # Errors
    /// When it is an item whose fields cannot be read back, or cannot be written.
    pub(crate) fn file(&mut self, mut doc: Doc) -> Result<()> {
        approval::keep_together(&mut doc, approval::Was::default(), &self.clock);
        if ItemKind::parse(&doc.kind).is_some() {
            Item::from_doc(&doc).map_err(|e| Error::usage(format!("not a valid item: {e}")))?;
        }
        let path = layout::path_of(&doc)
            .ok_or_else(|| Error::state(format!("no place for a `{}`", doc.kind)))?;
        let (text, secrets) = self.written(self.pending, doc, "")?;
        self.secrets.extend(secrets);
        let oid = self.pending.spool_blob(text.as_bytes())?;
        self.filed.insert(path, Some(oid));
        self.filed_bytes += text.len() as u64;
        self.changes += 1;
        Ok(())
    }

    /// Says that a step of many is about to be staged, from so many bytes. What the steps before staged
    /// is written and forgotten where it has become much: all that a batch or an import stages would not
    /// fit into memory. What is asked for again is read back.
    ///
    /// # Errors
    /// When something cannot be written.
    pub(crate) fn step(&mut self, bytes: usize) -> Result<()> {
        if !self.filed.is_empty() && fault::point("lot-index").is_err() {
            self.state.lose_index();
        }
        if self.unsettled_bytes > LOT {
            self.settle()?;
        }
        self.unsettled_bytes += DOCUMENT + bytes;
        Ok(())
    }

    fn settle(&mut self) -> Result<()> {
        self.unsettled_bytes = 0;
        for uid in std::mem::take(&mut self.unsettled) {
            // It is noted once for each change.
            if self.state.is_settled(&uid) {
                continue;
            }
            let Some(loaded) = self.state.staged(&uid) else {
                continue;
            };
            let Some(path) = self.settled_path(loaded) else {
                continue;
            };
            let Some(family) = path.split('/').next().and_then(Family::of_folder) else {
                continue;
            };
            if !self.state.settles(family) {
                continue;
            }
            let (text, secrets) = self.written(self.pending, loaded.doc.clone(), &loaded.path)?;
            self.secrets.extend(secrets);
            let oid = self.pending.spool_blob(text.as_bytes())?;
            let before = self.state.settle(uid, (oid, &path, family), text.len());
            self.filed_bytes += text.len() as u64;
            self.filed_bytes -= before as u64;
            self.filed.insert(path, Some(oid));
        }
        self.state.forget();
        Ok(())
    }

    /// Where a staged item or comment is going to lie, if that is settled already.
    fn settled_path(&self, loaded: &Loaded) -> Option<String> {
        let doc = &loaded.doc;
        if !loaded.path.is_empty() {
            let kept = doc.kind == "comment" || loaded.item.is_some();
            return kept.then(|| loaded.path.clone());
        }
        let Some(kind) = ItemKind::parse(&doc.kind) else {
            return (doc.kind == "comment")
                .then(|| layout::path_of(doc))
                .flatten();
        };
        // Of several with one birth id the last one decides what the others are called.
        let named = self.state.named(&doc.born).into_iter();
        let mut same = named.filter(|item| item.born == doc.born && item.kind == kind);
        let alone = same.all(|item| item.uid == doc.uid);
        alone.then(|| layout::path_of(doc)).flatten()
    }

    /// Changes a document. `change` returns whether it changed anything; only then it is staged.
    ///
    /// # Errors
    /// When there is no such document, it cannot be read back as an item, or an agent would take
    /// away what a human put in its way.
    pub fn edit(
        &mut self,
        uid: &Uid,
        change: impl FnOnce(&mut Doc, &Clock) -> bool,
    ) -> Result<bool> {
        self.change(uid, self.actor.own.is_some(), change)
    }

    /// As [`Tx::edit`], where two clones met and a rule decides, whoever syncs.
    ///
    /// # Errors
    /// When there is no such document, or it cannot be read back as an item.
    pub(crate) fn edit_settled(
        &mut self,
        uid: &Uid,
        change: impl FnOnce(&mut Doc, &Clock) -> bool,
    ) -> Result<bool> {
        self.change(uid, false, change)
    }

    /// Changes a document; where it is `guarded`, only if nothing is taken away that a human put in the
    /// way of work.
    fn change(
        &mut self,
        uid: &Uid,
        guarded: bool,
        change: impl FnOnce(&mut Doc, &Clock) -> bool,
    ) -> Result<bool> {
        let clock = self.clock.clone();
        self.changes += 1;
        let Some(loaded) = self.state.loaded_mut(uid) else {
            return Err(Error::not_found(format!("there is no document {uid}")));
        };
        let before = (guarded && loaded.item.is_some()).then(|| loaded.doc.clone());
        let was = approval::Was::of(&loaded.doc);
        if !change(&mut loaded.doc, &clock) {
            self.changes -= 1;
            return Ok(false);
        }
        approval::keep_together(&mut loaded.doc, was, &clock);
        stop::end_where_restored(was.deleted, &mut loaded.doc, &clock);
        let latest = loaded.doc.latest();
        if latest.ms > MAX_MS {
            return Err(Error::refused(format!(
                "{} cannot be changed there: that field has the last stamp that there is, so \
                 nothing can be written over it",
                one_line(loaded.doc.text("id").unwrap_or(uid.as_str()))
            ))
            .hint("other fields can be changed; put what is right into a new item and delete this one")
            .hint("`git pm fsck` names such files, `git log refs/pm/main` who wrote them"));
        }
        self.unsettled_bytes += loaded.doc.text_bytes();
        let item = loaded.item.as_ref().map(|_| Item::from_doc(&loaded.doc));
        let now = item
            .transpose()
            .map_err(|e| Error::usage(format!("not a valid item: {e}")))?;
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

    /// Refuses an agent a change of a document that is as it was. Nothing is staged then.
    fn require_kept(&mut self, uid: &Uid, after: &Doc, now: Option<&Item>) -> Result<()> {
        let (Some(before), Some(now)) = (self.state.loaded(uid), now) else {
            return Ok(());
        };
        let now_ms = self.clock.wall_ms();
        let kept = gates::require_kept(&self.state, before, (after, now), &self.actor, now_ms);
        if kept.is_err() {
            self.changes -= 1;
        }
        kept
    }

    /// How often anything was staged so far: whether a step that failed left something behind.
    pub(crate) fn changes(&self) -> usize {
        self.changes
    }

    /// Stages one file as it is, or takes it away, past the documents: for repair and migration,
    /// which write what the state has no document for.
    pub(crate) fn put_file(&mut self, path: &str, bytes: Option<Vec<u8>>) {
        self.files.insert(path.to_string(), bytes);
    }

    /// Whether anything is staged.
    pub fn is_dirty(&self) -> bool {
        !self.staged.is_empty() || !self.files.is_empty() || !self.filed.is_empty()
    }

    /// Writes the staged documents into a tree, and says what changed, where that is known.
    pub(crate) fn write_tree(&mut self, repo: &Pending) -> Result<(Oid, Option<Step>)> {
        if !self.filed.is_empty() {
            self.settle()?;
        }
        let mut changes = std::mem::take(&mut self.filed);
        let mut written = std::mem::take(&mut self.filed_bytes);
        let staged: Vec<Uid> = self.staged.iter().cloned().collect();
        for uid in staged {
            if self.state.is_settled(&uid) {
                continue;
            }
            let Some(loaded) = self.state.staged(&uid) else {
                continue;
            };
            let (text, secrets) = self.written(repo, loaded.doc.clone(), &loaded.path)?;
            self.secrets.extend(secrets);
            written += text.len() as u64;
            let oid = repo.write_blob(text.as_bytes())?;
            if loaded.path.is_empty() {
                for (path, oid) in self.place(repo, &loaded.doc, oid)? {
                    changes.insert(path, oid);
                }
            } else {
                changes.insert(loaded.path.clone(), Some(oid));
            }
        }
        for (path, bytes) in &self.files {
            let oid = bytes.as_ref().map(|b| repo.write_blob(b)).transpose()?;
            changes.insert(path.clone(), oid);
        }
        self.state.require_settled_read()?;
        weight::require_room(repo, self.state.tree, written)?;
        edit_noting(repo, self.state.tree, &changes)
    }

    /// A document as it is written, and the secrets that it brings.
    fn written(&self, repo: &Pending, mut doc: Doc, path: &str) -> Result<(String, Vec<String>)> {
        // What was redacted for good does not come back by being typed again.
        redact(&mut doc, &self.state.repository.redactions());
        let text = encode(&doc);
        if text.len() > FILE_MAX {
            return Err(Error::usage(format!(
                "{} would have {} bytes, at most {FILE_MAX} are written",
                doc.text("id").unwrap_or(&doc.kind),
                text.len()
            ))
            .hint("keep large texts in a file of the repository and name its path"));
        }
        let secrets = self.new_secrets(repo, &doc, path)?;
        Ok((text, secrets))
    }

    /// Warnings of what looks like a secret in a document and was not there before.
    fn new_secrets(&self, repo: &Pending, doc: &Doc, path: &str) -> Result<Vec<String>> {
        let mut found = secret::in_document(doc);
        if found.is_empty() {
            return Ok(Vec::new());
        }
        if let Some(oid) = repo.file_at(self.state.tree, path)?
            && let Some(bytes) = repo.blob(oid, MAX_FILE)?
            && let Ok(before) = decode(&bytes)
        {
            let known = secret::in_document(&before);
            found.retain(|secret| !known.contains(secret));
        }
        let name = match ItemKind::parse(&doc.kind) {
            Some(_) if self.state.item(&doc.uid).is_none() => doc.shown_id().to_string(),
            _ => self.state.name_of(doc),
        };
        Ok(found.iter().map(|secret| secret.warning(&name)).collect())
    }

    /// The path of a new document. Items whose birth id and uid's end are taken move along with
    /// the others of that birth id, as in a join.
    fn place(&self, repo: &Pending, doc: &Doc, oid: Oid) -> Result<Vec<(String, Option<Oid>)>> {
        let Some(kind) = ItemKind::parse(&doc.kind) else {
            let path = layout::path_of(doc)
                .ok_or_else(|| Error::state(format!("no place for a `{}`", doc.kind)))?;
            return Ok(vec![(path, Some(oid))]);
        };
        let same: Vec<&Loaded> = self
            .state
            .named(&doc.born)
            .into_iter()
            .filter(|item| item.born == doc.born && item.kind == kind)
            .filter_map(|item| self.state.loaded(&item.uid))
            .collect();
        let uids: Vec<Uid> = same.iter().map(|l| l.doc.uid.clone()).collect();
        let mut out = Vec::new();
        for (uid, length) in suffixes(&uids) {
            let path = layout::item_path(kind, &doc.born, &uid, length);
            if uid == doc.uid {
                out.push((path, Some(oid)));
            } else if let Some(other) = same.iter().find(|l| l.doc.uid == uid)
                && other.path != path
                && !other.path.is_empty()
            {
                out.push((other.path.clone(), None));
                out.push((path, Some(repo.write_blob(encode(&other.doc).as_bytes())?)));
            }
        }
        Ok(out)
    }

    /// The commit message with its trailers. A title that holds a redacted text is part of it.
    pub(crate) fn commit_message(&self) -> String {
        let text = message_text(&self.message, &self.actor, &self.clock);
        let redactions = self.state.repository.redactions();
        redactions
            .texts
            .iter()
            .fold(text, |text, name| name.cut_from(&text))
    }
}

/// The message of a commit that no transaction makes.
pub(crate) fn message_of(
    op: &str,
    text: &str,
    items: &[String],
    actor: &Actor,
    clock: &Clock,
) -> String {
    let message = Message {
        op: op.to_string(),
        subject: format!("{op}: {text}"),
        items: items.to_vec(),
        ..Message::default()
    };
    message_text(&message, actor, clock)
}

/// A commit message: one sentence and the trailers that `log` and the clock read.
fn message_text(message: &Message, actor: &Actor, clock: &Clock) -> String {
    let mut text = one_line(&message.subject);
    text.push_str("\n\n");
    text.push_str(&format!("PM-Op: {}\n", one_line(&message.op)));
    text.push_str(&format!("PM-Actor: {}\n", one_line(&actor.name)));
    if let Some(own) = &actor.own {
        text.push_str(&format!("PM-Agent: {}\n", one_line(own)));
    }
    for item in &message.items {
        text.push_str(&format!("PM-Item: {}\n", one_line(item)));
    }
    if let Some(commit) = &message.reverts {
        text.push_str(&format!("PM-Reverts: {commit}\n"));
    }
    for value in &message.overrode {
        text.push_str(&format!("PM-Overrode: {}\n", one_line(value)));
    }
    text.push_str(&format!("PM-Clock: {}\n", clock.tick()));
    text
}

/// A person as a commit's author or committer.
pub(crate) fn person(name: &str, email: &str, now_ms: u64) -> Person {
    Person {
        name: name.to_string(),
        email: email.to_string(),
        seconds: i64::try_from(now_ms / 1000).unwrap_or(0),
    }
}
