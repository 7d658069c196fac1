//! Changes of the state that become one commit.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::edit::{Edit, Transition};
use super::repository::require_prefixed;
use super::state::State;
use super::time::Timestamp;
use crate::coordinate::renew_claims;
use crate::error::{Error, Reason, Result};
use crate::model::id::ItemKind;
use crate::model::text::first_of;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::store::transaction::Tx;
use crate::work::issue::update;
use crate::work::new_item::NewItem;
use crate::work::task::create;
use crate::work::task::cycles::Cycles;
use crate::work::task::edit;
use crate::work::task::field_rules::check_body;
use crate::work::task::status_verbs;

/// The most ids that the first line of a commit names.
const NAMED: usize = 5;

/// An open transaction: see [`Repository::write`](super::Repository::write).
///
/// Every change obeys the rules of the verbs. A value that its field does not take, a transition that
/// is not allowed, an edge that would close a cycle, a change that only a human or only the holder of
/// the item may make: each is an error, and as long as `stage` returns it, nothing is written. Texts
/// that were redacted from the project are redacted again; a text that seems to contain a secret is
/// written, and [`Reader::take_notices`](super::Reader::take_notices) says so.
pub struct Transaction<'t, 'r> {
    pm: &'t Pm,
    tx: &'t mut Tx<'r>,
    touched: BTreeSet<Uid>,
    summary: Option<String>,
}

impl<'t, 'r> Transaction<'t, 'r> {
    pub(super) fn new(pm: &'t Pm, tx: &'t mut Tx<'r>) -> Self {
        Transaction {
            pm,
            tx,
            touched: BTreeSet::new(),
            summary: None,
        }
    }

    /// The state with everything staged so far.
    pub fn state(&self) -> State<'_> {
        State::staged(self.pm, &self.tx.state)
    }

    /// The time of this write, the same for all of it.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.tx.clock().wall_ms())
    }

    /// What the commit says was done, in one line; by default the ids of the items.
    pub fn summarize(&mut self, text: impl Into<String>) {
        self.summary = Some(text.into());
    }

    /// Creates an item, and returns its uid.
    ///
    /// # Errors
    /// When the title or a field is not valid.
    pub fn create(&mut self, kind: ItemKind, title: &str, edit: &Edit) -> Result<Uid> {
        let mut fields = edit.0.fields.clone();
        fields.labels = Some(edit.0.add_labels.clone());
        let new = NewItem {
            title: title.to_string(),
            fields,
            ..NewItem::default()
        };
        let uid = create::create_in(self.pm, self.tx, &mut Cycles::refused(), kind, &new)?;
        self.touched.insert(uid.clone());
        Ok(uid)
    }

    /// Changes fields of an item.
    ///
    /// # Errors
    /// When there is no such item, or a value is not valid for its field.
    pub fn edit(&mut self, item: &Uid, edit: &Edit) -> Result<()> {
        edit::edit_in(
            self.pm,
            self.tx,
            &mut Cycles::refused(),
            item.as_str(),
            &edit.0,
        )?;
        self.touched.insert(item.clone());
        Ok(())
    }

    /// Changes the status of an item.
    ///
    /// # Errors
    /// When there is no such item; reason `status.not_allowed`, `claim.held`, `done.not_accepted` or
    /// `actor.not_human`; kind `Remote` if another clone holds it, since only the remote can end that
    /// claim.
    pub fn transition(&mut self, item: &Uid, to: &Transition) -> Result<()> {
        let (pm, tx) = (self.pm, &mut *self.tx);
        let found = tx.state.find(item.as_str())?.clone();
        let settled = pm.main_remote().is_none();
        match to {
            Transition::Block(reason) => {
                status_verbs::block_in(pm, tx, item.as_str(), reason).map(drop)
            }
            Transition::Unblock => status_verbs::unblock_in(pm, tx, item.as_str()).map(drop),
            Transition::Defer(until) => {
                let until = until.map(|until| until.to_string());
                update::defer_until_in(pm, tx, &found, settled, until.as_deref(), None, false)
            }
            Transition::TakeUp => update::take_up_in(pm, tx, &found),
            Transition::Done(evidence) => {
                let how = (Some(evidence.as_str()), false);
                status_verbs::done_in(pm, tx, &found, settled, how, &[])
            }
            Transition::Cancel(reason) => {
                let how = (Some(reason.as_str()), false);
                status_verbs::cancel_in(pm, tx, &found, settled, how, &[])
            }
            Transition::Reopen(reason) => {
                let reopened = status_verbs::reopen_in(tx, item.as_str(), Some(reason));
                reopened.map(drop)
            }
        }?;
        self.touched.insert(item.clone());
        Ok(())
    }

    /// Comments on an item.
    ///
    /// # Errors
    /// When there is no such item, or the text is empty or too large.
    pub fn comment(&mut self, item: &Uid, text: &str) -> Result<()> {
        let uid = edit::comment_in(self.tx, item.as_str(), text)?;
        self.touched.insert(uid);
        Ok(())
    }

    /// Sets a field of your own on an item; `null` removes it. Every version of git pm keeps it, and
    /// of two concurrent values the later one stays. [`Document::field`](super::Document::field)
    /// reads it.
    ///
    /// The name has a prefix of yours before a dot, `acme.weight`: the format has no such names.
    ///
    /// # Errors
    /// When there is no such item; reason `arguments.invalid` for another name, or a value other than
    /// a text, a whole number, true or false; `actor.not_human` for an agent.
    pub fn set_field(&mut self, item: &Uid, name: &str, value: Json) -> Result<bool> {
        require_prefixed(name, '.', "the name of a field of your own", "acme.weight")?;
        let value = Value::from_json(value);
        match &value {
            Value::Null | Value::Bool(_) | Value::Int(_) => {}
            Value::Str(text) => check_body(text)?,
            Value::Json(_) | Value::Redacted(_) => {
                return Err(Error::usage(format!(
                    "the value of {name} is neither a text nor a whole number, true or false"
                ))
                .because(Reason::ArgumentsInvalid)
                .hint("write a list or an object as the text of its JSON"));
            }
        }
        let uid = self.tx.state.find(item.as_str())?.uid.clone();
        let changed = self
            .tx
            .edit(&uid, |doc, clock| doc.set(name, value, clock))?;
        self.touched.insert(uid);
        Ok(changed)
    }

    /// Describes the commit, and renews the caller's claim as every write does.
    pub(super) fn finish(self, verb: &str) -> Result<()> {
        if !self.tx.is_dirty() {
            return Ok(());
        }
        let state = &self.tx.state;
        let touched = self.touched.iter().filter_map(|uid| state.item(uid));
        let ids: Vec<String> = touched.map(|item| state.shown_id(item)).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let text = self.summary.unwrap_or_else(|| first_of(&ids, NAMED));
        self.tx.describe(verb, &ids, &text);
        renew_claims::renew_here(self.pm, self.tx).map(drop)
    }
}
