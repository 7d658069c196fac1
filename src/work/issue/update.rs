//! Edits of many items at once, including their status.

use crate::coordinate::claim::ownership;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::long_texts;
use crate::model::stamp::rfc3339;
use crate::model::status::Status;
use crate::model::text::{actor, is_same_name};
use crate::model::typed_due_date::{self, DayEnd};
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::pm::handles::Issues;
use crate::pm::shared_views::ItemView;
use crate::store::transaction::Tx;
use crate::work::issue::close;
use crate::work::new_item::ItemEdit;
use crate::work::task::approval::approves;
use crate::work::task::cycles::Cycles;
use crate::work::task::edit;
use crate::work::task::field_rules::state_word;
use crate::work::task::hand_over;
use crate::work::task::many_items;
use crate::work::task::status_verbs;
use crate::work::task::transition::{note_deferral, require_item, set_status};

/// An edit of items.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Update {
    /// New values of fields.
    pub edit: ItemEdit,
    /// The new status of an issue, epic or PRD: a known one, or one used here already.
    pub status: Option<String>,
    /// Text to append to the notes, on separate lines.
    pub append_notes: Option<String>,
    /// The reason for the new status.
    pub reason: Option<String>,
}

impl Update {
    /// True if it cannot change an item.
    pub fn is_empty(&self) -> bool {
        let mut nothing = Update::default();
        nothing.edit.fields.force = self.force();
        *self == nothing
    }

    fn force(&self) -> bool {
        self.edit.fields.force
    }
}

impl Issues<'_> {
    /// Edits items in one commit.
    ///
    /// # Errors
    /// When one of them does not exist, or a value is not valid for its field; nothing is changed
    /// then.
    pub fn update(&self, ids: &[String], update: &Update) -> Result<Vec<ItemView>> {
        hand_over::tell_unknown(self.pm, update.edit.fields.assignee.as_deref())?;
        many_items::settle_edited(
            self.pm,
            "update",
            ids,
            |tx, item| write_in(self.pm, tx, item, update, &mut Cycles::refused()),
            |tx, item, is_final| put_in(self.pm, tx, item, is_final, update),
            Some(""),
        )
    }

    /// Defers items, in one commit: until a time, or until they are undeferred.
    ///
    /// # Errors
    /// When one of them does not exist, its status does not allow it, the time cannot be read, or
    /// another actor holds one, without `force`.
    pub fn defer(
        &self,
        ids: &[String],
        until: Option<&str>,
        reason: Option<&str>,
        force: bool,
    ) -> Result<Vec<ItemView>> {
        let what = match until {
            Some(until) => {
                let ms = typed_due_date::parse(until, &self.pm.now(), DayEnd::First);
                let day = ms.map(|ms| self.pm.env().day(ms));
                format!("until {}", day.as_deref().unwrap_or(until))
            }
            None => reason.unwrap_or("deferred").to_string(),
        };
        many_items::settle_all(
            self.pm,
            "defer",
            ids,
            |tx, item, is_final| defer_until_in(self.pm, tx, item, is_final, until, reason, force),
            Some(&what),
        )
    }

    /// Ends the deferral of items, with or without a time; in one commit.
    ///
    /// # Errors
    /// When one of them does not exist or is not deferred.
    pub fn undefer(&self, ids: &[String]) -> Result<Vec<ItemView>> {
        many_items::settle_all(
            self.pm,
            "undefer",
            ids,
            |tx, item, _| take_up_in(self.pm, tx, item),
            Some("no longer deferred"),
        )
    }
}

/// `Issues::update` of one item as part of a transaction.
pub(crate) fn update_in(
    pm: &Pm,
    tx: &mut Tx<'_>,
    item: &Item,
    is_final: bool,
    update: &Update,
    cycles: &mut Cycles,
) -> Result<Uid> {
    write_in(pm, tx, item, update, cycles)?;
    put_in(pm, tx, item, is_final, update)?;
    Ok(item.uid.clone())
}

/// Writes the fields and texts of an update.
fn write_in(
    pm: &Pm,
    tx: &mut Tx<'_>,
    item: &Item,
    update: &Update,
    cycles: &mut Cycles,
) -> Result<()> {
    ownership::require_free(pm, &tx.state, item, update.force())?;
    edit::edit_in(pm, tx, cycles, item.uid.as_str(), &update.edit)?;
    if let Some(text) = &update.append_notes {
        tx.edit(&item.uid, |doc, clock| {
            long_texts::append(doc, "notes", text, clock)
        })?;
    }
    Ok(())
}

/// Writes the status of an update.
fn put_in(pm: &Pm, tx: &mut Tx<'_>, item: &Item, is_final: bool, update: &Update) -> Result<()> {
    // In beads, being pinned is a status as well as a mark.
    let is_freed = update.edit.fields.pinned == Some(false) && item.status.as_str() == "pinned";
    let word = update.status.as_deref().or(is_freed.then_some("open"));
    if let Some(word) = word {
        let item = require_item(&tx.state, &item.uid)?;
        // No status lets an agent stop or submit work that another actor holds.
        let forced = update.force() && !pm.actor.is_agent;
        ownership::require_free(pm, &tx.state, &item, forced)?;
        set_word(pm, tx, &item, is_final, word, update)?;
    }
    Ok(())
}

