//! The requests of a batch: each has the options of its command, and is staged by the function that
//! the command uses.

use std::fmt;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::{Error, Hint, Result};
use crate::model::id::ItemKind;
use crate::model::issue_fields::Gate;
use crate::model::item::Item;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::transaction::Tx;
use crate::work::issue::Update;
use crate::work::issue::close::CloseOptions;
use crate::work::issue::delete::DeleteOptions;
use crate::work::list::descendants::below;
use crate::work::new_item::{ItemEdit, NewItem};
use crate::work::task::cycles::Cycles;
use crate::work::task::deps::edge_type;
use crate::work::task::status_verbs::DoneOptions;

/// A parsed request.
pub type Read = serde_json::Result<Box<dyn Operation>>;

/// An operation that can be staged as often as the transaction runs.
pub trait Operation: fmt::Debug {
    /// The item it changes, as the line names it.
    fn item(&self) -> Option<&str> {
        None
    }

    /// Stages it and returns the item it changed.
    ///
    /// # Errors
    /// The errors of the command.
    fn stage(&self, pm: &Pm, tx: &mut Tx<'_>, cycles: &mut Cycles) -> Result<Uid>;
}

/// `task.create` and the same verb of other kinds.
#[derive(Debug)]
struct Create(ItemKind, NewItem);

impl Operation for Create {
    fn stage(&self, pm: &Pm, tx: &mut Tx<'_>, cycles: &mut Cycles) -> Result<Uid> {
        pm.create_in(tx, cycles, self.0, &self.1)
    }
}

/// Parses the keys of a new item.
pub fn create(kind: ItemKind, keys: Map<String, Value>) -> Read {
    let new = serde_json::from_value(Value::Object(keys))?;
    Ok(Box::new(Create(kind, new)))
}

/// Parses the keys of any other request.
pub fn read<T: Operation + DeserializeOwned + 'static>(keys: Map<String, Value>) -> Read {
    let request: T = serde_json::from_value(Value::Object(keys))?;
    Ok(Box::new(request))
}