/// Gives an issue, epic or PRD any status.
fn set_word(
    pm: &Pm,
    tx: &mut Tx<'_>,
    item: &Item,
    is_final: bool,
    word: &str,
    update: &Update,
) -> Result<()> {
    let reason = update.reason.as_deref();
    let id = tx.state.shown_id(item);
    if item.kind == ItemKind::Task {
        return Err(Error::usage(format!(
            "{id} is a task; use the task commands to change its status"
        ))
        .hint(format!("`git pm task start|block|defer|done|cancel {id}`")));
    }
    let word = state_word(&tx.state, word, update.force())
        .map_err(|error| error.hint("`--force` accepts a custom status"))?;
    let to = match Status::parse(item.kind, &word) {
        Some(status) if word != "tombstone" => status,
        _ => {
            return Err(
                Error::usage(format!("`{word}` is not a status that can be set"))
                    .hint(Hint::run([item.kind.as_str(), "delete", &id], "deletes it")),
            );
        }
    };
    if to == item.status {
        return Ok(());
    }
    if to == Status::ReadyForIntegration {
        return Err(
            Error::refused(format!("{id} can become {to} only by approval")).hint(approves(
                &tx.state,
                item,
                tx.agent().is_some(),
            )),
        );
    }
    let how = (reason, update.force());
    if to == Status::Cancelled {
        return status_verbs::cancel_in(pm, tx, item, is_final, how, &[]);
    }
    if to.is_closed() {
        return close::close_in(pm, tx, item, is_final, how, &[]);
    }
    if to == Status::InProgress && item.holder().is_none() {
        let is_other = |to: &&str| !is_same_name(to, &pm.actor.name);
        match item.assignee.as_deref().filter(is_other) {
            None => pm.notice(format!(
                "{id} has no holder, so others can start it as well: `--claim` instead of the \
                 status, or `git pm issue claim {id}`, claims it"
            )),
            // It would be said to be in the assignee's hands, and no other actor could claim it.
            Some(other) if pm.actor.is_agent => {
                let error = Error::conflict(format!("{id} is assigned to {}", actor(other)));
                let error = error.because(Reason::ClaimHeld).about(&id);
                return Err(match item.status.is_startable() {
                    true => error.hint(Hint::run(["issue", "claim", &id], "claims it for you")),
                    false => error.hint(Hint::run(["next"], "suggests another item")),
                });
            }
            Some(_) => {}
        }
    }
    let mut extra: Vec<(&str, Value)> = Vec::new();
    let started = tx
        .state
        .doc(&item.uid)
        .is_some_and(|doc| doc.text("started_at").is_some());
    if to == Status::InProgress && !started {
        extra.push(("started_at", rfc3339(pm.now_ms()).into()));
        extra.push(("started_by", tx.actor().into()));
    }
    if let Some(reason) = reason {
        extra.push(("reason", reason.into()));
    }
    let in_hand = matches!(to, Status::InProgress | Status::InReview | Status::Blocked);
    if !in_hand {
        status_verbs::end_all(pm, tx, item, is_final, &format!("it became {to}"))?;
    }
    set_status(tx, item, &to, &extra)
}

/// `Issues::defer` of one item as part of a transaction.
pub(crate) fn defer_until_in(
    pm: &Pm,
    tx: &mut Tx<'_>,
    item: &Item,
    is_final: bool,
    until: Option<&str>,
    reason: Option<&str>,
    force: bool,
) -> Result<()> {
    ownership::require_leave(pm, &tx.state, item, reason.is_some(), force)?;
    let Some(until) = until else {
        return status_verbs::defer_in(pm, tx, item, is_final, reason, force);
    };
    if reason.is_some() {
        return Err(
            Error::usage("a deferral until a given time cannot have a reason")
                .hint("omit `until` or `reason`; the reason can be given in a comment"),
        );
    }
    // It clears the field of an edit.
    if until.trim().eq_ignore_ascii_case("none") {
        let id = tx.state.shown_id(item);
        return Err(Error::usage("an item cannot be deferred until `none`")
            .hint(Hint::run(["task", "undefer", &id], "ends the deferral")));
    }
    let mut edit = ItemEdit::default();
    edit.fields.defer = Some(until.to_string());
    edit::edit_in(pm, tx, &mut Cycles::refused(), item.uid.as_str(), &edit)?;
    status_verbs::end_all(pm, tx, item, is_final, "deferred")?;
    crate::coordinate::claim::end_claims::release_item(tx, &item.uid)
}

/// `Issues::undefer` of one item as part of a transaction.
pub(crate) fn take_up_in(pm: &Pm, tx: &mut Tx<'_>, item: &Item) -> Result<()> {
    let timed = item.issue.defer_until.is_some();
    if timed {
        tx.edit(&item.uid, |doc, clock| {
            doc.set("defer_until", Value::Null, clock)
        })?;
        note_deferral(tx, &item.uid)?;
    }
    if item.status == Status::Deferred || !timed {
        status_verbs::undefer_in(pm, tx, item.uid.as_str())?;
    }
    Ok(())
}