/// An operation on one item: its keys other than `id`, and its staging.
macro_rules! on_item {
    ($(#[$doc:meta])* $name:ident { $($(#[$attr:meta])* $field:ident: $type:ty,)* }
     |$self:ident, $pm:ident, $tx:ident, $cycles:ident| $stage:expr) => {
        $(#[$doc])*
        #[derive(Debug, Deserialize)]
        pub struct $name {
            id: String,
            $($(#[$attr])* $field: $type,)*
        }

        impl Operation for $name {
            fn item(&self) -> Option<&str> {
                Some(&self.id)
            }

            fn stage(&$self, $pm: &Pm, $tx: &mut Tx<'_>, $cycles: &mut Cycles) -> Result<Uid> {
                let _ = &$cycles;
                $stage
            }
        }
    };
}

on_item! {
    /// `task.edit`.
    Edit { #[serde(flatten)] edit: ItemEdit, }
    |self, pm, tx, cycles| pm.edit_in(tx, cycles, &self.id, &self.edit)
}

on_item! {
    /// `task.comment`.
    Comment { text: Option<String>, message: Option<String>, }
    |self, pm, tx, cycles| match (&self.text, &self.message) {
        (Some(_), Some(_)) => Err(Error::usage("a comment has `text` or `message`, not both")),
        (text, message) => {
            let text = text.as_ref().or(message.as_ref());
            pm.comment_in(tx, &self.id, text.map_or("", String::as_str))
        }
    }
}

on_item! {
    /// `task.accept`.
    Accept { #[serde(default)] n: Vec<usize>, #[serde(default)] all: bool, evidence: Option<String>, }
    |self, pm, tx, cycles| if self.all && !self.n.is_empty() {
        Err(Error::usage("select criteria with either `n` or `all`, not both"))
    } else {
        pm.accept_in(tx, Some(&self.id), &self.n, self.all, self.evidence.as_deref())
    }
}

on_item! {
    /// `task.approve`.
    Approve { commit: Option<String>, note: Option<String>, }
    |self, pm, tx, cycles| {
        pm.approve_in(tx, &self.id, self.commit.as_deref(), self.note.as_deref())
    }
}

on_item! {
    /// `task.return`.
    Return { note: String, }
    |self, pm, tx, cycles| pm.return_in(tx, &self.id, &self.note)
}

on_item! {
    /// `task.done`.
    Done { #[serde(flatten)] options: DoneOptions, }
    |self, pm, tx, cycles| closing(pm, tx, "done", &self.id, |tx, item, settled| {
        pm.done_in(tx, item, settled, &self.options)
    })
}

on_item! {
    /// `task.cancel`.
    Cancel { reason: Option<String>, }
    |self, pm, tx, cycles| closing(pm, tx, "cancel", &self.id, |tx, item, settled| {
        pm.cancel_in(tx, item, settled, self.reason.as_deref())
    })
}

on_item! {
    /// `task.defer`.
    Defer { reason: Option<String>, }
    |self, pm, tx, cycles| closing(pm, tx, "defer", &self.id, |tx, item, settled| {
        pm.defer_in(tx, item, settled, self.reason.as_deref(), false)
    })
}

on_item! {
    /// `task.undefer`.
    Undefer {}
    |self, pm, tx, cycles| pm.undefer_in(tx, &self.id)
}

on_item! {
    /// `task.block`.
    Block { reason: String, }
    |self, pm, tx, cycles| pm.block_in(tx, &self.id, &self.reason)
}

on_item! {
    /// `task.unblock`.
    Unblock {}
    |self, pm, tx, cycles| pm.unblock_in(tx, &self.id)
}

on_item! {
    /// `task.reopen`.
    Reopen { reason: Option<String>, }
    |self, pm, tx, cycles| pm.reopen_in(tx, &self.id, self.reason.as_deref())
}

on_item! {
    /// `task.reassign`.
    Reassign { to: String, }
    |self, pm, tx, cycles| closing(pm, tx, "reassign", &self.id, |tx, item, settled| {
        pm.reassign_in(tx, item, settled, &self.to)
    })
}

on_item! {
    /// `epic.close` and the same verb of other kinds.
    Close { #[serde(flatten)] options: CloseOptions, }
    |self, pm, tx, cycles| closing(pm, tx, "close", &self.id, |tx, item, settled| {
        pm.close_in(tx, item, settled, &self.options, &[])
    })
}

on_item! {
    /// `task.delete` and the same verb of other kinds.
    Delete { #[serde(flatten)] options: DeleteOptions, }
    |self, pm, tx, cycles| {
        let item = tx.state.find(&self.id)?.uid.clone();
        let mut all = vec![item.clone()];
        if self.options.cascade {
            all.extend(below(&tx.state, &item));
        }
        for uid in &all {
            closing(pm, tx, "delete", uid.as_str(), |tx, item, settled| {
                pm.delete_in(tx, item, settled, &self.options, &all)
            })?;
        }
        Ok(item)
    }
}

on_item! {
    /// `issue.update`.
    UpdateIssue { #[serde(flatten)] update: Update, }
    |self, pm, tx, cycles| closing(pm, tx, "update", &self.id, |tx, item, settled| {
        pm.update_in(tx, item, settled, &self.update, cycles).map(drop)
    })
}

on_item! {
    /// `issue.defer`.
    Deferred { until: Option<String>, reason: Option<String>, #[serde(default)] force: bool, }
    |self, pm, tx, cycles| closing(pm, tx, "defer", &self.id, |tx, item, settled| {
        let (until, reason) = (self.until.as_deref(), self.reason.as_deref());
        pm.defer_until_in(tx, item, settled, until, reason, self.force)
    })
}

on_item! {
    /// `issue.undefer`.
    TakeUp {}
    |self, pm, tx, cycles| {
        let item = tx.state.find(&self.id)?.clone();
        pm.take_up_in(tx, &item)?;
        Ok(item.uid)
    }
}

on_item! {
    /// `dep.add`.
    AddEdge {
        on: String,
        #[serde(rename = "type", default = "blocks")] kind: String,
        #[serde(default)] soft: bool,
        gate: Option<String>,
        #[serde(default)] force: bool,
    }
    |self, pm, tx, cycles| {
        let kind = edge_type(&tx.state, &self.kind, self.force)?;
        let uid = pm.dep_add_in(tx, cycles, &self.id, &self.on, &kind, self.soft)?;
        if let Some(gate) = &self.gate {
            pm.set_gate_in(tx, &uid, &self.on, &kind, Gate::parse(gate)?)?;
        }
        Ok(uid)
    }
}

on_item! {
    /// `dep.rm`.
    RemoveEdge { on: String, #[serde(rename = "type", default = "blocks")] kind: String, }
    |self, pm, tx, cycles| pm.dep_remove_in(tx, &self.id, &self.on, &self.kind)
}

/// The type of a plain dependency.
fn blocks() -> String {
    "blocks".into()
}

/// A change of status that also ends claims. A claim of another clone is ended only through the
/// remote, which only the single command uses.
fn closing(
    pm: &Pm,
    tx: &mut Tx<'_>,
    verb: &str,
    id: &str,
    stage: impl FnOnce(&mut Tx<'_>, &Item, bool) -> Result<()>,
) -> Result<Uid> {
    let item = tx.state.find(id)?.clone();
    let mut alone = false;
    if item.holder().is_some() {
        alone = pm.main_remote().is_none();
        let replica = pm.store.known_replica();
        let replica = replica.as_ref().map_or("", |replica| replica.as_str());
        if let (Some(claim), false) = (item.held_elsewhere(replica), alone) {
            let (id, holder) = (tx.state.shown_id(&item), &claim.actor);
            return Err(Error::remote(format!(
                "{holder} holds {id} in another clone; ending that claim needs the remote"
            ))
            .hint(Hint::run(
                ["task", verb, &id],
                "does it through the remote, outside of a batch",
            )));
        }
    }
    stage(tx, &item, alone)?;
    Ok(item.uid)
}
